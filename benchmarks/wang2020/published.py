"""Values that Wang et al. (2020) print: tables 1 and 2, and the numbers of the figures."""

from typing import NamedTuple


class Method(NamedTuple):
    """A line of table 1: success in %, SNR in dB, seconds per clip."""

    success: float
    snr: float
    seconds: float


METHODS: dict[str, dict[str, Method]] = {
    "commands": {
        "genetic": Method(84.96, 15.72, 231.46),
        "swarm": Method(89.25, 17.57, 368.29),
        "generator": Method(92.33, 20.27, 0.009),
    },
    "music": {
        "genetic": Method(82.76, 14.15, 215.36),
        "swarm": Method(89.10, 15.39, 452.21),
        "generator": Method(90.58, 26.92, 0.01),
    },
}
"""Times are of GPUs: 0.009 s and 231 s on a Titan X, 368 s on a GTX 1080 Ti."""
SNR: dict[str, dict[str, float]] = {
    "commands": {
        "yes": 16.73,
        "no": 20.80,
        "up": 21.55,
        "down": 19.69,
        "left": 19.59,
        "right": 23.41,
        "on": 19.4,
        "off": 21.89,
        "stop": 17.66,
        "go": 22.02,
    },
    "music": {
        "blues": 26.91,
        "classical": 24.67,
        "country": 27.21,
        "disco": 27.36,
        "hiphop": 26.44,
        "jazz": 27.32,
        "metal": 26.74,
        "pop": 29.79,
        "reggae": 24.12,
        "rock": 28.66,
    },
}
PESQ: dict[str, dict[str, float]] = {
    "commands": {
        "yes": 2.808,
        "no": 3.179,
        "up": 3.151,
        "down": 3.040,
        "left": 3.208,
        "right": 3.303,
        "on": 2.858,
        "off": 3.151,
        "stop": 3.116,
        "go": 3.060,
    },
    "music": {
        "blues": 3.840,
        "classical": 3.731,
        "country": 3.984,
        "disco": 4.062,
        "hiphop": 3.985,
        "jazz": 3.689,
        "metal": 3.792,
        "pop": 4.230,
        "reggae": 3.896,
        "rock": 4.262,
    },
}
ACCURACY = {"commands": 96.03}
WORST_PAIR = {"commands": 100 - 22.92, "music": 100 - 35.52}
"""The lowest success of a pair of source and target, from the ends of figure 6."""
