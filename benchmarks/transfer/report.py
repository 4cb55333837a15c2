"""The report: a table of techniques and listeners."""

from pathlib import Path

import torch

from benchmarks.rows import Row
from benchmarks.summary import Summary
from benchmarks.transfer.measure import CODEC, ENHANCERS, ORIGINAL, RECOGNISERS, Job, Plan
from benchmarks.transfer.techniques import TECHNIQUES
from benchmarks.words.plan import JUDGE
from sottovoce.evaluation.tables import Value, table
from sottovoce.writing import make_folder, write_text

LISTENERS = (*RECOGNISERS, *(f"{front}+{JUDGE}" for front in (*ENHANCERS, CODEC)))


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `transfer.md` and `transfer.csv`.

    Raises:
        SottovoceError: a file cannot be written.
    """
    summary, lines = Summary("technique", "listener"), list[list[str]]()
    for technique in (ORIGINAL, *TECHNIQUES):
        found = rows.get(Job(plan, technique).name, [])
        if found:
            values = [summary.add(_value(found, listener, plan.seed), technique, listener) for listener in LISTENERS]
            quality = [f"{_column(found, key).median().item():.2f}" for key in ("pesq", "snr")]
            lines.append([technique, *quality, *(value.text(0, 100) for value in values)])
    make_folder(out)
    write_text(out / "transfer.md", _markdown(plan, lines))
    write_text(out / "transfer.csv", summary.csv())


def _value(rows: list[Row], key: str, seed: int) -> Value:
    return Value.of(_column(rows, key), seed)


def _column(rows: list[Row], key: str) -> torch.Tensor:
    return torch.tensor([float(row[key]) for row in rows], dtype=torch.float64)


def _markdown(plan: Plan, lines: list[list[str]]) -> str:
    return f"""# What crosses to recognisers that were not attacked

Word error rates in %, with 95 % bootstrap intervals in brackets, of {plan.count} validation speakers, clean and in
noise at 8 dB ({2 * plan.count} recordings), perturbed for Whisper tiny.en and written as 16-bit files. Every row
differs from that of Whisper tiny.en alone in one thing; the default is 3 dB quieter besides. Listeners that a row does
not name, but for whisper-tiny.en, are left out of its search. Quality is PESQ-wb, the median.

Made by `python -m benchmarks transfer --data DATA --count {plan.count} --seed {plan.seed}`.

{table(["technique", "PESQ-wb", "SNR in dB", *(listener.replace("+", ", then ") for listener in LISTENERS)], lines)}
"""
