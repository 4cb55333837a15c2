"""Properties that hold for every attack."""

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from sottovoce import attacks
from sottovoce.attacks import (
    EOT,
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
from sottovoce.models.adapters import AsEnhancer
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

    attack: type[FGSM] | type[PGD] | type[OPT] | type[EOT]
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
    "eot": Case(EOT, {"steps": 4}),
    "eot shaped": Case(EOT, {"steps": 4, "lr": 0.1, "domain": ShapedDomain, "budget": SNRFloor(10.0)}, snr=10.0),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
attack_kinds = pytest.mark.parametrize(
    "attack", [FGSM(), PGD(steps=2), OPT(steps=2), EOT(steps=2)], ids=["fgsm", "pgd", "opt", "eot"]
)


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
    signal = torch.stack([size * row[:size].var(correction=0) for row, size in zip(originals, lengths, strict=True)])
    torch.testing.assert_close(10 ** (-result.snr / 10) * signal, changes, rtol=1e-4, atol=0)


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
        EOT(steps=2),
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


class Stretched(nn.Module):
    """A bias that any attack could follow, with a gradient; breaks in the way that it is told."""

    def __init__(self, breaks: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.breaks = breaks

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.breaks(Sums()(waveforms, lengths))


SPEECH = 0.1 * torch.randn(2, 800, generator=torch.Generator().manual_seed(0))
SPOILT = SPEECH.clone()
SPOILT[1, 100] = torch.nan
LIMITLESS = SPEECH.clone()
LIMITLESS[0, 3] = torch.inf
WAVEFORMS = r"waveforms must be \(batch, samples\) float32, finite and in \[-1, 1\]; got "
LENGTHS = r"lengths must be \(2,\) integers from 1 to 800; got "
BATCHES = {
    "one dimension": (SPEECH[0], None, WAVEFORMS + r"float32 \(800,\)"),
    "channels": (SPEECH[:, None], None, WAVEFORMS + r"float32 \(2, 1, 800\)"),
    "float64": (SPEECH.double(), None, WAVEFORMS + "float64"),
    "float16": (SPEECH.half(), None, WAVEFORMS + "float16"),
    "int16": ((32767 * SPEECH).short(), None, WAVEFORMS + "int16"),
    "numpy": (SPEECH.numpy(), None, WAVEFORMS + "a ndarray"),
    "no rows": (SPEECH[:0], None, WAVEFORMS + r"an empty batch \(0, 800\)"),
    "no samples": (SPEECH[:, :0], None, WAVEFORMS + r"an empty batch \(2, 0\)"),
    "nan": (SPOILT, None, WAVEFORMS + "NaN or infinite samples in row 1"),
    "inf": (LIMITLESS, None, WAVEFORMS + "NaN or infinite samples in row 0"),
    "beyond full scale": (SPEECH / SPEECH.abs().max() * 1.01, None, WAVEFORMS + r"samples up to ±1.01 in row"),
    "lengths of another count": (SPEECH, torch.tensor([800]), LENGTHS + r"int64 \(1,\)"),
    "lengths in a column": (SPEECH, torch.tensor([[800], [800]]), LENGTHS + r"int64 \(2, 1\)"),
    "lengths as shares": (SPEECH, torch.tensor([1.0, 0.5]), LENGTHS + "float32"),
    "lengths as a mask": (SPEECH, torch.tensor([True, True]), LENGTHS + "bool"),
    "lengths as a list": (SPEECH, [800, 400], LENGTHS + "a list"),
    "a length beyond the batch": (SPEECH, torch.tensor([800, 801]), LENGTHS + r"\[800, 801\]"),
    "a length of zero": (SPEECH, torch.tensor([0, 800]), LENGTHS + r"\[0, 800\]"),
}
named = pytest.mark.parametrize("attack", every_attack()[:-1], ids=lambda attack: type(attack).__name__)


def never(_: Tensor) -> Tensor:
    raise AssertionError("the listener was asked")


@named
@pytest.mark.parametrize(("waveforms", "lengths", "complaint"), BATCHES.values(), ids=BATCHES.keys())
def test_what_is_no_batch_is_refused_before_any_work(
    attack: Attack, waveforms: Tensor, lengths: Tensor, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        attack(Stretched(never), waveforms, LabelMargin(torch.tensor([1])), lengths=lengths)


@named
@pytest.mark.parametrize("listener", [[], [nn.Identity(), max], max, "segan", None])
def test_what_is_no_listener_is_refused(attack: Attack, listener: object) -> None:
    with pytest.raises(ValueError, match=r"listener must be a torch.nn.Module or a sequence of them; got an? "):
        attack(listener, SPEECH, LabelMargin(torch.tensor([1])))


@named
def test_inference_mode_is_refused(attack: Attack) -> None:
    with torch.inference_mode(), pytest.raises(ValueError, match="inference_mode"):
        attack(Sums(), SPEECH, LabelMargin(torch.tensor([1])))


@named
def test_waveforms_made_in_inference_mode_are_attacked_like_others(attack: Attack) -> None:
    with torch.inference_mode():
        made = SPEECH.clone()
    assert attack(Sums(), made, LabelMargin(torch.tensor([1]))).adversarial.shape == SPEECH.shape


@named
@pytest.mark.parametrize("kind", [torch.int32, torch.int16])
def test_lengths_of_any_integers_on_any_device_will_do(attack: Attack, kind: torch.dtype) -> None:
    result = attack(Sums(), SPEECH, LabelMargin(torch.tensor([1])), lengths=torch.tensor([800, 500], dtype=kind))
    assert result.queries.dtype == torch.int64 and not result.adversarial[1, 500:].any()


@named
def test_what_lies_in_the_padding_does_not_matter(attack: Attack) -> None:
    result = attack(Sums(), SPOILT, LabelMargin(torch.tensor([1])), lengths=torch.tensor([800, 100]))
    assert result.adversarial.isfinite().all() and not result.adversarial[1, 100:].any()


@named
def test_a_batch_wider_than_its_longest_row_keeps_its_width(attack: Attack, listener) -> None:
    waveforms = 0.3 * torch.sin(torch.arange(1600.0)).repeat(2, 1)
    waveforms[:, 1200:] = 0.0
    result = attack(AsEnhancer(nn.Hardtanh(-0.2, 0.2)), waveforms, Silence(), lengths=torch.tensor([1200, 700]))
    assert result.adversarial.shape == waveforms.shape and not result.adversarial[:, 1200:].any()


@named
@pytest.mark.parametrize(
    ("breaks", "complaint"),
    [
        (lambda scores: scores * torch.nan, "Stretched returns NaN"),
        (lambda scores: scores * torch.inf, "the loss on Stretched's output is not finite"),
    ],
)
def test_a_listener_that_gives_nonsense_is_named(
    attack: Attack, breaks: Callable[[Tensor], Tensor], complaint: str
) -> None:
    with pytest.raises(SottovoceError, match=complaint):
        attack(Stretched(breaks), SPEECH, LabelMargin(torch.tensor([1])))


@named
def test_an_output_of_another_shape_than_the_waveforms_is_refused(attack: Attack) -> None:
    class Channels(nn.Module):
        def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
            return 0.5 * waveforms[:, None]

    with pytest.raises(SottovoceError, match=r"Channels returns \(\d+, 1, 800\), which does not fit the objective"):
        attack(Channels(), SPEECH, Silence())


@attack_kinds
def test_a_gradient_that_is_not_finite_is_named(attack: Attack) -> None:
    class Root(nn.Module):
        def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
            return torch.sqrt(0.0 * waveforms)  # an infinite slope times 0

    with pytest.raises(SottovoceError, match="the gradient through Root is not finite"):
        attack(Root(), SPEECH, Silence())


SETTINGS = [
    (FGSM, {"step": [0.0, -1.0, math.nan, math.inf, "1"]}),
    (PGD, {"step": [0.0, math.nan], "steps": [0, -1, 2.0, True], "decay": [-0.1, 1.1, math.nan]}),
    (OPT, {"steps": [0, 1.5], "lr": [0.0, -1.0, math.nan], "alpha": [-1.0, math.inf], "decay": [2.0, math.nan]}),
    (
        CarliniWagner,
        {"bound": [0.0, math.nan], "shrink": [0.0, 1.1], "lr": [-1.0, math.nan], "steps": [0], "every": [0, 0.5]},
    ),
    (
        partial(Imperceptible, FGSM()),
        {"alpha": [-1.0, math.nan], "lr": [0.0], "steps": [0], "grow": [(0.5, 20), (1.2, 0)], "shrink": [(1.5, 50)]},
    ),
    (
        partial(OverTheAir, torch.ones(3, 1)),
        {
            "snr": [math.nan, math.inf],
            "step": [0.0, math.nan],
            "steps": [0],
            "batch": [0],
            "starts": [0],
            "finalists": [0],
            "seed": [-1, 0.5],
        },
    ),
    (OverTheAir, {"rooms": [torch.ones(3), torch.ones(0, 4), torch.full((1, 2), torch.nan), None]}),
    (
        Genetic,
        {
            "generator": [0, None],
            "size": [0, 2.0],
            "elite": [-1, 20],
            "mutation": [-0.1, 1.1, math.nan],
            "temperature": [0.0, math.nan],
            "generations": [0],
            "step": [0.0, math.nan],
            "rows": [0],
        },
    ),
    (Swarm, {"generator": [0], "size": [0], "iterations": [0], "epochs": [0], "step": [-1.0, math.nan], "rows": [-1]}),
    (
        Evolutionary,
        {
            "seed": [-1],
            "size": [1],
            "generations": [0],
            "mutation": [2.0, math.nan],
            "sigma": [0.0, math.nan],
            "bound": [0.0, math.inf],
        },
    ),
]


@pytest.mark.parametrize(
    ("make", "name", "value"),
    [(make, name, value) for make, wrong in SETTINGS for name, values in wrong.items() for value in values],
)
def test_figures_out_of_range_are_refused_with_their_name(
    make: Callable[..., Attack], name: str, value: object
) -> None:
    random = {"generator": torch.Generator()} if make in (Genetic, Swarm) else {}
    with pytest.raises(ValueError, match=rf"^{name}.* must be .*"):
        make(**{**random, name: value})
