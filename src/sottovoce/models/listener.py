"""What is known of somebody who may listen to a file, before anything is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import nn

from sottovoce.errors import SottovoceError
from sottovoce.weights.fetching import Source

Kind = Literal["recogniser", "speaker encoder", "enhancer", "plug-in"]
"""What a listener makes of a file; "plug-in" stands for one that cannot be loaded, so that nobody knows."""


@dataclass(frozen=True)
class Listener:
    """One of the panel.

    Attributes:
        name: what it is called on the command line: letters, digits, dots, hyphens and underscores.
        kind: what it makes of a file.
        family: the kind of network. Attacks cross more easily within a family than between two.
        parameters: how many numbers were learned by gradients, so without statistics of batch normalisation and tables
            of sines; of a published graph, those in the graph, where normalisation is folded into the weights before
            it. None if unknown.
        used_by: who deploys it.
        source: who trained it, and where it is published.
        licence: of the weights.
        gradients: whether an attack can follow its gradients.
        load: gives the listener; raises SottovoceError if it is not here. `load_listener` puts it in evaluation mode.
        locate: gives a file of it without loading it; raises SottovoceError that names the command that brings it.
            None for what is always here.
        fetched_from: where `sottovoce models fetch` gets it; None for what comes with a package.

    Example:
        >>> ears = Listener("ears", "enhancer", "none", 0, "nobody", "made up", "CC0-1.0", True, nn.Identity)
        >>> ears.missing() is None
        True
    """

    name: str
    kind: Kind
    family: str
    parameters: int | None
    used_by: str
    source: str
    licence: str
    gradients: bool
    load: Callable[[], nn.Module]
    locate: Callable[[], object] | None = None
    fetched_from: Source | None = None

    def missing(self) -> str | None:
        """Why it is not on this machine, and the command that brings it; None if it is here."""
        if self.locate is None:
            return None
        try:
            self.locate()
        except SottovoceError as error:
            return str(error).removeprefix(f"{self.name}: ")
        except Exception as error:  # a plug-in's own; the others are to be shown all the same
            return f"cannot be found ({in_one_line(error)}); install it again"
        return None


def in_one_line(error: BaseException) -> str:
    """An error's kind and message, without line breaks."""
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".: ")
