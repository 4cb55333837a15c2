"""Properties that hold for every attack."""

import inspect
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from sottovoce import attacks
from sottovoce.attacks import (
    FGSM,
    OPT,
    PGD,
    Attack,
    CarliniWagner,
    Evolutionary,
    Genetic,
    Imperceptible,
    OverTheAir,
    Swarm,
)
from sottovoce.audio import energy, full_lengths, zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import SEGAN, Enhancer, MetricGANPlus
from sottovoce.threats import (
    L2,
    Erasure,
    LabelMargin,
    LInf,
    Log1pDomain,
    Objective,
    ShapedDomain,
    Silence,
    SNRFloor,
    Speech,
)


class Case(NamedTuple):
    """An attack with its guarantees: largest change of a sample, largest norm of the change, lowest SNR."""

    attack: type[FGSM] | type[PGD] | type[OPT]
    settings: dict[str, object]
    largest: float = 2.0
    norm: float = float("inf")
    snr: float = -float("inf")

    def make(self, **more: object) -> Attack:
        made = {name: value() if isinstance(value, type) else value for name, value in self.settings.items()}
        return self.attack(**made, **more)


CASES = {
    "fgsm": Case(FGSM, {"step": 0.01}, largest=0.01),
    "fgsm log1p": Case(FGSM, {"step": 0.2, "domain": Log1pDomain}),
    "fgsm snr": Case(FGSM, {"step": 0.5, "budget": SNRFloor(20.0)}, snr=20.0),
    "pgd": Case(PGD, {"steps": 4}, largest=8e-3),
    "pgd linf": Case(PGD, {"steps": 4, "budget": LInf(3e-3)}, largest=3e-3),
    "pgd l2": Case(PGD, {"steps": 4, "budget": L2(0.05)}, norm=0.05),
    "pgd log1p": Case(PGD, {"step": 0.05, "steps": 4, "domain": Log1pDomain}),
    "pgd shaped": Case(
        PGD, {"step": 0.1, "steps": 4, "decay": 0.1, "domain": ShapedDomain, "budget": SNRFloor(15.0)}, snr=15.0
    ),
    "pgd far too far": Case(PGD, {"step": 3.0, "steps": 3}),
    "opt": Case(OPT, {"steps": 4}),
    "opt snr": Case(OPT, {"steps": 4, "lr": 0.1, "budget": SNRFloor(20.0), "decay": 0.5}, snr=20.0),
    "opt log1p": Case(OPT, {"steps": 4, "lr": 0.05, "domain": Log1pDomain}),
    "opt shaped": Case(
        OPT, {"steps": 4, "lr": 0.1, "alpha": 1.0, "domain": ShapedDomain, "budget": SNRFloor(10.0)}, snr=10.0
    ),
    "opt far too far": Case(OPT, {"steps": 3, "lr": 3.0}),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
attack_kinds = pytest.mark.parametrize("attack", [FGSM(), PGD(steps=2), OPT(steps=2)], ids=["fgsm", "pgd", "opt"])


class Box(nn.Module):
    """A listener through which no gradient flows."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return 0.5 * waveforms.detach()


class Chain(nn.Module):
    """One listener after another."""

    def __init__(self, *listeners: nn.Module) -> None:
        super().__init__()
        self.listeners = nn.ModuleList(listeners)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        for listener in self.listeners:
            waveforms = listener(waveforms, lengths)
        return waveforms


class Touchy(nn.Module):
    """Every kind of state that an attack could change: dropout, running statistics, recurrent layers."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(1)
        self.recurrent = nn.LSTM(1, 3, num_layers=2, dropout=0.9, batch_first=True)
        self.drop = nn.Dropout(0.9)
        self.head = nn.Linear(3, 1)
        self.broken = False

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        if self.broken:
            raise KeyboardInterrupt
        hidden, _ = self.recurrent(self.norm(waveforms[:, None]).transpose(1, 2))
        return zero_padding(self.head(self.drop(hidden))[..., 0], lengths)


def loss_of(objective: Objective, listener: nn.Module, waveforms: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
    with torch.no_grad():
        return objective.loss(listener(waveforms, lengths), originals, lengths)


@every_case
def test_result_is_measured_on_the_waveforms_that_it_holds(case: Case, listener, other_listener, batch) -> None:
    originals, lengths = batch
    objective = Silence(drop=1.0)
    result = case.make()([listener, other_listener], originals, objective, lengths=lengths)
    outputs = [network(result.adversarial, lengths).detach() for network in (listener, other_listener)]
    losses = torch.stack([objective.loss(output, originals, lengths) for output in outputs])
    met = torch.stack([objective.met(output, originals, lengths) for output in outputs])
    torch.testing.assert_close(result.loss, losses.mean(0))
    assert torch.equal(result.success, met.all(0))
    changes = energy(result.adversarial - originals)
    torch.testing.assert_close(10 ** (-result.snr / 10) * energy(originals), changes, rtol=1e-4, atol=0)


@every_case
def test_result_is_a_waveform_within_the_budget(case: Case, listener, batch) -> None:
    originals, lengths = batch
    result = case.make()(listener, originals, Silence(), lengths=lengths)
    assert result.adversarial.shape == originals.shape and result.adversarial.dtype == torch.float32
    assert not result.adversarial.requires_grad
    assert result.adversarial.abs().max() <= 1
    assert torch.equal(result.adversarial, zero_padding(result.adversarial, lengths))
    changes = result.adversarial - originals
    assert changes.abs().max() <= case.largest + 1e-6
    assert changes.norm(dim=1).max() <= case.norm + 1e-6
    assert result.snr.min() >= case.snr - 1e-3


@every_case
@pytest.mark.parametrize("objective", [Silence(), Erasure(), Speech(0.1 * torch.ones(1, 1300))])
def test_best_iterate_is_never_worse_than_the_start(case: Case, objective: Objective, listener, batch) -> None:
    originals, lengths = batch
    result = case.make()(listener, originals, objective, lengths=lengths)

    def score(waveforms: Tensor) -> Tensor:
        with torch.no_grad():
            output = listener(waveforms, lengths)
        if case.attack is not OPT:
            return objective.loss(output, originals, lengths)
        alpha = float(case.settings.get("alpha", 1e-4))
        return energy(waveforms - originals) / lengths + alpha * objective.distance(output, originals, lengths)

    assert (score(result.adversarial) <= score(originals) * (1 + 1e-5)).all()


@every_case
def test_deterministic(case: Case, listener, batch) -> None:
    first, second = (case.make()(listener, batch[0], Silence(), lengths=batch[1]) for _ in range(2))
    assert torch.equal(first.adversarial, second.adversarial)


@pytest.mark.usefixtures("double")
@every_case
@pytest.mark.parametrize("kind", ["filter", "segan", "metricgan"])
def test_a_padded_row_is_attacked_as_it_is_alone(case: Case, kind: str, listener, batch) -> None:
    torch.manual_seed(0)
    makers = {"filter": lambda: listener, "segan": lambda: SEGAN(width=1 / 64), "metricgan": MetricGANPlus}
    network, (originals, lengths) = makers[kind]().double(), batch
    originals = originals.double()
    together = case.make()(network, originals, Silence(), lengths=lengths)
    for row in range(len(originals)) if kind == "filter" else [1]:
        own = originals[row : row + 1, : lengths[row]]
        alone = case.make()(network, own, Silence())
        cut = together.adversarial[row : row + 1, : lengths[row]]
        # Where a gradient is nothing but rounding, its sign is arbitrary, and so are a few samples.
        assert ((cut - alone.adversarial).abs() > 1e-6).double().mean() < 1e-2
        torch.testing.assert_close(together.loss[row : row + 1], alone.loss, rtol=1e-3, atol=1e-12)
        assert together.success[row] == alone.success[0] and together.queries[row] == alone.queries[0]


@pytest.mark.parametrize("case", [case for name, case in CASES.items() if "too far" not in name])
def test_moves_towards_silence(case: Case, listener, batch) -> None:
    originals, lengths = batch
    settings = {"alpha": 1.0} if case.attack is OPT and "alpha" not in case.settings else {}
    result = case.make(**settings)(listener, originals, Silence(), lengths=lengths)
    assert (result.loss < loss_of(Silence(), listener, originals, originals, lengths)).all()


@attack_kinds
def test_the_same_listener_twice_counts_once(attack: Attack, listener, batch) -> None:
    once = attack(listener, batch[0], Silence(), lengths=batch[1])
    twice = attack([listener, listener], batch[0], Silence(), lengths=batch[1])
    assert torch.equal(once.adversarial, twice.adversarial)


@attack_kinds
def test_without_a_gradient_is_refused_alone_in_a_chain_and_among_others(attack: Attack, listener, batch) -> None:
    for listeners in (Box(), Chain(listener, Box()), [listener, Box()]):
        with pytest.raises(SottovoceError, match="no gradient flows through"):
            attack(listeners, batch[0], Silence())


@attack_kinds
@pytest.mark.parametrize("broken", [False, True])
def test_a_listener_is_left_as_it_was(attack: Attack, broken: bool, batch) -> None:
    torch.manual_seed(0)
    network = Touchy()
    network.recurrent.eval()
    network.head.bias.requires_grad_(False)
    wanted = {name: parameter.requires_grad for name, parameter in network.named_parameters()}
    modes = [module.training for module in network.modules()]
    state = {name: value.clone() for name, value in network.state_dict().items()}
    network.broken = broken
    if broken:
        with pytest.raises(KeyboardInterrupt):
            attack(network, batch[0][:, :50], Silence())
    else:
        attack(network, batch[0][:, :50], Silence())
    assert {name: parameter.requires_grad for name, parameter in network.named_parameters()} == wanted
    assert [module.training for module in network.modules()] == modes
    assert network.recurrent.dropout == 0.9
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


@attack_kinds
def test_a_listener_in_training_is_attacked_as_in_evaluation(attack: Attack, batch) -> None:
    torch.manual_seed(0)
    network, waveforms = Touchy(), batch[0][:, :50]
    trained = attack(network.train(), waveforms, Silence())
    assert torch.equal(trained.adversarial, attack(network.eval(), waveforms, Silence()).adversarial)
    torch.testing.assert_close(
        trained.loss, loss_of(Silence(), network.eval(), trained.adversarial, waveforms, full_lengths(waveforms))
    )


@attack_kinds
def test_silence_is_left_alone_and_nothing_turns_to_nan(attack: Attack, listener) -> None:
    result = attack(listener, torch.zeros(2, 300), Silence())
    assert torch.equal(result.adversarial, torch.zeros(2, 300))
    assert (result.snr == torch.inf).all() and (result.loss == 0).all() and result.success.all()


@pytest.mark.parametrize("network", [SEGAN(width=1 / 64), MetricGANPlus()], ids=["segan", "metricgan"])
def test_originals_are_not_written_to(network: Enhancer, batch) -> None:
    waveforms = batch[0].clone()
    PGD(steps=1)(network, waveforms, Silence(), lengths=batch[1])
    assert torch.equal(waveforms, batch[0])


@pytest.mark.parametrize("kind", [PGD, OPT])
def test_progress_and_queries_are_counted(kind: type[PGD] | type[OPT], listener, batch) -> None:
    seen: list[int] = []
    result = kind(steps=3, progress=seen.append)(listener, batch[0], Silence(), lengths=batch[1])
    assert seen == [1, 2, 3]
    assert result.queries.tolist() == [4, 4, 4]  # each step, and the last iterate


@attack_kinds
def test_inside_no_grad_an_attack_finds_the_same(attack: Attack, listener, batch) -> None:
    expected = attack(listener, batch[0], Silence(), lengths=batch[1])
    with torch.no_grad():
        result = attack(listener, batch[0], Silence(), lengths=batch[1])
    assert torch.equal(result.adversarial, expected.adversarial)


class Sums(nn.Module):
    """Two classes by the sum of the samples."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        total = waveforms.sum(-1) - 0.1
        return torch.stack([-total, total], -1)


def every_attack() -> list[Attack]:
    """One of every class that the package exports."""
    random = torch.Generator().manual_seed(0)
    return [
        FGSM(),
        PGD(steps=2),
        OPT(steps=2),
        CarliniWagner(steps=2),
        Imperceptible(PGD(steps=2), steps=2),
        OverTheAir(torch.ones(3, 1), steps=2),
        Genetic(generator=random, generations=2),
        Swarm(generator=random, iterations=2, epochs=1),
        Evolutionary(size=4, generations=2),
    ]


def test_every_exported_attack_is_among_them() -> None:
    made = {type(attack).__name__ for attack in every_attack()}
    assert made | {"Attack", "AttackResult"} == set(attacks.__all__)


@pytest.mark.parametrize("attack", every_attack()[:-1], ids=lambda attack: type(attack).__name__)
def test_classifiers_are_attacked_inside_no_grad_too(attack: Attack) -> None:
    waveforms = 1e-3 * torch.randn(2, 4000, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        result = attack(Sums(), waveforms, LabelMargin(torch.tensor([1])))
    assert result.queries.min() > 0 and not result.adversarial.requires_grad


@pytest.mark.parametrize("attack", every_attack(), ids=lambda attack: type(attack).__name__)
def test_an_attack_shows_its_settings_in_a_line(attack: Attack) -> None:
    shown = repr(attack)
    assert shown.startswith(f"{type(attack).__name__}(") and "\n" not in shown and " at 0x" not in shown
    for name, parameter in inspect.signature(type(attack)).parameters.items():
        if parameter.default is not None:
            assert f"{name}=" in shown


def test_other_figures_are_shown_and_reports_of_progress_are_not() -> None:
    attack = CarliniWagner(bound=0.05, steps=7, progress=print)
    assert repr(attack) == "CarliniWagner(bound=0.05, shrink=0.8, lr=0.00305176, steps=7, every=10)"
