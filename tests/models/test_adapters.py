"""One's own networks in the place of ours: padding, shapes, and a gradient to attack."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import PGD
from sottovoce.errors import SottovoceError
from sottovoce.models.adapters import AsEnhancer, AsRecognizer
from sottovoce.threats import Silence, Transcribe


class Centred(nn.Module):
    """Takes each row's mean off, so that padding would matter."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(0.5))

    def forward(self, waveforms: Tensor) -> Tensor:
        return self.gain * (waveforms - waveforms.mean(-1, keepdim=True))


class Spelling(nn.Module):
    """Frames of 100 samples; "A" where the mean is positive, "B" where it is negative, the blank near zero."""

    def forward(self, waveforms: Tensor) -> Tensor:
        level = waveforms.unfold(-1, 100, 100).mean(-1)
        return torch.stack([0.02 - level.abs(), level, -level], -1)


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    waveforms = torch.randn(3, 500, generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([500, 300, 420])
    for row, length in zip(waveforms, lengths.tolist(), strict=True):
        row[length:] = 0.0
    return waveforms, lengths


def test_a_padded_batch_gives_what_its_rows_give_alone(batch) -> None:
    waveforms, lengths = batch
    enhancer = AsEnhancer(Centred())
    enhanced = enhancer(waveforms, lengths)
    assert enhanced.shape == waveforms.shape
    for row, length, found in zip(waveforms, lengths.tolist(), enhanced, strict=True):
        torch.testing.assert_close(found[:length], enhancer(row[None, :length])[0])
        assert not found[length:].any()


def test_a_batch_wider_than_its_longest_row_keeps_its_shape(batch) -> None:
    waveforms, lengths = batch
    wider = nn.functional.pad(waveforms, (0, 50))
    torch.testing.assert_close(AsEnhancer(Centred())(wider, lengths)[:, :500], AsEnhancer(Centred())(*batch))


def test_a_network_of_another_shape_is_named() -> None:
    with pytest.raises(SottovoceError, match=r"Spelling: returns \(1, 5, 3\) for waveforms \(1, 500\)"):
        AsEnhancer(Spelling())(torch.zeros(1, 500))


def test_it_can_be_attacked_and_knows_where_it_is(batch) -> None:
    enhancer = AsEnhancer(Centred())
    assert enhancer.device == torch.device("cpu") and AsEnhancer(nn.Identity()).device == torch.device("cpu")
    result = PGD(steps=5, step=0.1)(enhancer, 0.1 * batch[0], Silence(drop=1.0), lengths=batch[1])
    assert result.success.all()


def test_a_recogniser_spells_each_row_by_its_own_frames() -> None:
    recognizer = AsRecognizer(Spelling(), ("", "A", "B"), name="toy")
    waveforms = torch.zeros(2, 650)
    waveforms[0, :200], waveforms[0, 400:600], waveforms[1, :300] = 1.0, -1.0, -1.0
    lengths = torch.tensor([650, 300])
    assert recognizer.frames(lengths).tolist() == [6, 3]
    assert recognizer.transcribe(waveforms, lengths) == ["AB", "B"]
    logits = recognizer.logits(waveforms, lengths)
    assert logits.shape == (2, 6, 3) and not logits[1, 3:].any()


def test_a_recogniser_can_be_made_to_write_a_text() -> None:
    recognizer = AsRecognizer(Spelling(), ("", "A", "B"))
    waveforms = (0.3 * torch.randn(1, 600, generator=torch.Generator().manual_seed(0))).clamp(-1.0, 1.0)
    result = PGD(steps=30, step=0.05)(recognizer, waveforms, Transcribe(["AB"], recognizer))
    assert result.success.all() and recognizer.transcribe(result.adversarial) == ["AB"]
