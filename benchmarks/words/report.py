"""The report: Markdown and CSV."""

import math
from pathlib import Path

import torch

from benchmarks.protecting import NOISE, ORIGINAL
from benchmarks.rows import Row
from benchmarks.summary import Summary
from benchmarks.words.plan import CLEAN, MATERIALS, NOISY, SETTINGS, Job, Plan
from sottovoce.evaluation.tables import MISSING, Value, table
from sottovoce.writing import make_folder, write_text

TITLES = {CLEAN: "Clean", NOISY: "In noise at 8 dB"}


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `words.md` and `words.csv`; a dash stands for what was not measured.

    Raises:
        SottovoceError: a file cannot be written.
    """
    kinds = [kind for kind in (ORIGINAL, NOISE, *SETTINGS) if any(_of(plan, rows, kind, m) for m in MATERIALS)]
    summary = Summary("material", "files", "measure")
    sections = [_head(plan)]
    for material in MATERIALS:
        found = {kind: _of(plan, rows, kind, material) for kind in kinds}
        if not any(found.values()):
            continue
        lines = [["PESQ-wb, median", *(_median(each, "pesq") for each in found.values())]]
        lines.append(["SNR in dB, median", *(_median(each, "snr") for each in found.values())])
        lines.append(["files protected", *(_counted(kind, each) for kind, each in found.items())])
        for listener in _listeners(found):
            for kind, each in found.items():
                summary.add(_value(each, listener, plan.seed), material, kind, listener)
            values = [_value(each, listener, plan.seed, most=1.0) for each in found.values()]
            lines.append([_behind(listener), *(value.text(0, 100) for value in values)])
        sections.append(f"## {TITLES[material]}\n\n" + table(["", *kinds], lines))
    make_folder(out)
    write_text(out / "words.md", "\n\n".join(sections) + "\n")
    write_text(out / "words.csv", summary.csv())


def _head(plan: Plan) -> str:
    named = "" if plan.split == "test" else f" --split {plan.split}"
    return f"""# Words that nobody should understand

Word error rates in % against the true text, with 95 % bootstrap intervals over the speakers in brackets, of files that
`protect words` wrote (16-bit WAV), for listeners that the search attacked and others that it never met.
{_material(plan)} A file
counts at most 100 %: a Whisper that is lost repeats itself, which would flatter the mean (words.csv has the plain
rates). "Noise" is white noise of the same PESQ-wb as the default (medium) gives each file. Where `protect words`
refuses to write a file, since nothing would be protected, the original counts. A dash stands for what was not measured.
Attacked: whisper-tiny.en and its bundled surrogate, or only one of them where the column says so. "Keep whisper-base"
lets Whisper base go on understanding.

Made by `python -m benchmarks words --data DATA{named} --count {plan.count} --seed {plan.seed}`."""


def _material(plan: Plan) -> str:
    speech, noise = (
        ("LibriSpeech test-clean", "test noise") if plan.split == "test" else ("validation speech", "training noise")
    )
    return f"{plan.count} speakers of {speech}, one utterance each, clean and in {noise} at 8 dB."


def _of(plan: Plan, rows: dict[str, list[Row]], kind: str, material: str) -> list[Row]:
    return rows.get(Job(plan, kind, material).name, [])


def _listeners(found: dict[str, list[Row]]) -> list[str]:
    keys = {key: None for rows in found.values() for row in rows for key in row if key not in ("file", "pesq", "snr")}
    return list(keys)


def _behind(listener: str) -> str:
    front, _, judge = listener.rpartition("+")
    return f"{judge} behind {front}" if front else judge


def _value(rows: list[Row], key: str, seed: int, *, most: float = math.inf) -> Value:
    rates = torch.tensor([float(row[key]) for row in rows if key in row], dtype=torch.float64)
    return Value.of(rates.clamp(max=most), seed)


def _counted(kind: str, rows: list[Row]) -> str:
    """How many files changed; `protect_file` writes none that nobody misunderstands."""
    changed = sum(not math.isnan(float(row["snr"])) for row in rows)
    return MISSING if kind in (ORIGINAL, NOISE) else f"{changed} of {len(rows)}"


def _median(rows: list[Row], key: str) -> str:
    values = [float(row[key]) for row in rows if not math.isnan(float(row[key]))]
    return f"{torch.tensor(values).median().item():.2f}" if values else MISSING
