"""The attack in rooms: generalises to other rooms, keeps to its band and SNR, and is deterministic."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks.base import Problem
from sottovoce.attacks.over_the_air import TRIAL, Air, OverTheAir, Search
from sottovoce.channels.rooms import reverberate
from sottovoce.threats import LabelMargin, SNRFloor
from sottovoce.threats.domains import WaveformDomain

SAMPLES = 4000


class Tone(nn.Module):
    """Two classes by the power around 2 kHz, which no room removes."""

    def __init__(self) -> None:
        super().__init__()
        self.needed = nn.Parameter(torch.tensor(3.0))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        spectrum = torch.fft.rfft(waveforms)
        places = slice(1900 * SAMPLES // 16_000, 2100 * SAMPLES // 16_000)
        power = spectrum[:, places].abs().square().sum(-1).log()
        return torch.stack([self.needed - power, power - self.needed], -1)


def rooms(count: int, seed: int) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    tails = torch.randn(count, 800, generator=random) * torch.exp(-torch.arange(800) / 150) * 0.3
    tails[:, 0] = 1.0
    return tails


def attack(seed: int = 0, snr: float = 0.0) -> OverTheAir:
    return OverTheAir(rooms(10, 1), seed=seed, snr=snr, batch=4, steps=TRIAL + 10)


@pytest.fixture(scope="module")
def waveforms() -> Tensor:
    return 0.01 * torch.sin(torch.arange(SAMPLES) * 0.05)[None]


def test_it_is_heard_in_rooms_that_it_has_not_tried(waveforms) -> None:
    listener, objective = Tone(), LabelMargin(torch.tensor([1]))
    result = attack()(listener, waveforms, objective)
    heard = reverberate(result.adversarial.expand(20, -1), rooms(20, 2))
    assert (listener(heard).argmax(-1) == 1).float().mean() > 0.9
    assert listener(reverberate(waveforms.expand(20, -1), rooms(20, 2))).argmax(-1).sum() == 0
    assert result.queries.item() == 4 * (6 * TRIAL + 2 * 10) + 2 * 10  # four rooms a step, ten for the last choice


class Counted(LabelMargin):
    """Counts how often its loss is computed."""

    asked = 0

    def rows(self, indices: Tensor) -> "Counted":
        return self

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        self.asked += 1
        return outputs[:, 0] - outputs[:, 1]


def test_the_second_half_descends_on_the_ending(waveforms) -> None:
    first, second = (Counted(torch.tensor([1])) for _ in range(2))
    result = OverTheAir(rooms(10, 1), batch=4, steps=2 * TRIAL, ending=second)(Tone(), waveforms, first)
    assert (first.asked, second.asked) == (TRIAL + 10 + 1, TRIAL)
    answer = Tone()(result.adversarial)
    torch.testing.assert_close(result.loss, answer[:, 0] - answer[:, 1], rtol=1e-4, atol=1e-4)


def test_progress_counts_the_starts(waveforms) -> None:
    told = list[int]()
    found = OverTheAir(rooms(4, 1), batch=1, steps=2 * TRIAL, starts=3, progress=told.append)
    found(Tone(), waveforms, LabelMargin(torch.tensor([1])))
    assert len(told) == told[-1] == 2 * TRIAL
    assert told[TRIAL - 1] == 2 * TRIAL * 3 // 5


@pytest.mark.parametrize("snr", [0.0, 12.0])
def test_no_change_is_louder_than_allowed(waveforms, snr) -> None:
    target = LabelMargin(torch.tensor([1]))
    assert attack(snr=snr)(Tone(), waveforms, target).snr == pytest.approx(snr, abs=0.01)


def test_the_perturbation_stays_in_its_band(waveforms) -> None:
    result = attack()(Tone(), waveforms, LabelMargin(torch.tensor([1])))
    power = torch.fft.rfft(result.adversarial - waveforms).abs().square()[0]
    frequencies = torch.fft.rfftfreq(SAMPLES, 1 / 16_000)
    outside = (frequencies < 990) | (frequencies > 4010)
    assert power[outside].sum() < 1e-4 * power.sum()


def test_the_same_seed_gives_the_same_answer_and_rows_are_apart(waveforms) -> None:
    target = LabelMargin(torch.tensor([1]))
    one, other = (attack(3)(Tone(), waveforms, target).adversarial for _ in range(2))
    assert torch.equal(one, other)
    both = attack(3)(Tone(), waveforms.expand(2, -1).clone(), target, lengths=torch.tensor([SAMPLES, SAMPLES]))
    torch.testing.assert_close(both.adversarial[:1], one, rtol=0, atol=1e-6)


@pytest.fixture
def search(waveforms) -> Search:
    """Two recordings from three starts each, after one step."""
    clean, lengths = waveforms * torch.tensor([[1.0], [2.0]]), torch.full((2,), SAMPLES)
    target = LabelMargin(torch.tensor([1, 1]))
    problem = Problem(Tone(), clean, target, lengths, SNRFloor(0.0), WaveformDomain())
    begun = Search(OverTheAir(rooms(10, 1), batch=4, starts=3), problem)
    begun.go(0)
    return begun


def test_the_best_starts_of_each_recording_go_on(search) -> None:
    before, tried, scores = search.changes.clone(), search.air.latest.clone(), torch.tensor([3.0, 1, 2, 5, 6, 4])
    search.keep(scores, 2)
    assert search.rows.tolist() == [0, 0, 1, 1]
    assert torch.equal(search.changes, before[[1, 2, 3, 5]])
    assert torch.equal(search.air.latest, tried[[1, 2, 3, 5]])
    assert search.queries.tolist() == [12, 12]
    search.go(1)
    search.keep(torch.tensor([1.0, 0.0, 0.0, 1.0]), 1)
    assert search.queries.tolist() == [20, 20]
    assert search.candidates().shape == (2, SAMPLES)


def test_the_one_that_wins_most_rooms_is_given(search) -> None:
    """The loud tone wins most rooms; where no start wins one, the lower loss of the faint tone decides."""
    tone = torch.sin(torch.arange(SAMPLES) * (2 * torch.pi * 2000 / 16_000))
    search.changes = torch.tensor([0.0, 1e-5, 5e-3, 5e-3, 1e-5, 0.0])[:, None] * tone
    heard = [reverberate(waveform.expand(10, -1), rooms(10, 1)) for waveform in search.candidates()]
    lost = torch.stack([(Tone()(each).argmax(-1) != 1).float().mean() for each in heard])
    defeats = search.defeats()
    torch.testing.assert_close(defeats, lost, rtol=0, atol=0.01)
    assert defeats.view(2, 3).argmin(-1).tolist() == [2, 0]
    assert defeats[1] < defeats[0] and defeats[4] < defeats[5]


def test_every_room_is_tried_before_one_is_tried_again() -> None:
    air, waveforms = Air(rooms(10, 1), count=2, batch=4, seed=0), torch.ones(2, SAMPLES)
    seen = list[Tensor]()
    for number in range(3):
        air.play(waveforms, torch.tensor([SAMPLES, SAMPLES]), torch.zeros(2, 1))
        seen.append(air.chosen)
        air.remember(torch.full((8,), float(number)))
    assert all(len(set(torch.cat(seen, 1)[row].tolist())) == 10 for row in range(2))
