"""The report: Markdown and CSV, with the published values beside ours."""

import math
from pathlib import Path

from benchmarks.guo2024 import published
from benchmarks.guo2024.plan import ATTACKER, CORPORA, GENERATORS, PER_SPEAKER, PER_UTTERANCE, SEXES, Plan, signals
from benchmarks.guo2024.results import Results
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
from benchmarks.rows import Row, stem
from sottovoce.evaluation.tables import MISSING, table
from sottovoce.writing import make_folder, write_text

PAPER = "Guo et al."
ANTIFAKE = """For comparison, from the literature and not measured here: AntiFake (Yu et al., CCS 2023) protects voices
from cloning. On its files of the same 125 utterances of test-clean, purification brings the success of cloning from 45
to 76 % (Fan et al., De-AntiFake, ICML 2025)."""
CONDITIONS = ("rec-adv", "adv-adv", "rec-rst", "rec-ref", "rec-an")
WHO = tuple(SEXES.values())


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `guo2024.md` and `guo2024.csv`; a dash stands for what was not measured.

    Raises:
        SottovoceError: a file cannot be written.
    """
    results = Results(plan, rows)
    sections = [
        _head(plan),
        _encoders(results),
        _protection(results),
        _quality(results),
        _attackers(results),
        _optimised(results),
        _exact(results),
    ]
    make_folder(out)
    write_text(out / "guo2024.md", "\n\n".join(sections) + "\n")
    write_text(out / "guo2024.csv", results.csv())


def _head(plan: Plan) -> str:
    usual = (plan.models, plan.attacker) == (GENERATORS, ATTACKER)
    named = "" if usual else "".join(f" --generator {stem(model)}" for model in plan.models)
    named += "".join(f" --encoder {stem(encoder)}" for encoder in plan.further)
    named += " --whisper whisper-tiny.en" if plan.whisper else ""
    named += f" --attacker {stem(plan.attacker)}" if plan.attacker and not usual else ""
    return f"""# Hiding the speaker's voice, and restoring it

A comparison with Guo et al. (2024). The test data are LibriSpeech test-clean (25 speakers, 125 utterances) and
test-other (10 speakers, 100 utterances), all unseen in training. Every file is written as a 16-bit file and read back
before it is tested. The EER is in %, from cosine scores, with 95 % bootstrap intervals over speakers in brackets. For
each test utterance there is one trial with the same speaker and 30 with other speakers of the same sex
("{PER_UTTERANCE}"). The list of {PAPER} does so for one utterance of each speaker ("{PER_SPEAKER}"). A dash stands for
what was not measured.

A condition names the enrolled and the tested signal: "rec" is a recording, "adv" a protected one, "rst" is restored by
the removal module, "ref" is restored and then refined, and "an", "qt" and "ms" are purified by noise, quantisation and
a median filter. `ssed-NAME` was trained against the encoder NAME; the other encoders are black boxes for it.

Made by `python -m benchmarks guo2024 --data DATA{named} --seed {plan.seed}`."""


def _encoders(results: Results) -> str:
    rows = [
        [stem(name), corpus, trials, *(results.eer(Signal(RECORDED), corpus, name, who, trials=trials) for who in WHO)]
        for name in results.plan.listeners
        for corpus in CORPORA
        for trials in (PER_UTTERANCE, PER_SPEAKER)
    ]
    head = ["encoder", "corpus", "trials", *(f"EER, {who}" for who in WHO)]
    return "## The encoders on unprotected recordings (rec-rec)\n\n" + table(head, rows)


def _protection(results: Results) -> str:
    head = ["generator", "heard by", "corpus", "condition", *(f"EER, {who}" for who in WHO)]
    rows = []
    for model in results.plan.models:
        for encoder in results.plan.listeners:
            for corpus in CORPORA:
                for condition in CONDITIONS:
                    signal = Signal(condition.rpartition("-")[2], model)
                    rates = (results.eer(signal, corpus, encoder, who, condition=condition) for who in WHO)
                    rows.append([stem(model), stem(encoder), corpus, condition, *rates])
    for box, conditions in published.EER.items():
        for condition, (men, women) in conditions.items():
            rows.append([PAPER, box, CORPORA[0], condition, f"{men:.2f}", f"{women:.2f}", ""])
    return f"## Protection and restoration (table 1)\n\n{table(head, rows)}\n\n{ANTIFAKE}"


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
        sections.append(f"{corpus}, `{first}` unless another generator is named:\n\n" + table(_QUALITY_HEAD, rows))
    rows = [
        [kind, *(f"{published.QUALITY[key][kind]:.2f}" if key else "" for key in _PUBLISHED)]
        for kind in (RECORDED, *kinds)
        if kind in published.QUALITY["snr"]
    ]
    head = [PAPER, *_QUALITY_HEAD[1:]]
    note = "WER by Whisper tiny.en and pocketsphinx, on one utterance per speaker; test-other has no transcripts."
    return f"## Quality (table 2)\n\n{note}\n\n" + "\n\n".join([*sections, table(head, rows)])


_PUBLISHED = "snr", "pesq", "wer", "", "pitch", "pitch std"
"""The published columns; their WER is Whisper's."""
_QUALITY_HEAD = [
    "",
    "SNR, dB",
    "PESQ, raw",
    "WER, Whisper, %",
    "WER, pocketsphinx, %",
    "pitch correlation",
    "its standard deviation",
]


def _quality_row(results: Results, corpus: str, label: str, signal: Signal) -> list[str]:
    return [
        label,
        results.mean(signal, corpus, "snr").text(2),
        results.mean(signal, corpus, "pesq").text(2),
        results.mean(signal, corpus, "whisper wer").text(factor=100),
        results.mean(signal, corpus, "wer").text(factor=100),
        results.mean(signal, corpus, "pitch").text(4),
        results.deviation(signal, corpus, "pitch"),
    ]


def _attackers(results: Results) -> str:
    first = results.plan.models[0]
    known = {
        "ignorant (uses the file as it is)": Signal(ADVERSARIAL, first),
        "semi-informed (trained a removal module on the output of the generator)": Signal(
            SEMI_INFORMED, first, results.plan.attacker
        ),
        "semi-informed (solves for the recording with the generator)": Signal(INVERTED, first),
        "well-informed (has our removal module and refines its output)": Signal(REFINED, first),
    }
    rows = [
        [
            attacker,
            corpus,
            results.mean(signal, corpus, "snr").text(2),
            *(
                results.eer(signal, corpus, encoder, "all", condition=f"rec-{signal.kind}")
                for encoder in results.plan.listeners
            ),
        ]
        for attacker, signal in known.items()
        for corpus in CORPORA
    ]
    head = ["attacker", "corpus", "SNR, dB", *(f"EER by {stem(encoder)}" for encoder in results.plan.listeners)]
    return f"## Attackers\n\nAttackers who try to recover the voice in a file protected by `{first}`.\n\n" + table(
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
                for encoder in results.plan.listeners
            ),
        ]
        for signal in made
        for corpus in CORPORA
    ]
    head = ["method", "corpus", "SNR, dB", *(f"EER by {stem(encoder)}" for encoder in results.plan.listeners)]
    note = f"Each utterance is optimised separately, at the SNR that `{first}` has on it. One utterance per speaker."
    return f"## Comparison with optimisation\n\n{note}\n\n" + table(head, rows)


def _exact(results: Results) -> str:
    rows = []
    for corpus in CORPORA:
        files = results.mean(None, corpus, "identical")
        came_back = f"{round(files.mean * files.total)} of {files.total}" if files.total else MISSING
        sizes = [results.mean(None, corpus, column).mean / 1024 for column in ("companion", "encrypted original")]
        rows.append([corpus, came_back, *(MISSING if math.isnan(size) else f"{size:.0f}" for size in sizes)])
    head = ["corpus", "files restored to the byte", "companion, KiB", "encrypted original, KiB"]
    note = (
        "With the key and the companion. The formats alternate: WAV (16 and 24 bits, floating point) and FLAC, one and "
        "two channels, 8 to 48 kHz. Sizes are means."
    )
    return f"## Bit-exact restoration\n\n{note}\n\n" + table(head, rows)
