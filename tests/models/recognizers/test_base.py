"""The likelihoods of recognisers by CTC, against PyTorch's loss."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import full_lengths, pad
from sottovoce.errors import SottovoceError
from sottovoce.models.adapters import AsRecognizer
from sottovoce.models.recognizers import DeepSpeech, PocketSphinx, Recognizer


class Bands(nn.Module):
    """A convolution over frames of 20 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(1, 29, 320, 320)

    def forward(self, waveforms: Tensor) -> Tensor:
        scores: Tensor = self.convolution(waveforms[:, None].to(self.convolution.weight.dtype)).transpose(1, 2)
        return scores


@pytest.fixture(params=["deep-speech", "own"])
def recognizer(request: pytest.FixtureRequest) -> DeepSpeech | AsRecognizer:
    torch.manual_seed(0)
    if request.param == "own":
        return AsRecognizer(Bands(), DeepSpeech.alphabet)
    return DeepSpeech(hidden=8, layers=1).eval()


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return pad([0.3 * torch.randn(size, generator=generator) for size in (8000, 5000)])


def test_likelihood_is_minus_the_ctc_loss(recognizer: DeepSpeech | AsRecognizer, batch: tuple[Tensor, Tensor]) -> None:
    waveforms, lengths = batch
    found = recognizer.likelihood(waveforms, ["Open, door!", "don't"], lengths)
    for row, length, text, value in zip(waveforms, lengths.tolist(), ["OPEN DOOR", "DON'T"], found, strict=True):
        scores = recognizer.logits(row[None, :length])[0, : recognizer.frames(torch.tensor([length])).item()]
        numbers = torch.tensor([recognizer.alphabet.index(letter) for letter in text])
        size = torch.tensor(len(scores)), torch.tensor(len(numbers))
        expected = -functional.ctc_loss(scores.log_softmax(-1), numbers, *size, reduction="sum")
        torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-4)


def test_its_gradient_is_the_slope(recognizer: DeepSpeech | AsRecognizer, batch: tuple[Tensor, Tensor]) -> None:
    exact, lengths = recognizer.double(), batch[1]
    waveforms = batch[0].double().requires_grad_()
    (gradient,) = torch.autograd.grad(exact.likelihood(waveforms, ["go", "stop"], lengths).sum(), waveforms)
    assert not gradient[1, 5000:].any() and gradient.abs().sum(1).all()
    point, direction = waveforms.detach(), gradient / gradient.norm()
    ahead, behind = (
        exact.likelihood(point + step * direction, ["go", "stop"], lengths).sum() for step in (1e-5, -1e-5)
    )
    assert ((ahead - behind) / 2e-5).item() == pytest.approx(gradient.norm().item(), rel=1e-3)


def test_what_does_not_fit_or_cannot_be_written(recognizer: DeepSpeech | AsRecognizer) -> None:
    waveforms = torch.ones(1, 3200, requires_grad=True)
    found = recognizer.likelihood(waveforms, ["much more than fits"])
    assert found.item() == -torch.inf
    found.sum().backward()
    assert waveforms.grad is not None and not waveforms.grad.any()
    with pytest.raises(SottovoceError, match="'7'"):
        recognizer.likelihood(waveforms, ["7 up"])
    with pytest.raises(ValueError, match="2 texts for 1 rows"):
        recognizer.likelihood(waveforms, ["a", "b"])


def test_who_has_an_alphabet_and_a_gradient(recognizer: DeepSpeech | AsRecognizer) -> None:
    everybody: list[Recognizer] = [recognizer, PocketSphinx()]
    assert [each.differentiable for each in everybody] == [True, False]
    assert [each.alphabet for each in everybody] == [DeepSpeech.alphabet, None]
    with pytest.raises(SottovoceError, match="pocketsphinx: has no gradient"):
        everybody[1].likelihood(torch.zeros(1, 160), ["a"], full_lengths(torch.zeros(1, 160)))
