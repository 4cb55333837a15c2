"""Excerpts are whose they say, and no speaker is both trained and validated on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.training import Augmentation, Voices

PLAIN = Augmentation(noise=0.0, room=0.0, tempi=(1.0,))


def corpus(folder: Path, rows: list[tuple[str, str]]) -> Path:
    """A manifest of (speaker, split); each file is a tone of 100 Hz times its speaker's number."""
    listed = []
    for number, (speaker, split) in enumerate(rows):
        path = folder / f"{number}.wav"
        tone = 0.1 * np.sin(2 * np.pi * 100 * int(speaker) * np.arange(16_000) / 16_000)
        soundfile.write(path, tone, 16_000)
        listed.append(Utterance(path, split, speaker=speaker))
    write_manifest(folder / "list.csv", listed)
    return folder / "list.csv"


def pitch(waveform: torch.Tensor) -> float:
    return float(torch.fft.rfft(waveform).abs().argmax()) * 16_000 / len(waveform)


def test_speakers_are_kept_apart_and_test_material_is_not_read(tmp_path: Path) -> None:
    rows = [(str(s), "train") for s in range(1, 4) for _ in range(4)]
    rows += [("1", "valid"), ("2", "valid"), ("8", "valid"), ("9", "test"), ("3", "test")]
    voices = Voices([corpus(tmp_path, rows)], [], [], PLAIN)
    assert voices.speakers == ["2", "3"]
    # The first of three speakers is held out, with all their utterances; 8 is in no training row.
    assert sorted(voices.valid_speakers) == ["1"] * 5 + ["8"]
    assert len(voices.train) == 8
    waveforms, classes = voices.batch(40, 0.5, torch.Generator().manual_seed(0))
    assert {pitch(w) for w in waveforms} == {200.0, 300.0}
    assert all(pitch(w) == 100 * int(voices.speakers[c]) for w, c in zip(waveforms, classes.tolist(), strict=True))


def test_another_tempo_is_another_speaker_at_another_pitch(tmp_path: Path) -> None:
    rows = [(str(s), "train") for s in (2, 4)] + [("7", "valid"), ("8", "valid")]
    voices = Voices([corpus(tmp_path, rows)], [], [], replace(PLAIN, tempi=(1.0, 0.9, 1.1)))
    assert voices.classes == 6
    waveforms, classes = voices.batch(60, 0.5, torch.Generator().manual_seed(0))
    for waveform, number in zip(waveforms, classes.tolist(), strict=True):
        speaker, tempo = (200, 400)[number % 2], (1.0, 0.9, 1.1)[number // 2]
        assert pitch(waveform) == pytest.approx(speaker * tempo, abs=2)
    assert set(classes.tolist()) == set(range(6))


def test_noise_and_rooms_come_as_often_as_they_should(voices: Voices) -> None:
    generator = torch.Generator().manual_seed(0)
    voices.augmentation, before = replace(PLAIN, noise=1.0, snr=(10.0, 10.0)), voices.augmentation
    try:
        noisy, _ = voices.batch(8, 0.5, generator)
        high = torch.fft.rfft(noisy)[:, 3800:].abs().square().sum(1) / torch.fft.rfft(noisy).abs().square().sum(1)
        assert (high > 1e-3).all()
        voices.augmentation = replace(PLAIN, room=1.0)
        rooms, _ = voices.batch(8, 0.5, torch.Generator().manual_seed(1))
        voices.augmentation = PLAIN
        plain, _ = voices.batch(8, 0.5, torch.Generator().manual_seed(1))
        torch.testing.assert_close(rooms.square().sum(1), plain.square().sum(1), rtol=1e-3, atol=0)
        assert ((rooms - plain).abs().amax(1) > 0.01).all()
    finally:
        voices.augmentation = before


def test_batches_follow_the_generator(voices: Voices) -> None:
    first, again, other = (voices.batch(3, 0.5, torch.Generator().manual_seed(seed))[0] for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert first.abs().max() <= 1


def test_speakers_have_to_be_known(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="not enough speakers"):
        Voices([corpus(tmp_path, [("1", "train"), ("2", "train"), ("3", "valid")])], [], [], PLAIN)
