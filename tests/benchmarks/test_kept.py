"""Attacked recordings that are kept."""

import json
from dataclasses import dataclass

import pytest
import soundfile
import torch

from benchmarks.kept import PLAN, kept
from sottovoce.errors import SottovoceError


@dataclass(frozen=True)
class Material:
    seed: int = 0


def batch():
    waveforms = torch.zeros(2, 800)
    waveforms[0] = 0.25
    waveforms[1, :500] = torch.linspace(-0.5, 0.5, 500)
    return waveforms, torch.tensor([800, 500])


def test_recordings_come_from_the_files_and_are_made_once(tmp_path) -> None:
    asked = []

    def make():
        asked.append(1)
        return batch()

    first, lengths = kept(tmp_path / "job", Material(), ["a", "b"], make)
    again, _ = kept(tmp_path / "job", Material(), ["a", "b"], make)
    assert len(asked) == 1 and torch.equal(first, again) and lengths.tolist() == [800, 500]
    assert (first - batch()[0]).abs().max() <= 0.5 / 32768 and not torch.equal(first, batch()[0])
    assert soundfile.info(tmp_path / "job" / "b.wav").frames == 500


def test_recordings_of_another_plan_are_refused(tmp_path) -> None:
    kept(tmp_path / "job", Material(), ["a", "b"], batch)
    for material, names in ((Material(1), ["a", "b"]), (Material(), ["a", "c"])):
        with pytest.raises(SottovoceError, match="another plan"):
            kept(tmp_path / "job", material, names, batch)


def test_an_interrupted_job_is_done_again(tmp_path) -> None:
    kept(tmp_path / "job", Material(), ["a", "b"], batch)
    (tmp_path / "job" / PLAN).unlink()
    louder = batch()[0] * 1.5, batch()[1]
    found, _ = kept(tmp_path / "job", Material(), ["a", "b"], lambda: louder)
    assert found.max() > 0.7
    assert json.loads((tmp_path / "job" / PLAN).read_text())["names"] == ["a", "b"]
