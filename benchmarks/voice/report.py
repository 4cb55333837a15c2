"""The report: Markdown and CSV."""

import math
from collections.abc import Iterable
from pathlib import Path

import torch

from benchmarks.protecting import NOISE, ORIGINAL
from benchmarks.rows import Row
from benchmarks.summary import csv_text
from benchmarks.voice.plan import SETTINGS, Job, Plan
from sottovoce.evaluation.tables import MISSING, Value, table
from sottovoce.protections.usual import ENCODERS
from sottovoce.writing import make_folder, write_text


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `voice.md` and `voice.csv`; a dash stands for what was not measured.

    Raises:
        SottovoceError: a file cannot be written.
    """
    found = {kind: rows.get(Job(plan, kind).name, []) for kind in (ORIGINAL, NOISE, *SETTINGS)}
    found = {kind: each for kind, each in found.items() if each}
    lines = [
        ["PESQ-wb, median", *(_median(each, "pesq") for each in found.values())],
        ["SNR in dB, median", *(_median(each, "snr") for each in found.values())],
    ]
    for encoder in plan.encoders:
        for channel in _channels(found.values(), encoder):
            title = f"EER of {encoder}" + (f" after {channel}" if channel else "")
            lines.append([title, *(_eer(kind, each, encoder, channel) for kind, each in found.items())])
    for name in plan.recognisers:
        lines.append([f"WER of {name}", *(_words(each, name, plan.seed) for each in found.values())])
    make_folder(out)
    write_text(out / "voice.md", f"{_head(plan)}\n\n{table(['', *found], lines)}\n")
    columns = ("encoder", "channel", "eer", "low", "high", "cosine")
    measured = [[kind, *(row[c] for c in columns)] for kind, each in found.items() for row in each if "eer" in row]
    write_text(out / "voice.csv", csv_text(["files", *columns], measured))


def attacked_by(kind: str) -> tuple[str, ...]:
    """Whom the search attacked for files of a kind."""
    if kind in (ORIGINAL, NOISE):
        return ()
    if SETTINGS[kind].keywords.get("effort") == "low":
        return ("ecapa-tdnn",)
    (against,) = SETTINGS[kind].args or (ENCODERS,)
    return tuple(against)


def _head(plan: Plan) -> str:
    named = "" if plan.split == "test" else f" --split {plan.split}"
    speech = "LibriSpeech test-clean" if plan.split == "test" else "validation speech"
    return f"""# Voices that nobody should recognise

Equal error rates in % of speaker verification, with 95 % bootstrap intervals over the speakers in brackets.
{plan.count} speakers of {speech}, one file each that `protect voice` wrote (16-bit WAV), compared with another
recording of the same speaker and with 30 of others of the same sex, all unprotected. **Bold**: the encoder was never
attacked. "Medium", "light" and "strong" attack all three. "One pass" is the generator, trained against ecapa-tdnn.
"Noise" is white noise of the same PESQ-wb as the default (medium) gives each file. Word error rates are against the
true text; words are meant to stay, but for "words too": `protect both`. A dash stands for what was not measured.

Made by `python -m benchmarks voice --data DATA{named} --count {plan.count} --seed {plan.seed}`."""


def _channels(found: Iterable[list[Row]], encoder: str) -> list[str]:
    return list({str(row["channel"]): None for rows in found for row in rows if row.get("encoder") == encoder})


def _eer(kind: str, rows: list[Row], encoder: str, channel: str) -> str:
    for row in rows:
        if (row.get("encoder"), row.get("channel")) == (encoder, channel):
            rate, low, high = (100 * float(row[key]) for key in ("eer", "low", "high"))
            mark = "**" if kind not in (ORIGINAL, NOISE) and encoder not in attacked_by(kind) else ""
            return f"{mark}{rate:.0f}{mark} [{low:.0f}, {high:.0f}]"
    return MISSING


def _words(rows: list[Row], name: str, seed: int) -> str:
    rates = torch.tensor([float(row[name]) for row in rows if name in row], dtype=torch.float64)
    return Value.of(rates, seed).text(1, 100)


def _median(rows: list[Row], key: str) -> str:
    values = [float(row[key]) for row in rows if key in row and not math.isnan(float(row[key]))]
    return f"{torch.tensor(values).median().item():.2f}" if values else MISSING
