"""A voice is hidden by a search against speaker encoders."""

from pathlib import Path

import pytest
import torch

from sottovoce.audio import files
from sottovoce.errors import NotProtectedError
from sottovoce.evaluation.voice import Judge
from sottovoce.models.speakers import ECAPATDNN
from sottovoce.protections.base import protect_file
from sottovoce.protections.voice import Voice


def encoder(name: str, *, seed: int = 0, threshold: float = -1.5) -> Judge:
    """An encoder so small that no two voices differ much."""
    torch.manual_seed(seed)
    return Judge(name, ECAPATDNN(channels=16, aggregated=24).eval(), threshold)


def test_the_search_moves_the_voice_away_within_the_snr_and_asks_who_was_left_out(tmp_path: Path, sound):
    attacked, other = encoder("attacked", threshold=0.9), encoder("other", seed=1)
    protection = Voice([attacked], witnesses=[other], snr=15.0, steps=15)
    report = protect_file(sound(seconds=1.0), tmp_path / "out.wav", protection)
    assert report.effect.attacked["attacked"][0].cosine < 0.9 and report.snr >= 15.0
    assert "other, never attacked, recognises the same voice" in report.line()
    assert "attacked, attacked, hears another voice" in report.line()


def test_several_encoders_are_attacked_at_once(sound):
    one, two = encoder("one"), encoder("two", seed=1)
    heard = torch.from_numpy(files.as_mono_16k(files.read(sound(seconds=1.0))))[None]
    both = Voice([one, two], witnesses=(), snr=10.0, steps=15)
    changed = heard + both.perturb(heard, lambda _: None)
    alone = heard + Voice([one], witnesses=(), snr=10.0, steps=15).perturb(heard, lambda _: None)

    def cosine(judge: Judge, other: torch.Tensor) -> float:
        with torch.no_grad():
            return float((judge.encoder(heard) * judge.encoder(other)).sum())

    assert cosine(two, changed) < cosine(two, alone) < 1.0 and cosine(one, changed) < 1.0


def test_a_voice_that_everybody_attacked_still_recognises_is_not_protected(tmp_path: Path, sound):
    stubborn = encoder("stubborn", threshold=-1.5)
    with pytest.raises(NotProtectedError, match="stubborn recognises the voice as before; try a higher --strength"):
        protect_file(sound(), tmp_path / "out.wav", Voice([stubborn], witnesses=(), steps=1))
    assert not (tmp_path / "out.wav").exists()


def test_silent_windows_stay_as_they_are(sound):
    heard = torch.from_numpy(files.as_mono_16k(files.read(sound(seconds=1.0))))
    quiet = torch.cat([torch.zeros(20 * 16_000), heard])[None]
    change = Voice([encoder("one")], witnesses=(), snr=10.0, steps=2).perturb(quiet, lambda _: None)
    assert not change[0, : 15 * 16_000].any() and change[0, -16_000:].any()
