"""Values that Guo et al. (2024) print: tables 1 and 2, on LibriSpeech test-clean."""

EER: dict[str, dict[str, tuple[float, float]]] = {
    "white box": {
        "rec-rec": (1.21, 1.64),
        "rec-adv": (18.62, 9.27),
        "adv-adv": (13.69, 18.92),
        "rec-rst": (1.21, 1.64),
        "rec-an": (4.82, 4.80),
    },
    "black box": {
        "rec-rec": (1.21, 2.23),
        "rec-adv": (12.17, 11.78),
        "adv-adv": (9.56, 14.55),
        "rec-rst": (1.15, 2.29),
        "rec-an": (3.78, 5.57),
    },
}
"""EER in % for men and women."""
QUALITY: dict[str, dict[str, float]] = {
    "pesq": {"rec": 4.50, "adv": 3.67, "rst": 4.47, "an": 3.15, "qt": 3.26, "ms": 3.31},
    "snr": {"rec": float("inf"), "adv": 32.44, "rst": 50.29, "an": 24.15, "qt": 26.96, "ms": 15.68},
    "wer": {"rec": 4.08, "adv": 6.94, "rst": 4.08, "an": 5.01, "qt": 5.17, "ms": 5.61},
    "pitch": {"rec": 1.00, "adv": 0.99, "rst": 1.00, "an": 0.95, "qt": 0.98, "ms": 0.95},
    "pitch std": {"rec": 0.00, "adv": 0.03, "rst": 0.01, "an": 0.11, "qt": 0.43, "ms": 0.08},
}
"""WER in % by Whisper; PESQ is the raw score of P.862."""
