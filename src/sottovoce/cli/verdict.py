"""A verification in tables and in plain words."""

import math

from rich.table import Table

from sottovoce.evaluation.verify import Behind, Heard, Verification

LOST, DAMAGED = 0.9, 0.6
"""Word error rates from which nearly all, or most, of what was said counts as lost. Character error rates would
mislead: unrelated words still share about a fifth of their letters with the true ones."""
UNHARMED = 0.05
"""Largest rise of the word error rate at which a recogniser counts as unharmed."""

TITLES = {
    "snr": "SNR [dB]",
    "si_sdr": "SI-SDR [dB]",
    "pesq_wb": "PESQ-wb",
    "stoi": "STOI",
    "dnsmos_original": "DNSMOS, original",
    "dnsmos_protected": "DNSMOS, protected",
}
"""Of the measures of quality; others are shown by name."""


def tables(result: Verification) -> list[Table]:
    """How the protected file sounds, and what a recogniser hears."""
    quality = Table(title="The protected file against the original")
    for name in ("snr", *result.quality):
        quality.add_column(TITLES.get(name, name), justify="right")
    quality.add_row(f"{result.snr:.1f}", *(f"{value:.2f}" for value in result.quality.values()))
    strength = Table(title="What enhancers make of the perturbation")
    for name in ("enhancer", "perturbation gain", "energy drop", "RPR"):
        strength.add_column(name, justify="left" if name == "enhancer" else "right")
    heard = Table(title=f"What {result.recognizer} hears")
    for name in ("signal", "CER", "WER"):
        heard.add_column(name, justify="left" if name == "signal" else "right")
    heard.add_column("text", overflow="fold")
    heard.add_row(*_row("original", result.original))
    heard.add_row(*_row("protected", result.protected))
    for name, behind in result.behind.items():
        ill_posed = " (ill-posed)" if behind.rpr_ill_posed else ""
        gains = f"{behind.perturbation_gain:+.1f} dB", f"{behind.energy_drop:+.1f} dB"
        strength.add_row(name, *gains, f"{behind.rpr:.2f}{ill_posed}")
        heard.add_row(*_row(f"original behind {name}", behind.original))
        heard.add_row(*_row(f"protected behind {name}", behind.protected))
    return [quality, strength, heard]


def _row(name: str, heard: Heard) -> tuple[str, str, str, str]:
    return name, _percent(heard.cer), _percent(heard.wer), heard.text or "(nothing)"


def _percent(rate: float) -> str:
    return "–" if math.isnan(rate) else f"{100 * rate:.1f} %"


def sentences(result: Verification) -> list[str]:
    """What is protected, against whom, how well, and what would undo it; a sentence or two each."""
    told = "the true text" if result.reference_given else f"what {result.recognizer} hears in the original"
    lines = [_against(name, behind) for name, behind in result.behind.items()]
    lines.append(f"Error rates count the words, or characters, that differ from {told}.")
    lines.append(_without(result))
    lines.append(
        "Not measured here, and likely to weaken the protection: other enhancers, strong lossy compression, "
        "filtering, added noise, playback over the air."
    )
    return lines + [f"Note: {note}." for note in result.notes]


def _without(result: Verification) -> str:
    rates = f"a word error rate of {_percent(result.protected.wer)} (original: {_percent(result.original.wer)})"
    if result.protected.wer - result.original.wer <= UNHARMED:
        return f"Without an enhancer the words stay: {rates}. Whoever listens to the file as it is gets them."
    return (
        f"Without an enhancer {result.recognizer} is disturbed as well: {rates}. "
        "A person who listens, or a better recogniser, may still get the words."
    )


def _against(name: str, behind: Behind) -> str:
    rate, before = behind.protected.wer, behind.original.wer
    if math.isnan(rate):
        return f"No verdict on {name}: there is no text to compare with."
    opinion = "Protected" if rate >= LOST else "Partly protected" if rate >= DAMAGED else "Not protected"
    told = f"a word error rate of {_percent(rate)} once it has enhanced the file (original: {_percent(before)})"
    if rate >= DAMAGED and before >= DAMAGED:
        told += "; but it loses about as much of the original, so the perturbation is not what protects it"
    return f"{opinion} against {name}: {told}."
