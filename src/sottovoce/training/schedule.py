"""How a step size goes through a training."""

import math


def one_cycle(progress: float, warm_up: float) -> float:
    """The share of the highest step size at `progress` from 0 to 1: from nearly 0 up in the share `warm_up` of the
    training, then along a cosine to nearly 0.
    """
    if progress < warm_up:
        return 0.05 + 0.95 * progress / warm_up
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * (progress - warm_up) / (1.0 - warm_up)))
