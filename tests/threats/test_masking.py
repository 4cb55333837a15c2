"""The psychoacoustic model against ART's and against known properties of hearing."""

import numpy as np
import pytest
import torch
from art.attacks.evasion.imperceptible_asr.imperceptible_asr import PsychoacousticMasker

from sottovoce.audio import pad
from sottovoce.threats.masking import Masking

RATE = 16_000


def tone(frequency: float, level: float, samples: int = RATE) -> torch.Tensor:
    """A sine with a peak of `level` dB relative to full scale."""
    return 10 ** (level / 20) * torch.sin(2 * torch.pi * frequency / RATE * torch.arange(samples))


@pytest.fixture(scope="module")
def masking() -> Masking:
    return Masking()


@pytest.fixture(scope="module")
def peer() -> PsychoacousticMasker:
    return PsychoacousticMasker(2048, 512, RATE)


def test_the_bark_scale_and_the_threshold_of_hearing_are_arts(masking: Masking, peer: PsychoacousticMasker) -> None:
    np.testing.assert_allclose(masking.bark, peer.bark)
    audible = np.linspace(0, RATE / 2, 1025) >= 20
    np.testing.assert_allclose(masking.quiet[audible], peer.absolute_threshold_hearing[audible])
    np.testing.assert_allclose(masking.quiet[~audible], 3.64 * 0.02**-0.8 - 12.0, atol=0.02)


def test_maskers_spread_as_arts_do(masking: Masking, peer: PsychoacousticMasker) -> None:
    maskers, places = np.array([80.0, 35.0, 60.0]), np.array([40, 200, 700])
    np.testing.assert_allclose(
        masking.spread(maskers, places), peer.calculate_individual_threshold(maskers, places), atol=1e-9
    )


def test_distant_maskers_are_those_of_art(masking: Masking, peer: PsychoacousticMasker) -> None:
    levels = np.full(1025, -100.0)
    for place, level in ((60, 70.0), (200, 50.0), (600, 65.0)):  # ART looks distances up at a wrong index
        levels[place - 1 : place + 2] = level - 6, level, level - 6
    ours, theirs = masking.maskers(levels), peer.find_maskers(levels)
    np.testing.assert_allclose(ours[0], theirs[0])
    np.testing.assert_array_equal(ours[1], theirs[1])
    combined = peer.calculate_global_threshold(peer.calculate_individual_threshold(*theirs))
    np.testing.assert_allclose(masking.threshold(levels)[3:], combined[3:])


@pytest.mark.parametrize(("frequency", "bark"), [(100, 1), (510, 5), (1080, 9), (2000, 13), (4400, 18), (7700, 21)])
def test_the_bark_scale_has_zwickers_critical_bands(masking: Masking, frequency: float, bark: float) -> None:
    assert masking.bark[round(frequency / RATE * 2048)] == pytest.approx(bark, abs=0.2)


@pytest.mark.parametrize(("frequency", "level"), [(100, 22.95), (1000, 3.37), (3300, -4.98), (8000, 4.74)])
def test_the_threshold_in_quiet_is_terhardts_made_stricter(masking: Masking, frequency: float, level: float) -> None:
    assert masking.quiet[round(frequency / RATE * 2048)] == pytest.approx(level - 12.0, abs=0.5)


def test_a_masker_hides_less_at_higher_pitches_and_falls_off_on_both_sides(masking: Masking) -> None:
    for place, level in ((40, 80.0), (300, 60.0), (700, 35.0)):
        spread = masking.spread(np.array([level]), np.array([place]))[0]
        at = float(masking.bark[place])
        below, above = (np.interp(at + step, masking.bark, spread) for step in (-1.0, 1.0))
        assert spread[place] == pytest.approx(level - 6.025 - 0.275 * at)
        assert spread[place] - below == pytest.approx(27.0, abs=0.1)
        assert spread[place] - above == pytest.approx(27.0 - 0.37 * max(level - 40.0, 0.0), abs=0.1)


def test_the_powers_of_two_maskers_and_the_threshold_in_quiet_add_up(masking: Masking) -> None:
    frames = np.full((3, 1025), -100.0)
    frames[0, 100] = frames[2, 100] = 70.0
    frames[1, 200] = frames[2, 200] = 60.0
    first, second, both = (10 ** (masking.threshold(frame) / 10) for frame in frames)
    np.testing.assert_allclose(both, first + second - 10 ** (masking.quiet / 10))


def test_a_frame_without_maskers_has_the_threshold_in_quiet(masking: Masking) -> None:
    np.testing.assert_allclose(masking.threshold(np.full(1025, -100.0)), masking.quiet)


@pytest.mark.parametrize("size", [512, 2048])
def test_the_magnitudes_are_the_levels_below_the_loudest_bin(size: int) -> None:
    masking, speech = Masking(size), tone(1000, -20)[None]
    thresholds = masking.thresholds(speech)
    magnitudes = masking.stft(speech).abs()
    expected = magnitudes.max() * 10 ** ((thresholds.levels - 96.0) / 20)
    torch.testing.assert_close(thresholds.magnitudes(), expected, rtol=1e-3, atol=0)


def test_a_constant_offset_masks_nothing(masking: Masking) -> None:
    speech = tone(1000, -20)[None]
    shifted = masking.thresholds(speech + 0.5).magnitudes()
    torch.testing.assert_close(shifted, masking.thresholds(speech).magnitudes(), rtol=0.02, atol=1e-4)


def test_of_two_close_maskers_the_louder_is_kept(masking: Masking) -> None:
    levels = np.full(1025, 0.0)
    levels[[300, 303]] = 60.0, 50.0
    assert masking.maskers(levels)[1].tolist() == [300]
    levels[[300, 303]] = 50.0, 60.0
    assert masking.maskers(levels)[1].tolist() == [303]


def test_a_loud_tone_masks_a_faint_one_close_to_it_but_not_distant_ones(masking: Masking) -> None:
    speech = tone(1000, 0)[None]
    thresholds = masking.thresholds(speech, torch.tensor([RATE]))
    near, far, low = (thresholds.audibility(tone(f, -40)[None]).item() for f in (1040, 4000, 300))
    assert near < 0.01 * min(far, low) and min(far, low) > 0
    assert thresholds.audibility(torch.zeros(1, RATE)).item() == 0


def test_a_row_in_a_batch_has_its_own_thresholds(masking: Masking) -> None:
    rows = [tone(700, -3, 9000), tone(2000, -20, 5000)]
    batch, lengths = pad(rows)
    changes, _ = pad([tone(3000, -40, 9000), tone(3000, -40, 5000)])
    together = masking.thresholds(batch, lengths).audibility(changes)
    for number, row in enumerate(rows):
        alone = masking.thresholds(row[None], lengths[number : number + 1])
        assert together[number].item() == pytest.approx(
            alone.audibility(changes[number : number + 1, : len(row)]).item(), rel=1e-4
        )
