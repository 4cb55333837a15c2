"""Any listener or perturber by name or path."""

from torch import nn

from sottovoce.errors import SottovoceError
from sottovoce.models.base import Model
from sottovoce.models.loading import load_listener
from sottovoce.perturbers import SSED, AdvGAN
from sottovoce.weights import store

PERTURBERS: dict[str, type[Model]] = {SSED.architecture: SSED, AdvGAN.architecture: AdvGAN}


def load(name: str) -> nn.Module:
    """A network, in evaluation mode.

    Args:
        name: a perturber's name (such as "ssed-ecapa-tdnn") or path; or whatever `load_listener` takes, such as
            "metricgan-plus", "metricgan-plus+deep-speech" or a folder.

    Raises:
        SottovoceError: there is no such model, or its file is damaged.

    Example:
        >>> type(load("metricgan-plus")).__name__
        'MetricGANPlus'
    """
    if "+" not in name and (known := _architecture(name)) in PERTURBERS:
        return PERTURBERS[known].load(name)
    return load_listener(name)


def _architecture(name: str) -> str:
    """What the card of a model says it is; empty where there is no card to ask."""
    try:
        return store.load(name)[0].architecture
    except SottovoceError:
        return ""
