"""Values that Yang et al. (2020) print: tables 1 to 4 and figure 3."""

SYSTEMS = ("", "dnn", "wave-unet", "unet-at")
"""No enhancer, DNN, U-Net_W and U-Net_At, in the order of the tables."""
MEASURES = ("pesq", "sti", "stoi", "snr")
NOISE = {
    "pesq": (1.97, 2.62, 2.86, 2.88),
    "sti": (0.65, 0.73, 0.81, 0.81),
    "stoi": (0.82, 0.90, 0.93, 0.92),
    "snr": (-1.63, 7.67, 9.83, 9.85),
}
"""Table 1."""
ADVERSARIAL = {
    "pesq": (1.31, 1.21, 1.16, 1.18),
    "sti": (0.67, 0.66, 0.62, 0.64),
    "stoi": (0.84, 0.81, 0.80, 0.81),
    "snr": (-1.52, 7.23, 7.43, 7.68),
}
"""Table 2."""
TRAINED = {
    "pesq": (1.31, 2.55, 2.72, 2.78),
    "sti": (0.67, 0.69, 0.72, 0.75),
    "stoi": (0.84, 0.86, 0.88, 0.90),
    "snr": (-1.52, 7.45, 7.67, 7.92),
}
"""Table 3, after adversarial training."""
ROSA = {
    ("gradient", False): (90.23, 84.86, 83.43, 83.11),
    ("gradient", True): (27.34, 22.21, 19.29, 18.23),
    ("evolutionary", False): (91.21, 85.67, 82.03, 79.35),
    ("evolutionary", True): (20.47, 18.45, 17.81, 16.14),
}
"""Table 4, by attack and whether the recogniser was trained adversarially."""
WER = {
    ("gradient", False): (85.90, 72.97, 67.46, 66.12),
    ("gradient", True): (19.37, 18.92, 17.64, 17.15),
    ("evolutionary", False): (87.90, 83.12, 79.20, 71.12),
    ("evolutionary", True): (19.45, 19.42, 18.44, 17.42),
}
TASR = (7.63, -2.23)
"""Figure 3, in dB: without an enhancer and with U-Net_At."""
ATTACK_SNR = 10.1
"""dB of the published attacks."""
