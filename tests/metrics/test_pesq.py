import math
from pathlib import Path
from typing import Literal

import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.metrics import MetricWarning, pesq
from sottovoce.metrics.pesq import raw_from_lqo

Mode = Literal["wb", "nb", "raw"]


@pytest.mark.parametrize(("mode", "best"), [("raw", 4.5), ("nb", 4.549), ("wb", 4.644)])
def test_a_copy_gets_the_highest_score(mode: Mode, best: float, voice: Tensor) -> None:
    assert pesq(voice, voice, mode=mode).tolist() == pytest.approx([best, best], abs=1e-3)


@pytest.mark.parametrize("mode", ["raw", "nb", "wb"])
def test_noise_lowers_it(mode: Mode, voice: Tensor, hiss: Tensor) -> None:
    scores = torch.stack([pesq(voice, voice + level * hiss, mode=mode) for level in (0, 0.05, 0.5, 5)])
    assert (scores.diff(dim=0) < -0.1).all()


@given(raw=st.floats(-0.5, 4.5))
def test_raw_undoes_the_mapping_of_p862_1(raw: float) -> None:
    assert raw_from_lqo(0.999 + 4 / (1 + math.exp(-1.4945 * raw + 4.6607))) == pytest.approx(raw, abs=1e-9)


def test_narrow_band_does_not_hear_what_a_telephone_drops(voice: Tensor) -> None:
    whistle = 0.05 * torch.sin(2 * torch.pi * 6500 * torch.arange(32000) / 16000)
    assert (pesq(voice, voice + whistle, mode="nb") > 4.5).all()
    assert (pesq(voice, voice + whistle, mode="wb") < 4).all()


def test_narrow_band_works_at_8_khz(voice: Tensor, hiss: Tensor) -> None:
    slow = torch.nn.functional.avg_pool1d(voice, 2)
    assert (pesq(slow, slow + hiss[:, :16000], mode="nb", rate=8000) < pesq(slow, slow, mode="nb", rate=8000)).all()


def test_more_utterances_than_the_package_has_room_for_are_measured_in_parts(voice: Tensor, hiss: Tensor) -> None:
    speech = voice[:1].repeat(1, 20)  # 80 syllables in 40 s, of which the package alone dies with a segmentation fault
    noisy = speech + torch.linspace(0, 2, speech.shape[1]) * hiss[:1].repeat(1, 20)
    halves = pesq(speech.reshape(2, -1), noisy.reshape(2, -1), mode="raw")
    assert halves[0] > halves[1] + 0.1
    assert pesq(speech, noisy, mode="raw").item() == pytest.approx(halves.mean().item(), abs=1e-6)


@pytest.mark.parametrize("noise_after", [False, True])
def test_a_part_without_speech_is_left_out(noise_after: bool, voice: Tensor, hiss: Tensor) -> None:
    spoken = 12 * 16000
    speech = voice[:1].repeat(1, 12)
    speech[:, spoken:] = 0
    noisy = speech + hiss[:1].repeat(1, 12)
    noisy[:, spoken:] *= noise_after
    assert pesq(speech, noisy).item() == pytest.approx(pesq(speech[:, :spoken], noisy[:, :spoken]).item(), abs=1e-6)


def test_processes_give_the_same(voice: Tensor, hiss: Tensor) -> None:
    lengths = torch.tensor([30000, 32000])
    noisy = voice + hiss
    assert pesq(voice, noisy, lengths, workers=2).tolist() == pesq(voice, noisy, lengths).tolist()


def test_what_has_no_score_says_why(voice: Tensor) -> None:
    silence, burst = torch.zeros(1, 32000), torch.zeros(1, 32000)
    burst[:, 16000:16800] = torch.rand(800, generator=torch.Generator().manual_seed(0)) - 0.5
    speech = voice[:1]
    for reference, estimate, length, reason in [
        (silence, speech, 32000, "the reference is silent"),
        (speech, silence, 32000, "the estimate is silent"),
        (speech, speech, 3999, "less than 0.25 s"),
        (speech, speech, 0, "no samples"),
        (burst, burst, 32000, "no utterance"),
    ]:
        for workers in (1, 2) if reason == "no samples" else (1,):
            with pytest.warns(MetricWarning, match=reason):
                assert pesq(reference, estimate, torch.tensor([length]), workers=workers).isnan().all()


@pytest.mark.parametrize(("mode", "rate"), [("wb", 8000), ("nb", 44100), ("mos", 16000)])
def test_modes_and_rates_that_do_not_exist_are_refused(mode: Mode, rate: int, voice: Tensor) -> None:
    with pytest.raises(ValueError, match="PESQ"):
        pesq(voice, voice, mode=mode, rate=rate)


@pytest.mark.shared_data
def test_the_noisy_files_of_voicebank_demand(shared_data: Path) -> None:
    folder = shared_data / "voicebank-demand"
    names = sorted(path.name for path in (folder / "clean").glob("*.flac"))
    clean, noisy = (
        pad([torch.from_numpy(soundfile.read(folder / side / name, dtype="float32")[0]) for name in names])
        for side in ("clean", "noisy")
    )
    assert pesq(clean[0], noisy[0], clean[1]).mean().item() == pytest.approx(2.19, abs=0.005)
