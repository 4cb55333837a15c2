"""Any listener or perturber by name or path."""

from torch import nn

from sottovoce.models.base import Model
from sottovoce.models.loading import load_listener
from sottovoce.perturbers import SSED, AdvGAN, KeyedSSED
from sottovoce.weights import store

PERTURBERS: dict[str, type[Model]] = {network.architecture: network for network in (SSED, KeyedSSED, AdvGAN)}


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
    architecture = store.architecture_of(name)
    if architecture in PERTURBERS:
        return PERTURBERS[architecture].load(name)
    return load_listener(name)
