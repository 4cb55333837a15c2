"""Speech enhancers: noisy waveforms in, enhanced waveforms out."""

from sottovoce.models import store
from sottovoce.victims.enhancers.base import Enhancer
from sottovoce.victims.enhancers.dtln import DTLN
from sottovoce.victims.enhancers.metricgan import MetricGANPlus
from sottovoce.victims.enhancers.segan import SEGAN

ARCHITECTURES: dict[str, type[Enhancer]] = {kind.architecture: kind for kind in (MetricGANPlus, SEGAN)}


def load_enhancer(name: str) -> Enhancer:
    """The enhancer that the weights called `name` (embedded, fetched or a path) belong to, in evaluation mode.

    Raises:
        SottovoceError: if there is no such model, or its file is damaged.
    """
    card, state = store.load(name)
    return ARCHITECTURES[card.architecture].from_state(card.config, state)


__all__ = ["ARCHITECTURES", "DTLN", "SEGAN", "Enhancer", "MetricGANPlus", "load_enhancer"]
