"""The report: Markdown and CSV."""

import math
from pathlib import Path

import torch

from benchmarks.keyed.plan import (
    IGNORANT,
    KEY,
    KINDS,
    OTHER_KEY,
    PAIRS,
    PROTECTED,
    RECORDED,
    SEARCHED,
    SEMI_INFORMED,
    Job,
    Plan,
)
from benchmarks.rows import Row
from benchmarks.summary import csv_text
from sottovoce.evaluation.tables import MISSING, table
from sottovoce.writing import make_folder, write_text

GAIN, SHARE = 6.0, 0.8
"""What nobody without the key should exceed: dB above the protected file's SNR; what should be left of its EER."""

WHO = {
    RECORDED: "the recording itself",
    PROTECTED: "the protected file",
    KEY: "the key",
    OTHER_KEY: "another key",
    IGNORANT: "the removal module of {unkeyed}",
    SEMI_INFORMED: "a removal module trained without a key",
    SEARCHED: "a gradient search for the key",
    **{kind: f"{kind} under this key" for kind in PAIRS},
}


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `keyed.md` and `keyed.csv`; a dash stands for what was not measured.

    Raises:
        SottovoceError: a file cannot be written.
    """
    found = {kind: rows[Job(plan, kind).name] for kind in KINDS if Job(plan, kind).name in rows}
    lines = [[WHO[kind].format(unkeyed=plan.unkeyed), *_cells(kind, found, plan)] for kind in found]
    make_folder(out)
    columns = ["", "SNR [dB]", "PESQ-wb", *(f"EER of {name} [%]" for name in plan.encoders)]
    write_text(out / "keyed.md", f"{_head(plan)}\n\n{table(columns, lines)}\n")
    rates = [[kind, *(row[c] for c in RATES)] for kind, each in found.items() for row in each if "eer" in row]
    files = [[kind, *(row[c] for c in FILES)] for kind, each in found.items() for row in each if "file" in row]
    write_text(out / "keyed.csv", csv_text(["files", *RATES], rates))
    write_text(out / "keyed-files.csv", csv_text(["files", *FILES], files))


RATES, FILES = ("encoder", "eer", "low", "high"), ("file", "snr", "pesq")


def _cells(kind: str, found: dict[str, list[Row]], plan: Plan) -> list[str]:
    own = _mean(found[kind], "snr")
    ratio, quality = MISSING if math.isinf(own) else f"{own:.1f}", f"{_mean(found[kind], 'pesq'):.2f}"
    attacks = kind not in (RECORDED, PROTECTED, KEY)
    if attacks and PROTECTED in found and own <= _mean(found[PROTECTED], "snr") + GAIN:
        ratio = f"**{ratio}**"
    rates = []
    for name in plan.encoders:
        row, protected = _rate(found[kind], name), _rate(found.get(PROTECTED, []), name)
        if row is None:
            rates.append(MISSING)
            continue
        text = f"{100 * float(row['eer']):.0f}"
        if attacks and protected is not None and float(row["eer"]) >= SHARE * float(protected["eer"]):
            text = f"**{text}**"
        rates.append(f"{text} [{100 * float(row['low']):.0f}, {100 * float(row['high']):.0f}]")
    return [ratio, quality, *rates]


def _rate(rows: list[Row], encoder: str) -> Row | None:
    return next((row for row in rows if row.get("encoder") == encoder), None)


def _mean(rows: list[Row], key: str) -> float:
    values = [float(row[key]) for row in rows if key in row and not math.isnan(float(row[key]))]
    return torch.tensor(values, dtype=torch.float64).mean().item()


def _head(plan: Plan) -> str:
    return f"""# Who takes off a perturbation that depends on a key

Files that `{plan.generator}` protected, what somebody makes of them, and who speaks in that: equal error rates with
95 % bootstrap intervals over the speakers in brackets. {plan.count} speakers of LibriSpeech test-clean, one file each
(16-bit WAV) under a key of its own, compared with another recording of the same speaker and with 30 of others of the
same sex, all unprotected. SNR and PESQ-wb are means, against the recording.

"The key" and "another key" are the removal module and 24 steps of `refine`. The module without a key was trained for
this generator, on other speakers and under random keys, as the shipped one was. The search has the networks and the
protected file, and looks for the key under which the two undo each other. In the last rows all files have one key, and
the attacker knows as many recordings of others with their files under it, and descends to the key that explains them.
**Bold**: at most {GAIN:g} dB are gained, or at least {100 * SHARE:.0f} % of the protected file's EER are left.

Made by `python -m benchmarks keyed --data DATA --count {plan.count} --seed {plan.seed}`."""
