"""Utterances with texts: batches of similar length, tempo and rooms."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.errors import SottovoceError
from sottovoce.training.clips import Variation
from sottovoce.training.transcripts import Transcripts


def test_an_epoch_holds_every_utterance_once_in_batches_of_like_length(transcripts) -> None:
    batches = transcripts.epoch(4, torch.Generator().manual_seed(0))
    assert sorted(place for batch in batches for place in batch) == list(range(20))
    assert [len(batch) for batch in batches] == [4] * 5
    sizes = [{len(transcripts.train[place]) for place in batch} for batch in batches]
    assert sum(len(size) for size in sizes) <= 7


def test_a_batch_has_its_texts_and_lengths(transcripts) -> None:
    waveforms, lengths, texts = transcripts.batch([0, 5], torch.Generator().manual_seed(0))
    assert waveforms.shape == (2, int(lengths.max())) and texts == [transcripts.train_texts[i] for i in (0, 5)]
    for length, text in zip(lengths.tolist(), texts, strict=True):
        assert 0.89 < length / (4000 * len(text)) < 1.12


def test_utterances_are_heard_in_rooms(spelt, tmp_path) -> None:
    soundfile.write(tmp_path / "echo.wav", np.concatenate([[0.8], np.zeros(1599), [0.4]]), 16_000)
    data = Transcripts([spelt], [], Variation(gain=(0.0, 0.0)), [tmp_path], room=0.5)
    data.train[0] = torch.zeros(4000)
    data.train[0][800] = 0.5
    random, echoes = torch.Generator().manual_seed(0), []
    for _ in range(40):
        (waveform,), _, _ = data.batch([0], random)
        echoes.append(float(waveform[2000:].square().sum() / waveform.square().sum()))
    assert {round(echo, 1) for echo in echoes} == {0.0, 0.2}
    assert 8 <= sum(echo > 0.1 for echo in echoes) <= 32


def test_speech_without_texts_is_refused(corpora) -> None:
    with pytest.raises(SottovoceError, match="with texts"):
        Transcripts([corpora[0]], [], Variation())
