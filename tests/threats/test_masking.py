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
    np.testing.assert_allclose(masking.quiet, peer.absolute_threshold_hearing)


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
    np.testing.assert_allclose(
        masking.threshold(levels), peer.calculate_global_threshold(peer.calculate_individual_threshold(*theirs))
    )


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
