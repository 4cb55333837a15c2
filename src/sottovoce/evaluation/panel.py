"""The panel: the listeners on which a protection is measured, each loaded once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from torch import nn

from sottovoce.errors import SottovoceError
from sottovoce.models.chain import Chain, end_of
from sottovoce.models.devices import choose_device
from sottovoce.models.enhancers import Enhancer
from sottovoce.models.loading import load_listener
from sottovoce.models.registry import ALL, Kind, listeners
from sottovoce.models.speakers import SpeakerEncoder
from sottovoce.weights.fingerprint import fingerprint

DEFAULT = ("whisper-tiny.en", "pocketsphinx", "ecapa-tdnn", "metricgan-plus")
"""Who listens unless somebody is named. All but Whisper are always here."""
TO_VOICES = ("ecapa-tdnn", "metricgan-plus")
"""Those of them who listen where only voices count."""


@dataclass(frozen=True)
class Panel:
    """Listeners by kind and name.

    Attributes:
        recognisers: who writes down what is said, the most accurate first; `Recognizer`s, or chains that end in one.
        encoders: who tells voices apart; `SpeakerEncoder`s with a threshold, or chains that end in one.
        enhancers: who cleans the file before somebody listens; `Enhancer`s, or chains that end in one.
        missing: who is wanted, by "all" or as one of the usual ones, but not here: the kind, and the reason with the
            command that brings it.

    Example:
        >>> panel = Panel.of(["pocketsphinx", "metricgan-plus"])
        >>> list(panel.recognisers), list(panel.enhancers)
        (['pocketsphinx'], ['metricgan-plus'])
    """

    recognisers: dict[str, nn.Module] = field(default_factory=dict)
    encoders: dict[str, nn.Module] = field(default_factory=dict)
    enhancers: dict[str, nn.Module] = field(default_factory=dict)
    missing: dict[str, tuple[Kind, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str] | None = None, device: str = "cpu") -> "Panel":
        """Load listeners.

        Args:
            names: names or paths, or chains of them joined by "+"; "all" stands for everybody whom
                `sottovoce listeners` shows. None for the usual ones: Whisper tiny.en, pocketsphinx, our ECAPA-TDNN and
                MetricGAN+.
            device: "cpu", "cuda", "cuda:N" or "auto".

        Raises:
            SottovoceError: there is no such listener or device, one is neither a recogniser nor a speaker encoder nor
                an enhancer, one is named twice, or somebody who was named (not by "all") is not on this machine.
        """
        panel, chosen = cls(missing=missing(names)), choose_device(device)
        for name in _expanded(names):
            if name not in panel.missing:
                panel.add(name, load_listener(name).to(chosen))
        return panel

    @classmethod
    def around(
        cls, own: Mapping[str, nn.Module], device: str = "cpu", *, usual: Iterable[str] | None = None
    ) -> "Panel":
        """The usual listeners, and those against whom a file was protected, or who were left out of that.

        Args:
            own: listeners by name.
            device: as for `of`.
            usual: names of the usual listeners, as for `of`.
        """
        panel = cls.of(usual, device)
        for name, listener in own.items():
            if name not in (*panel.recognisers, *panel.encoders, *panel.enhancers):
                panel.add(name, listener)
        order = list(listeners())
        best = sorted(panel.recognisers, key=lambda name: order.index(name) if name in order else len(order))
        return replace(panel, recognisers={name: panel.recognisers[name] for name in best})

    def add(self, name: str, listener: nn.Module) -> None:
        """Let another listener join.

        Raises:
            SottovoceError: the name is taken, or the listener is of no kind that can be measured.
        """
        if name in (*self.recognisers, *self.encoders, *self.enhancers):
            raise SottovoceError(f"{name}: named twice; name each listener once")
        end = end_of(listener)
        if not self.can_join(listener):
            raise SottovoceError(f"{name}: neither a recogniser nor a speaker encoder nor an enhancer; name another")
        if isinstance(end, Enhancer):
            self.enhancers[name] = listener
        elif isinstance(end, SpeakerEncoder):
            if end.threshold is None:
                raise SottovoceError(f"{name}: no threshold is known from which two voices count as the same")
            self.encoders[name] = listener
        else:
            self.recognisers[name] = listener

    @staticmethod
    def can_join(listener: nn.Module) -> bool:
        """Whether a listener is of a kind that can be measured; a surrogate, who writes nothing, is of none."""
        end = end_of(listener)
        return isinstance(end, Enhancer | SpeakerEncoder) or hasattr(end, "transcribe")

    def same_as(self, networks: Iterable[nn.Module]) -> list[str]:
        """Names of the listeners who are one of some networks, or contain one, whatever these are called."""
        known = [stage for network in networks for stage in _stages(network)]
        everybody = {**self.recognisers, **self.encoders, **self.enhancers}
        return [name for name, each in everybody.items() if any(_same(a, b) for a in _stages(each) for b in known)]


def _stages(listener: nn.Module) -> list[nn.Module]:
    if not isinstance(listener, Chain):
        return [listener]
    return [each for stage in listener.stages for each in _stages(stage)]


def _same(one: nn.Module, other: nn.Module) -> bool:
    return one is other or (type(one) is type(other) and fingerprint(one) == fingerprint(other))


def missing(names: Iterable[str] | None = None) -> dict[str, tuple[Kind, str]]:
    """Who of a panel is not on this machine, and why; nobody is loaded.

    Args:
        names: as for `Panel.of`.

    Raises:
        SottovoceError: somebody who was named (not by "all") is not here.
    """
    found, known = dict[str, tuple[Kind, str]](), listeners()
    for name in _expanded(names):
        listed = known.get(name)
        reason = None if listed is None else listed.missing()
        if listed is not None and reason is not None:
            if names is not None and name in names:
                raise SottovoceError(f"{name}: {reason}")
            found[name] = listed.kind, reason
    return found


def _expanded(names: Iterable[str] | None) -> list[str]:
    if names is None:
        return list(DEFAULT)
    found: list[str] = []
    for name in names:
        found += [each for each in listeners() if each not in found] if name == ALL else [name]
    return found
