"""Attack a batch of recordings in several ways, and print a table.

python examples/batch_attack.py
"""

from importlib.resources import files

import torch

from sottovoce import load
from sottovoce.attacks import FGSM, OPT, PGD, Attack
from sottovoce.audio import as_mono_16k, pad, read
from sottovoce.metrics import energy_drop
from sottovoce.threats import Erasure, ShapedDomain, SNRFloor


def main() -> None:
    speech = torch.from_numpy(as_mono_16k(read(str(files("sottovoce") / "data" / "demo.wav"))))
    batch, lengths = pad([speech[:24_000], speech[24_000:44_000], speech[44_000:60_000]])
    enhancer, budget = load("metricgan-plus"), SNRFloor(20.0)
    attacks: dict[str, Attack] = {
        "FGSM": FGSM(step=0.02, budget=budget),
        "PGD": PGD(step=2e-3, steps=15, budget=budget),
        "PGD, shaped": PGD(step=0.02, steps=15, budget=budget, domain=ShapedDomain()),
        "OPT, shaped": OPT(lr=0.05, steps=15, alpha=1.0, budget=budget, domain=ShapedDomain()),
    }
    with torch.no_grad():
        enhanced = enhancer(batch, lengths)
    print(f"{'attack':<12} {'loss':>6} {'SNR':>6} {'queries':>8}   quieter output")
    for name, attack in attacks.items():
        result = attack(enhancer, batch, Erasure(), lengths=lengths)
        with torch.no_grad():
            drop = energy_drop(enhanced, enhancer(result.adversarial, lengths), lengths)
        figures = f"{result.loss.mean():6.2f} {result.snr.mean():6.1f} {result.queries[0]:8d}   {drop.mean():.1f} dB"
        print(f"{name:<12} {figures}")


if __name__ == "__main__":
    main()
