"""The speaker bench's rows as Markdown and CSV, the paper's values beside ours."""

import csv
import io
import math
from pathlib import Path

import torch

from benchmarks.guo2024 import published
from benchmarks.guo2024.bench import (
    CORPORA,
    PER_SPEAKER,
    PER_UTTERANCE,
    SEXES,
    Job,
    Plan,
    signals,
)
from benchmarks.guo2024.signals import (
    ADVERSARIAL,
    INVERTED,
    OPTIMISED,
    PURIFIED,
    RECORDED,
    REFINED,
    RESTORED,
    SEMI_INFORMED,
    Signal,
)
from benchmarks.rows import Row, load_rows
from sottovoce.evaluation.tables import MISSING, Value, table
from sottovoce.writing import write_text

CONDITIONS = ("rec-adv", "adv-adv", "rec-rst", "rec-ref", "rec-an")
WHO = tuple(SEXES.values())


class Results:
    """All rows of a run, by what they are about."""

    def __init__(self, plan: Plan, rows: dict[str, list[Row]]) -> None:
        self.plan, self.rows = plan, rows

    def _of(self, signal: Signal | None, corpus: str) -> list[Row]:
        return self.rows.get(Job(self.plan, corpus, signal).name, [])

    def mean(self, signal: Signal | None, corpus: str, column: str) -> Value:
        """Over the recordings that have the column."""
        found = [float(row[column]) for row in self._of(signal, corpus) if column in row]
        return Value.of(torch.tensor(found, dtype=torch.float64), self.plan.seed)

    def deviation(self, signal: Signal, corpus: str, column: str) -> str:
        """The standard deviation over recordings."""
        found = [float(row[column]) for row in self._of(signal, corpus) if column in row]
        return f"{torch.tensor(found).std():.3f}" if len(found) > 1 else MISSING

    def eer(self, signal: Signal, corpus: str, encoder: str, who: str, **wanted: str) -> str:
        """In %, with its interval; `wanted` are the condition and the list of trials."""
        asked = {"encoder": encoder, "sex": who, "trials": PER_UTTERANCE, **wanted}
        for row in self._of(signal, corpus):
            if all(row.get(key) == value for key, value in asked.items()):
                rate, low, high = (100 * float(row[key]) for key in ("eer", "low", "high"))
                return f"{rate:.2f} [{low:.1f}, {high:.1f}]"
        return MISSING

    def csv(self) -> str:
        """Every error rate, a line each."""
        text = io.StringIO()
        columns = ("encoder", "trials", "condition", "sex", "eer", "low", "high", "min dcf", "targets", "others")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["job", *columns])
        for job, rows in self.rows.items():
            writer.writerows([job, *(row[column] for column in columns)] for row in rows if "eer" in row)
        return text.getvalue()


def write_report(out: Path, plan: Plan) -> None:
    """Write `speaker.md` and `speaker.csv` from `out/rows/`; what is missing there is a dash.

    Raises:
        SottovoceError: a file cannot be written.
    """
    results = Results(plan, load_rows(out))
    sections = [
        _head(plan),
        _encoders(results),
        _protection(results),
        _quality(results),
        _attackers(results),
        _optimised(results),
        _exact(results),
    ]
    write_text(out / "speaker.md", "\n\n".join(sections) + "\n")
    write_text(out / "speaker.csv", results.csv())


def _head(plan: Plan) -> str:
    return f"""# Hiding who speaks, and giving the voice back

LibriSpeech test-clean (25 speakers, 125 utterances) and test-other (10 speakers, 100 utterances), all unseen in
training. Whatever is tested was written as a 16-bit file and read back. EER in % from cosines, with 95 % bootstrap
intervals over speakers in brackets. Trials: for every test utterance one of its speaker and 30 of others of the
same sex ("{PER_UTTERANCE}"); or the same for one utterance a speaker, the paper's literal list ("{PER_SPEAKER}"). In
"rec-adv" the enrolled voice is the recorded one and the tested one is protected ("adv"), restored by the removal
module ("rst"), restored and refined ("ref"), and so on. `ssed-NAME` was trained
against that encoder, so that the other is a black box to it. A dash stands for what was not measured.

Made by `sottovoce bench speaker --seed {plan.seed}`."""


def _encoders(results: Results) -> str:
    rows = [
        [name, corpus, trials, *(results.eer(Signal(RECORDED), corpus, name, who, trials=trials) for who in WHO)]
        for name in results.plan.encoders
        for corpus in CORPORA
        for trials in (PER_UTTERANCE, PER_SPEAKER)
    ]
    head = ["encoder", "corpus", "trials", *(f"EER, {who}" for who in WHO)]
    return "## The encoders before any protection (rec-rec)\n\n" + table(head, rows)


def _protection(results: Results) -> str:
    head = ["generator", "heard by", "corpus", "condition", *(f"EER, {who}" for who in WHO)]
    rows = []
    for model in results.plan.models:
        for encoder in results.plan.encoders:
            for corpus in CORPORA:
                for condition in CONDITIONS:
                    signal = Signal(condition.rpartition("-")[2], model)
                    rates = (results.eer(signal, corpus, encoder, who, condition=condition) for who in WHO)
                    rows.append([model, encoder, corpus, condition, *rates])
    for box, conditions in published.EER.items():
        for condition, (men, women) in conditions.items():
            rows.append(["paper", box, CORPORA[0], condition, f"{men:.2f}", f"{women:.2f}", ""])
    return "## Protection and restoration (table 1)\n\n" + table(head, rows)


def _quality(results: Results) -> str:
    first, sections = results.plan.models[0], []
    kinds = (ADVERSARIAL, RESTORED, REFINED, *PURIFIED)
    for corpus in CORPORA:
        rows = [_quality_row(results, corpus, RECORDED, Signal(RECORDED))]
        rows += [_quality_row(results, corpus, kind, Signal(kind, first)) for kind in kinds]
        rows += [
            _quality_row(results, corpus, f"{kind}, {model}", Signal(kind, model))
            for model in results.plan.models[1:]
            for kind in (ADVERSARIAL, RESTORED, REFINED)
        ]
        sections.append(f"{corpus}, `{first}` unless another is named:\n\n" + table(_QUALITY_HEAD, rows))
    rows = [
        [kind, *(f"{published.QUALITY[key][kind]:.2f}" for key in ("snr", "pesq", "wer", "pitch", "pitch std"))]
        for kind in (RECORDED, *kinds)
        if kind in published.QUALITY["snr"]
    ]
    head = ["paper", *_QUALITY_HEAD[1:]]
    note = "WER by pocketsphinx (the paper's: Whisper), on one utterance a speaker; test-other has no texts."
    return f"## Quality (table 2)\n\n{note}\n\n" + "\n\n".join([*sections, table(head, rows)])


_QUALITY_HEAD = ["", "SNR, dB", "PESQ, raw", "WER, %", "pitch correlation", "its deviation"]


def _quality_row(results: Results, corpus: str, label: str, signal: Signal) -> list[str]:
    return [
        label,
        results.mean(signal, corpus, "snr").text(2),
        results.mean(signal, corpus, "pesq").text(2),
        results.mean(signal, corpus, "wer").text(factor=100),
        results.mean(signal, corpus, "pitch").text(4),
        results.deviation(signal, corpus, "pitch"),
    ]


def _attackers(results: Results) -> str:
    first = results.plan.models[0]
    known = {
        "ignorant (listens as it is)": Signal(ADVERSARIAL, first),
        "semi-informed (trained a removal module on the generator's output)": Signal(
            SEMI_INFORMED, first, results.plan.attacker
        ),
        "semi-informed (solves for the recording with the generator)": Signal(INVERTED, first),
        "well-informed (has our removal module, and refines what it gives)": Signal(REFINED, first),
    }
    rows = [
        [
            attacker,
            corpus,
            results.mean(signal, corpus, "snr").text(2),
            *(
                results.eer(signal, corpus, encoder, "all", condition=f"rec-{signal.kind}")
                for encoder in results.plan.encoders
            ),
        ]
        for attacker, signal in known.items()
        for corpus in CORPORA
    ]
    head = ["attacker", "corpus", "SNR, dB", *(f"EER by {encoder}" for encoder in results.plan.encoders)]
    return f"## Who can undo what\n\nAttackers who want the voice in a file protected by `{first}`.\n\n" + table(
        head, rows
    )


def _optimised(results: Results) -> str:
    first = results.plan.models[0]
    made = [Signal(ADVERSARIAL, first)]
    made += [signal for signal in signals(results.plan) if signal.kind in OPTIMISED]
    rows = [
        [
            f"{signal.kind} on {signal.helper}" if signal.helper else f"`{first}`, one pass",
            corpus,
            results.mean(signal, corpus, "snr").text(2),
            *(
                results.eer(signal, corpus, encoder, "all", condition=f"rec-{signal.kind}", trials=PER_SPEAKER)
                for encoder in results.plan.encoders
            ),
        ]
        for signal in made
        for corpus in CORPORA
    ]
    head = ["method", "corpus", "SNR, dB", *(f"EER by {encoder}" for encoder in results.plan.encoders)]
    note = f"Each utterance optimised for itself at the SNR that `{first}` has on it, one utterance a speaker."
    return f"## Beside optimisation\n\n{note}\n\n" + table(head, rows)


def _exact(results: Results) -> str:
    rows = []
    for corpus in CORPORA:
        files = results.mean(None, corpus, "identical")
        came_back = f"{round(files.mean * files.total)} of {files.total}" if files.total else MISSING
        sizes = [results.mean(None, corpus, column).mean / 1024 for column in ("companion", "encrypted original")]
        rows.append([corpus, came_back, *(MISSING if math.isnan(size) else f"{size:.0f}" for size in sizes)])
    head = ["corpus", "files restored bit for bit", "companion, KiB", "the original itself, encrypted, KiB"]
    note = (
        "With the key, over WAV of 16, 24 and floating-point bits and FLAC, one and two channels, 8 to 48 kHz in turn."
    )
    return f"## Exact restoration\n\n{note}\n\n" + table(head, rows)
