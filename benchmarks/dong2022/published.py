"""Values that Dong et al. (2022) print or plot, in the arXiv and the journal version."""

SNRS = (-8, -4, 0, 4, 8)
"""SNRs of the mixtures in dB; the values below are listed in this order."""

ERROR_RATE: dict[str, tuple[float, ...]] = {
    "noisy": (56.3, 30.0, 11.9, 12.4, 5.6),
    "enhanced by segan": (45.3, 29.8, 12.6, 12.0, 4.2),
    "enhanced by metricgan-plus": (38.0, 25.9, 6.7, 4.2, 4.2),
    "opt on metricgan-plus": (76.7, 88.4, 90.8, 79.5, 93.5),
    "opt on segan": (53.3, 30.0, 12.8, 12.8, 4.2),
    "pgd on metricgan-plus": (79.1, 73.3, 78.4, 74.3, 65.7),
    "pgd on segan": (78.9, 71.0, 73.1, 74.4, 72.6),
    "fgsm on metricgan-plus": (44.9, 29.0, 18.6, 6.4, 5.0),
}
"""CER in % on 25 VoiceBank-DEMAND mixtures, by a SpeechBrain recogniser."""
RPR: dict[str, tuple[float, ...]] = {
    "fgsm on metricgan-plus": (0.33, 0.48, 0.53, 0.62, 0.59),
    "opt on metricgan-plus": (1.61, 1.44, 1.30, 1.25, 1.25),
}
DE: dict[str, tuple[float, ...]] = {
    "fgsm on metricgan-plus": (6.9, 3.1, 12.0, 2.2, 0.8),
    "opt on metricgan-plus": (38.6, 62.5, 84.2, 75.4, 89.3),
}
TARGETED_ERROR_RATE = 33.75
TRANSFER: dict[tuple[str, str], tuple[float, float]] = {
    ("metricgan-plus", "metricgan-plus"): (58.4087, 1.2192),
    ("metricgan-plus", "segan"): (19.5005, 0.8575),
    ("segan", "segan"): (53.2389, 1.0758),
    ("segan", "metricgan-plus"): (41.8050, 1.3470),
}
"""DE and RPR of PGD, by the enhancer attacked and the enhancer that listens."""
PESQ = {"segan": 2.16, "metricgan-plus": 3.15}
