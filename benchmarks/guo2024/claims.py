"""The headline figures of Guo et al. (2024) beside ours."""

from pathlib import Path

from benchmarks.claims import UNMEASURED, Claim, Figure, Paper, in_percent
from benchmarks.committed import Committed
from benchmarks.guo2024 import published
from benchmarks.guo2024.plan import CORPORA, GENERATORS, PER_UTTERANCE, Job, Plan
from benchmarks.guo2024.results import Results
from benchmarks.guo2024.signals import ADVERSARIAL, PURIFIED, RECORDED, REFINED, RESTORED, Signal
from sottovoce.evaluation.tables import Value

CLEAN, GENERATOR = CORPORA[0], GENERATORS[0]
WHITE_BOX, BLACK_BOXES = "ecapa-tdnn", {"campplus": "CAM++", "resemblyzer": "Resemblyzer"}
SEXES = ("men", "women")
NOISE, *_ = PURIFIED
SETTING = f"""The paper: LibriSpeech test-clean; the white box is an ECAPA-TDNN, the black box another speaker
encoder. Ours: 25 speakers and 125 utterances of test-clean, each tested once against the same speaker (n) and 30 times
against others of the same sex, with intervals over speakers; `{GENERATOR}`, made on our ECAPA-TDNN, in a single pass.
EERs are in %, "from" those of unprotected recordings. "rec" is a recording, "adv" a protected one, "rst" a restored
one, "an" one purified by noise; the enrolled signal is named first. WER is Whisper's (ours: tiny.en)."""
STAND_IN = "Our ECAPA-TDNN is narrower than the published network and was trained on 308 speakers, as its card says."
CONFUSED = "Our ECAPA-TDNN confuses more women in unprotected recordings, so that the protection adds less."
ONE_PASS = """One pass of our removal module leaves more of the perturbation; refining its output with the generator
takes off more, and the key gives back the file to the byte."""
QUALITY = """Why refined recordings, closer in SNR than the published, are not closer in PESQ was not looked into; the
key gives back the file to the byte."""
ONE_ENCODER = """A pass misleads nobody but the encoder that the generator was trained on; the search of `protect voice`
attacks every encoder that is here."""


def paper(committed: Committed) -> Paper:
    """The claims, with what has been measured."""
    results = Results(Plan(Path("data")), committed.rows())

    def mean(kind: str, column: str) -> Value:
        return results.mean(_signal(kind), CLEAN, column)

    def rates(box: str, encoder: str, enrolled: str, *kinds: str) -> tuple[Figure, ...]:
        figures = []
        for kind in kinds:
            # The paper has no refined recordings; they are compared with its restored ones.
            before, after = (published.EER[box][name] for name in ("rec-rec", f"{enrolled}-{_published(kind)}"))
            for place, who in enumerate(SEXES):
                start = before[place], _eer(results, RECORDED, RECORDED, encoder, who).mean
                label = f"{who}, refined" if kind == REFINED else who
                figures.append(Figure(after[place], _eer(results, enrolled, kind, encoder, who), label, start))
        return tuple(figures)

    def quality(column: str, *kinds: str) -> tuple[Figure, ...]:
        values = published.QUALITY[column]
        return tuple(Figure(values[_published(kind)], mean(kind, column), _restored(kind)) for kind in kinds)

    recorded = tuple(
        Figure(rate, _eer(results, RECORDED, RECORDED, WHITE_BOX, who), who)
        for who, rate in zip(SEXES, published.EER["white box"]["rec-rec"], strict=True)
    )
    words = published.QUALITY["wer"]
    wer = Figure(
        words[ADVERSARIAL],
        in_percent(mean(ADVERSARIAL, "whisper wer")),
        start=(words[RECORDED], 100 * mean(RECORDED, "whisper wer").mean),
    )

    def white(kind: str, *more: str, enrolled: str = RECORDED) -> tuple[Figure, ...]:
        return rates("white box", WHITE_BOX, enrolled, kind, *more)

    claims = [
        Claim("table 1", "EER, rec-rec, white box", recorded, "lower", STAND_IN),
        Claim("table 1", "EER, rec-adv, white box", white(ADVERSARIAL), "higher"),
        Claim("table 1", "EER, adv-adv, white box", white(ADVERSARIAL, enrolled=ADVERSARIAL), "higher", CONFUSED),
        Claim("table 1", "EER, rec-an, white box", white(NOISE), "higher"),
        Claim("table 1", "EER, rec-rst, white box", white(RESTORED, REFINED), "lower", ONE_PASS),
        *(
            Claim(
                "table 1",
                f"EER, rec-adv, black box: {name}",
                rates("black box", key, RECORDED, ADVERSARIAL),
                "higher",
                ONE_ENCODER,
            )
            for key, name in BLACK_BOXES.items()
        ),
        Claim("table 2", "SNR of protected recordings, in dB", quality("snr", ADVERSARIAL), "higher"),
        Claim("table 2", "PESQ (raw) of protected recordings", quality("pesq", ADVERSARIAL), "higher"),
        Claim("table 2", "SNR of restored recordings, in dB", quality("snr", RESTORED, REFINED), "higher", ONE_PASS),
        Claim("table 2", "PESQ (raw) of restored recordings", quality("pesq", RESTORED, REFINED), "higher", QUALITY),
        Claim("table 2", "WER of protected recordings, from recordings, in %", (wer,), "lower"),
    ]
    return Paper("guo2024", "Guo et al. (2024)", SETTING, claims)


def _signal(kind: str) -> Signal:
    return Signal(kind) if kind == RECORDED else Signal(kind, GENERATOR)


def _published(kind: str) -> str:
    return RESTORED if kind == REFINED else kind


def _restored(kind: str) -> str:
    return {RESTORED: "one pass", REFINED: "refined"}.get(kind, "")


def _eer(results: Results, enrolled: str, kind: str, encoder: str, who: str) -> Value:
    wanted = {"encoder": encoder, "sex": who, "trials": PER_UTTERANCE, "condition": f"{enrolled}-{kind}"}
    for row in results.rows.get(Job(results.plan, CLEAN, _signal(kind)).name, []):
        if wanted.items() <= row.items():
            rate, low, high, targets = (float(row[key]) for key in ("eer", "low", "high", "targets"))
            return in_percent(Value(rate, low, high, int(targets), int(targets)))
    return UNMEASURED
