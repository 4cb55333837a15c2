"""Objectives for enhancers against closed forms and librosa, independent of padding and of other rows."""

import librosa
import numpy as np
import pytest
import torch
from torch import Tensor

from sottovoce.audio import pad
from sottovoce.threats import Erasure, Noise, Objective, Silence, SpectralSpeech, Speech

LENGTHS = torch.tensor([4, 2])
ORIGINALS = torch.tensor([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 0.0, 0.0]])
OUTPUTS = torch.tensor([[1.0, 3.0, 0.0, 0.0], [3.0, 4.0, 0.0, 0.0]])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_silence_is_the_mean_square_and_the_norm_over_each_rows_own_samples() -> None:
    assert Silence().loss(OUTPUTS, ORIGINALS, LENGTHS).tolist() == [2.5, 12.5]
    assert Silence().distance(OUTPUTS, ORIGINALS, LENGTHS).tolist() == pytest.approx([10**0.5, 5.0])


def test_silence_is_met_once_the_energy_has_dropped_far_enough() -> None:
    outputs = ORIGINALS * torch.tensor([[0.0999], [0.1001]])
    assert Silence(drop=20.0).met(outputs, ORIGINALS, LENGTHS).tolist() == [True, False]


def test_speech_is_the_distance_to_the_target_cut_and_padded_to_each_row() -> None:
    objective = Speech(torch.tensor([[1.0, 1.0, 5.0]]))
    assert objective.target(ORIGINALS, LENGTHS).tolist() == [[1.0, 1.0, 5.0, 0.0], [1.0, 1.0, 0.0, 0.0]]
    assert objective.loss(OUTPUTS, ORIGINALS, LENGTHS).tolist() == pytest.approx([29 / 4, 13 / 2])
    assert objective.distance(OUTPUTS, ORIGINALS, LENGTHS).tolist() == pytest.approx([29**0.5, 13**0.5])


def test_speech_may_differ_from_row_to_row_and_be_longer_than_the_batch() -> None:
    target = torch.arange(12.0).reshape(2, 6)
    assert Speech(target).target(ORIGINALS, LENGTHS).tolist() == [[0, 1, 2, 3], [6, 7, 0, 0]]


def test_rows_keep_their_targets() -> None:
    speech = Speech(torch.arange(6.0).view(2, 3)).rows(torch.tensor([1, 0, 1]))
    assert speech.target(torch.zeros(3, 3), torch.tensor([3, 3, 3]))[:, 0].tolist() == [3.0, 0.0, 3.0]
    silence = Silence()
    assert silence.rows(torch.tensor([1])) is silence


def test_speech_is_met_once_the_error_is_small_enough() -> None:
    target = torch.ones(2, 4)
    error = torch.tensor([[0.0999], [0.1001]]) * torch.ones(2, 4)
    met = Speech(target, snr=20.0).met(target + error, torch.zeros(2, 4), torch.tensor([4, 4]))
    assert met.tolist() == [True, False]


def test_noise_has_the_given_level_and_is_reproducible() -> None:
    first, second = (Noise(100_000, generator=torch.Generator().manual_seed(3), level=-30.0) for _ in range(2))
    assert torch.equal(first.waveform, second.waveform)
    assert 20 * first.waveform.square().mean().sqrt().log10().item() == pytest.approx(-30.0, abs=0.1)


def librosas_bands(waveform: Tensor, count: int) -> np.ndarray:
    padded = np.pad(waveform[0].numpy(), (0, 160))  # librosa omits the last frame that overlaps the signal
    return librosa.feature.melspectrogram(
        y=padded, sr=16000, n_fft=400, hop_length=160, n_mels=count, fmin=60, fmax=7600, htk=True, norm=None,
        pad_mode="constant",
    )  # fmt: skip


def test_spectral_speech_is_the_distance_of_log_spectrograms_whatever_the_phase() -> None:
    target, output, lengths = noise(1, 4000), noise(1, 4000, seed=1), torch.tensor([4000])
    wanted, found = librosas_bands(target, 80), librosas_bands(output, 80)
    floor = 0.01 * wanted.mean()
    expected = np.square(np.log((found + floor) / (wanted + floor))).mean()
    objective = SpectralSpeech(target)
    assert objective.loss(output, output, lengths).item() == pytest.approx(expected, rel=1e-3)
    assert objective.loss(-target, output, lengths).item() == pytest.approx(0, abs=1e-6)
    assert Speech(target).loss(-target, output, lengths).item() > 0.01
    assert objective.met(-target, output, lengths).all() and not objective.met(output, output, lengths).any()


def test_erasure_is_the_mean_log_over_librosas_mel_bands() -> None:
    original, output = noise(1, 4000), noise(1, 4000, seed=1)
    expected = np.log1p(librosas_bands(output, 40) / (0.1 * librosas_bands(original, 40).mean())).mean()
    assert Erasure().loss(output, original, torch.tensor([4000])).item() == pytest.approx(expected, rel=1e-3)
    assert Erasure().loss(torch.zeros(1, 4000), original, torch.tensor([4000])).item() == 0


@pytest.mark.parametrize(
    "objective",
    [
        Silence(),
        Erasure(),
        Speech(noise(1, 3000)),
        SpectralSpeech(noise(1, 3000)),
        Noise(4000, generator=torch.Generator().manual_seed(0)),
    ],
    ids=["silence", "erasure", "speech", "spectral speech", "noise"],
)
def test_a_padded_row_gives_what_it_gives_alone(objective: Objective) -> None:
    sizes = [1501, 4000, 700]
    originals, lengths = pad([noise(size, seed=size) for size in sizes])
    outputs, _ = pad([noise(size, seed=size + 1) for size in sizes])
    for measure in (objective.loss, objective.distance, objective.met):
        together = measure(outputs, originals, lengths)
        assert together.shape == (3,)
        for row, size in enumerate(sizes):
            alone = measure(outputs[row : row + 1, :size], originals[row : row + 1, :size], lengths[row : row + 1])
            torch.testing.assert_close(together[row : row + 1], alone, rtol=1e-5, atol=1e-9)
