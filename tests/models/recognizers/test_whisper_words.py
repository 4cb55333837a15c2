"""The words that published Whispers hear in real speech."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from benchmarks.recordings import corpus, waveform
from sottovoce.audio.batch import pad
from sottovoce.metrics import corpus_error_rate, normalize
from sottovoce.models.recognizers import Whisper

pytest.importorskip("transformers")
COUNT, BATCH = 40, 8


@pytest.fixture(scope="module")
def speech(shared_data: Path) -> list[tuple[Tensor, str]]:
    """Utterances of LibriSpeech's test-clean with what is said: one of each of 25 speakers, then a second one of 15."""
    turns, seen = [], Counter[str]()
    for utterance in corpus(shared_data, "librispeech-test-clean"):
        seen[utterance.speaker] += 1
        turns.append((seen[utterance.speaker], utterance))
    chosen = [utterance for _, utterance in sorted(turns, key=lambda turn: turn[0])[:COUNT]]
    return sorted([(waveform(each), each.text) for each in chosen], key=lambda pair: len(pair[0]))


@pytest.fixture(scope="module")
def tiny(third_party: Callable[[str], Path]) -> Whisper:
    return Whisper(str(third_party("whisper-tiny.en")))


def test_its_word_error_rate_is_that_of_generation(tiny: Whisper, speech: list[tuple[Tensor, str]]) -> None:
    texts = []
    for start in range(0, COUNT, BATCH):
        texts += tiny.transcribe(*pad([row for row, _ in speech[start : start + BATCH]]))
    assert len(texts) == COUNT
    assert 0.03 < corpus_error_rate([said for _, said in speech], texts) <= 0.095


def test_in_its_own_window_it_writes_what_generation_writes(tiny: Whisper, speech: list[tuple[Tensor, str]]) -> None:
    rows = [row for row, _ in speech[20:22]]
    features = tiny.processor([row.numpy() for row in rows], sampling_rate=16_000, return_tensors="pt").input_features
    theirs = tiny.processor.batch_decode(tiny.model.generate(features, num_beams=1), skip_special_tokens=True)
    whole = Whisper(str(tiny.model.name_or_path), padding=None)
    assert whole.written(*pad(rows)) == [text.strip() for text in theirs]


def test_what_is_said_is_more_likely_than_what_is_not(tiny: Whisper, speech: list[tuple[Tensor, str]]) -> None:
    (first, one), (second, other) = speech[:2]
    batch = pad([first, second])
    with torch.no_grad():
        said, swapped, written = (
            tiny.likelihood(batch[0], texts, batch[1]) for texts in ([one, other], [other, one], tiny.written(*batch))
        )
    assert (said > swapped + 20).all() and (written >= said).all()


def test_a_minute_of_speech_is_heard_to_its_end(tiny: Whisper, speech: list[tuple[Tensor, str]]) -> None:
    rows, said = zip(*speech[-8:], strict=True)
    long = torch.cat(rows)
    assert len(long) > 45 * 16_000
    assert corpus_error_rate([" ".join(said)], tiny.transcribe(long[None])) < 0.15


def test_a_multilingual_one_writes_english(
    third_party: Callable[[str], Path], speech: list[tuple[Tensor, str]]
) -> None:
    base = Whisper(str(third_party("whisper-base")))
    row, said = speech[1]
    assert corpus_error_rate([said], base.transcribe(row[None])) <= 0.25 and normalize(said)
