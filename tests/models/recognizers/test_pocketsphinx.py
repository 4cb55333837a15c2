"""The offline judge on real recordings, against decoders made anew for each."""

import csv
import subprocess
import sys
from pathlib import Path

import jiwer
import pocketsphinx
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.models.recognizers import PocketSphinx


@pytest.fixture(scope="module")
def recordings(shared_data: Path) -> list[tuple[Tensor, str]]:
    """The shortest utterances of LibriSpeech's test-clean that are longer than 3 s, with what is said in them."""
    with open(shared_data / "manifests" / "librispeech-test-clean.csv", newline="") as file:
        entries = [entry for entry in csv.DictReader(file) if float(entry["seconds"]) > 3]
    entries = sorted(entries, key=lambda entry: float(entry["seconds"]))[:8]
    return [
        (torch.from_numpy(soundfile.read(shared_data / entry["path"], dtype="float32")[0]), entry["text"])
        for entry in entries
    ]


@pytest.fixture(scope="module")
def texts(recordings: list[tuple[Tensor, str]]) -> list[str]:
    return PocketSphinx().transcribe(*pad([waveform for waveform, _ in recordings]))


def noise(samples: int, level: float) -> Tensor:
    return level * torch.randn(samples, generator=torch.Generator().manual_seed(3))


@pytest.mark.shared_data
def test_gets_most_of_the_words_of_read_speech(recordings: list[tuple[Tensor, str]], texts: list[str]) -> None:
    assert jiwer.wer([text for _, text in recordings], texts) < 0.4


@pytest.mark.shared_data
def test_a_row_gives_what_a_new_decoder_gives(recordings: list[tuple[Tensor, str]], texts: list[str]) -> None:
    for (waveform, _), text in list(zip(recordings, texts, strict=True))[-2:]:
        decoder = pocketsphinx.Decoder(loglevel="FATAL")
        decoder.start_utt()
        decoder.process_raw((waveform.numpy() * 2**15).astype("int16").tobytes(), full_utt=True)
        decoder.end_utt()
        assert text == decoder.hyp().hypstr.upper()


@pytest.mark.shared_data
def test_what_came_before_does_not_matter(recordings: list[tuple[Tensor, str]], texts: list[str]) -> None:
    recognizer = PocketSphinx()
    for (waveform, _), text in list(zip(recordings, texts, strict=True))[2::-1]:
        recognizer.transcribe(noise(8000, 0.8)[None])
        assert recognizer.transcribe(waveform[None]) == [text]


@pytest.mark.shared_data
def test_workers_give_the_same_texts_in_the_same_order(recordings: list[tuple[Tensor, str]], texts: list[str]) -> None:
    waveforms, lengths = pad([waveform for waveform, _ in recordings[:5]])
    assert PocketSphinx(workers=2).transcribe(waveforms, lengths) == texts[:5]


@pytest.mark.shared_data
def test_too_loud_is_clipped(recordings: list[tuple[Tensor, str]]) -> None:
    waveform = recordings[0][0]
    loud = waveform / waveform.abs().max() * 1.5
    clipped, wrapped = loud.clamp(-1, 1 - 2**-15), torch.remainder(loud + 1, 2) - 1
    too_loud, right, wrong = PocketSphinx().transcribe(torch.stack([loud, clipped, wrapped]))
    assert too_loud == right != wrong


@settings(max_examples=30)
@given(samples=st.integers(0, 800), level=st.sampled_from([0.0, 1e-4, 0.1, 5.0]))
def test_hears_nothing_in_50_ms(samples: int, level: float) -> None:
    assert PocketSphinx().transcribe(noise(samples, level)[None]) == [""]


def test_it_loads_only_when_it_is_used() -> None:
    script = """
import sys, torch
from sottovoce.models.recognizers import PocketSphinx
recognizer = PocketSphinx()
print("pocketsphinx" in sys.modules)
recognizer.transcribe(0.1 * torch.randn(1, 1600))
print("pocketsphinx" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]


def test_hears_nothing_in_silence_nor_in_padding() -> None:
    waveforms = torch.zeros(2, 32_000)
    waveforms[1, 500:] = noise(31_500, 0.3)
    assert PocketSphinx().transcribe(waveforms, torch.tensor([32_000, 500])) == ["", ""]
    assert PocketSphinx().transcribe(torch.zeros(0, 100)) == []
