"""The headline figures of Yang et al. (2020) beside ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.claims import Claim, Figure, Paper
from benchmarks.committed import Committed
from benchmarks.yang2020 import published
from benchmarks.yang2020.plan import (
    EVOLUTIONARY,
    FURTHER_ROOMS,
    GRADIENT,
    NOISE_SNRS,
    ROOMS_OF_TEST,
    TRAINED,
    Job,
    Plan,
)
from benchmarks.yang2020.published import SYSTEMS
from benchmarks.yang2020.report import NAMES
from sottovoce.evaluation.tables import Value

PLAN = Plan(Path("data"))
NOTHING, DNN, WAVE_UNET, UNET_AT = SYSTEMS
SETTING = f"""The paper: other data, and Mozilla DeepSpeech. Ours: at most {PLAN.count} utterances, one per unseen
speaker, of LibriSpeech test-clean in noise for table 1 and of AN4 under attack for the rest, and our DeepSpeech, which
knows AN4's hundred words. Rooms are simulated; those of the test are not those of the attack. RoSA, the rate of
successful attacks, and WER are in %. The gradient attack does not know of the enhancer in front; in figure 3 it
does."""
SMALL = f"""The network has half the published width and less than two hours of training on one CPU core, and mixtures
at {NOISE_SNRS[0]} to {NOISE_SNRS[-1]} dB leave less to gain than the published at {published.NOISE["snr"][0]} dB."""
HARMONICS = """On a CPU's budget the published DNN hardly learns to pass harmonics; ours predicts a correction to the
noisy spectrum instead."""
QUIETER = f"""Speech under our attack has an SNR of {PLAN.snr:g} dB, not of {published.ADVERSARIAL["snr"][0]} dB, which
leaves less to remove."""
HALF = "The network has half the published width and less than two hours of training on one CPU core."
FEW_ROOMS = f"""How often an attack succeeds depends on the rooms: {ROOMS_OF_TEST} say little, so {FURTHER_ROOMS} more
are measured."""
GENERATIONS = f"""Ours ends after {PLAN.generations} generations, when its perturbations are still far quieter than the
published."""
LOST = "Behind an enhancer the attack no longer gets its text through, but most of the spoken words are lost as well."
ESTIMATE = "This estimate depends on one or two recordings."


def paper(committed: Committed) -> Paper:
    """The claims, with what has been measured."""
    noise = " ".join(Job(PLAN, "noise", what=str(snr)).name for snr in NOISE_SNRS)
    attacked = Job(PLAN, "attack", PLAN.recognizer, GRADIENT).name

    def enhanced(where: str, values: Mapping[str, Sequence[float]], jobs: str, name: str, of: str, why: str) -> Claim:
        what = f"{name} on {of}, from no enhancer"
        return Claim(where, what, _quality(committed, values, jobs, name), "higher", why)

    claims = [
        *(
            enhanced("table 1", published.NOISE, noise, name, "noisy speech", HARMONICS if name == DNN else SMALL)
            for name in (UNET_AT, WAVE_UNET, DNN)
        ),
        Claim("table 1", f"gain in SNR by {UNET_AT} at 0 dB, in dB", _gain(committed), "higher", SMALL),
        enhanced("table 2", published.ADVERSARIAL, attacked, UNET_AT, "attacked speech", QUIETER),
        enhanced("table 3", published.TRAINED, attacked, UNET_AT + TRAINED, "attacked speech", HALF),
        Claim("table 4", "RoSA of the gradient attack, no enhancer", _rosa_in_rooms(committed), "higher", FEW_ROOMS),
        Claim(
            "table 4", "RoSA of the evolutionary attack, no enhancer", _evolutionary(committed), "higher", GENERATIONS
        ),
        Claim("table 4", "RoSA of the gradient attack behind an enhancer", _rates(committed, "rosa"), "lower"),
        Claim("table 4", "WER under the gradient attack behind an enhancer", _rates(committed, "wer"), "lower", LOST),
        Claim("table 4", f"RoSA of the gradient attack on `{PLAN.recognizers[1]}`", _trained(committed), "lower"),
        Claim(
            "figure 3",
            "SNR in dB at which all adaptive attacks succeed, from no enhancer",
            _tasr(committed),
            "lower",
            ESTIMATE,
        ),
    ]
    return Paper("yang2020", "Yang et al. (2020)", SETTING, claims)


def _quality(committed: Committed, values: Mapping[str, Sequence[float]], jobs: str, name: str) -> tuple[Figure, ...]:
    place = SYSTEMS.index(name.removesuffix(TRAINED))
    return tuple(
        Figure(
            values[key][place],
            committed.mean(jobs, name, key),
            NAMES[key],
            (values[key][0], committed.mean(jobs, "nothing", key).mean),
        )
        for key in published.MEASURES
    )


def _gain(committed: Committed) -> tuple[Figure, ...]:
    before, after = (published.NOISE["snr"][SYSTEMS.index(name)] for name in (NOTHING, UNET_AT))
    return (Figure(after - before, committed.mean(Job(PLAN, "noise", what="0").name, UNET_AT, "snr gain")),)


def _rosa_in_rooms(committed: Committed) -> tuple[Figure, ...]:
    job, (rosa, *_) = Job(PLAN, "attack", PLAN.recognizer, GRADIENT).name, published.ROSA[GRADIENT, False]
    columns = {"rosa": f"{ROOMS_OF_TEST} rooms", "rosa elsewhere": f"{FURTHER_ROOMS} more"}
    return tuple(Figure(rosa, committed.percentage(job, "nothing", key), label) for key, label in columns.items())


def _evolutionary(committed: Committed) -> tuple[Figure, ...]:
    job = Job(PLAN, "attack", PLAN.recognizer, EVOLUTIONARY).name
    return (Figure(published.ROSA[EVOLUTIONARY, False][0], committed.percentage(job, "nothing", "rosa")),)


def _rates(committed: Committed, column: str) -> tuple[Figure, ...]:
    values = {"rosa": published.ROSA, "wer": published.WER}[column][GRADIENT, False]
    job = Job(PLAN, "attack", PLAN.recognizer, GRADIENT).name
    return tuple(
        Figure(value, committed.percentage(job, name, column), name)
        for name, value in list(zip(SYSTEMS, values, strict=True))[1:]
    )


def _trained(committed: Committed) -> tuple[Figure, ...]:
    job = Job(PLAN, "attack", PLAN.recognizers[1], GRADIENT).name
    return tuple(
        Figure(value, committed.percentage(job, name or "nothing", "rosa"), name or "nothing")
        for name, value in zip(SYSTEMS, published.ROSA[GRADIENT, True], strict=True)
    )


def _tasr(committed: Committed) -> tuple[Figure, ...]:
    without, behind = published.TASR

    def ours(name: str) -> Value:
        successes = committed.cell(name, "successes").partition(" ")[0]
        count = int(successes) if successes.isdecimal() else 0
        return committed.number(name, "SNR at which all succeed, dB", count)

    return tuple(
        Figure(behind, ours(name), name, (without, ours("nothing").mean)) for name in (UNET_AT, UNET_AT + TRAINED)
    )
