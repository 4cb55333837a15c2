"""What is said about a protected file."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, SerializeAsAny

from sottovoce import __version__


class Effect(BaseModel):
    """What a protection did to its listeners, measured on the written file; each protection has its own.

    Attributes:
        views: the channels, and the mean and differences of several, that were measured; see `audio.views`.
        notes: what a person should know besides.

    Example:
        >>> class Drop(Effect):
        ...     drops: list[float]
        ...     def lines(self):
        ...         return [f"{min(self.drops)} dB quieter{self.where(self.drops.index(min(self.drops)))}"]
        >>> both = Drop.merged([Drop(drops=[20.0]), Drop(drops=[30.0])])
        >>> both.model_copy(update={"views": ["channel 1", "channel 2"]}).lines()
        ['20.0 dB quieter (channel 1)']
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    views: list[str] = []
    notes: list[str] = []

    def lines(self) -> list[str]:
        """What to tell a person, a sentence or two each, without a full stop."""
        raise NotImplementedError

    def failure(self) -> str | None:
        """Why the file does not count as protected, and what would help; None if it does."""
        return None

    def doubts(self) -> list[str]:
        """Who still gets what should be hidden, though the file counts as protected; nothing where nobody does."""
        return []

    @classmethod
    def merged(cls, effects: Sequence[Self]) -> Self:
        """The effects on several views as one: lists are joined, everything else is the same in all of them.

        A note is kept once, whichever views it is of.
        """
        together = cls.model_validate(_merged([effect.model_dump() for effect in effects]))
        return together.model_copy(update={"notes": list(dict.fromkeys(together.notes))})

    def where(self, place: int) -> str:
        """Which view a figure is of, in brackets; nothing for a recording with a single one."""
        return f" ({self.views[place]})" if len(self.views) > 1 else ""


class Report(BaseModel):
    """What was done to one file, measured on the written file.

    Attributes:
        version: of sottovoce.
        protection: its name.
        identity: see `Protection.identity`.
        source, target: as they were named.
        seconds: duration.
        snr: 10·log10(Σ original² / Σ (protected - original)²) over the file's own samples in dB, that of the channel
            where it is lowest; a channel's mean does not count as signal.
        effect: what the protection did to its listeners.
        companion_bytes: size of the companion; 0 without one.
        encrypted_original_bytes: size of the original file itself, compressed and encrypted; 0 without companion.
        notes: what a person should know besides.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    version: str = __version__
    protection: str
    identity: dict[str, Any]
    source: str
    target: str
    seconds: float
    snr: float
    effect: SerializeAsAny[Effect]
    companion_bytes: int = 0
    encrypted_original_bytes: int = 0
    notes: list[str] = []

    def lines(self) -> list[str]:
        """What to tell a person."""
        told = [f"SNR {self.snr:.1f} dB", *self.effect.lines()]
        if self.companion_bytes:
            sizes = f"companion {self.companion_bytes} bytes"
            told.append(f"{sizes} (the original itself, encrypted: {self.encrypted_original_bytes})")
        return [*told, *self.effect.notes, *self.notes]

    def line(self) -> str:
        """The summary in one line."""
        return f"{self.source} → {self.target}: {'; '.join(self.lines())}"


def still(names: Sequence[str], total: int, *, verbs: tuple[str, str], what: str) -> list[str]:
    """That some of those who were asked still get something: no sentence where there are none, or one.

    Args:
        names: of those who do.
        total: how many were asked.
        verbs: what one does, and what several do.
        what: what they get.

    Example:
        >>> still(["a", "b"], 3, verbs=("hears", "hear"), what="it")
        ['only partly protected: a and b still hear it; try more strength or more effort']
    """
    if not names:
        return []
    how = "not protected" if len(names) == total else "only partly protected"
    alone, together = verbs
    who = (
        f"{names[0]} still {alone}" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} still {together}"
    )
    return [f"{how}: {who} {what}; try more strength or more effort"]


def _merged(parts: Sequence[Any]) -> Any:
    first = parts[0]
    if isinstance(first, dict):
        return {key: _merged([part[key] for part in parts]) for key in first}
    if isinstance(first, list):
        return [item for part in parts for item in part]
    return first
