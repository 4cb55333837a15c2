"""The evolutionary search, on a recogniser simple enough to know its answers."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks.evolutionary import Evolutionary
from sottovoce.channels.band import BandPass
from sottovoce.errors import SottovoceError
from sottovoce.threats import Silence
from sottovoce.threats.objectives.recognizers import Mistranscribe, Transcribe

SAMPLES = 400


class Signs(nn.Module):
    """Writes a letter for every quarter of the recording: A where its mean is negative, B otherwise."""

    alphabet = ("", "A", "B")

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1e4))

    def logits(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        means = waveforms.reshape(len(waveforms), 4, -1).mean(-1)
        scores = self.scale * torch.stack([torch.full_like(means, -1.0), -means, means], -1)
        blanks = torch.zeros_like(scores).index_fill(-1, torch.tensor([0]), 1.0)
        return torch.stack([scores, blanks], 2).flatten(1, 2)

    def frames(self, lengths: Tensor) -> Tensor:
        return torch.full_like(lengths, 8)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.logits(waveforms, lengths)


@pytest.fixture
def waveforms() -> Tensor:
    return 1e-3 * torch.randn(2, SAMPLES, generator=torch.Generator().manual_seed(1)) - 1e-4


def attack(**settings: object) -> Evolutionary:
    return Evolutionary(**{"size": 16, "generations": 30, "mutation": 0.1, **settings})  # type: ignore[arg-type]


def test_it_finds_the_text_with_few_letters_wrong_on_the_way(waveforms: Tensor) -> None:
    listener = Signs()
    objective = Transcribe(["ABBA"], listener)
    result = attack()(listener, waveforms, objective)
    assert result.success.all() and result.queries.tolist() == [16 * 30] * 2
    assert (result.adversarial - waveforms).abs().max() <= 2000 / 32768
    assert torch.equal(result.adversarial, attack()(listener, waveforms, objective).adversarial)


def test_longer_searches_come_nearer_to_the_original(waveforms: Tensor) -> None:
    listener = Signs()
    objective, cepstra = Transcribe(["ABBA"], listener), attack().cepstra
    found = [attack(generations=count, mutation=0.02)(listener, waveforms, objective) for count in (60, 240)]
    short, long = (
        (cepstra(each.adversarial) - cepstra(waveforms)).square().sum((1, 2)) for each in found if each.success.all()
    )
    assert (long <= short).all() and (long < 0.9 * short).any()


def test_the_channel_is_what_the_perturbation_has_gone_through(waveforms: Tensor) -> None:
    listener = Signs()
    result = attack(channel=BandPass(1000, 4000))(listener, waveforms[:1], Transcribe(["ABBA"], listener))
    spectrum = torch.fft.rfft(result.adversarial - waveforms[:1]).abs()[0]
    frequencies = torch.fft.rfftfreq(SAMPLES, 1 / 16_000)
    outside = (frequencies < 990) | (frequencies > 4010)
    assert spectrum[outside].max() < 1e-3 * spectrum.max()


def test_an_objective_without_a_text_is_refused(waveforms: Tensor) -> None:
    with pytest.raises(SottovoceError, match="wrong letters"):
        attack()(Signs(), waveforms, Silence())


def test_edits_count_letters(waveforms: Tensor) -> None:
    listener = Signs()
    logits = listener(torch.tensor([[-1.0], [1.0], [1.0], [-1.0]]).repeat(1, 100).reshape(1, SAMPLES))
    lengths = torch.tensor([SAMPLES])
    assert Transcribe(["ABA"], listener).edits(logits, waveforms, lengths).tolist() == [1.0]
    assert Mistranscribe(["BBBB"], listener).edits(logits, waveforms, lengths).tolist() == [-2.0]
