"""The headline figures of Wang et al. (2020) beside ours."""

from benchmarks.claims import Claim, Figure, Paper
from benchmarks.committed import Committed
from benchmarks.wang2020 import published
from benchmarks.wang2020.plan import GENERATOR, SEARCHES, SWARM_EPOCHS
from sottovoce.evaluation.tables import Value

SETTING = f"""The paper: Speech Commands and GTZAN. Ours: Speech Commands on another split, by speakers unseen in
training, heard by our WideResNet; and songs rendered from rules, a stand-in for GTZAN, heard by our SampleCNN. Both
classifiers are smaller than the published. Only clips that the classifier gets right count, each with all targets; n is
clips. The searches get one clip of each class, and the swarm {SWARM_EPOCHS} epochs."""
SMALLER = "Ours is a smaller classifier, on another split."
ON_A_CPU = "Ours is timed on one thread of a CPU, the paper's on a Titan X."
SEARCHED = f"""Ours keep the published limit of the noise, which slips in the released genetic search let it exceed, and
the swarm has {SWARM_EPOCHS} epochs."""
RENDERED = "The songs are a stand-in for GTZAN, and the perturbations are scaled to an SNR that was chosen beforehand."


def paper(committed: Committed) -> Paper:
    """The claims, with what has been measured."""

    def ours(domain: str, method: str, column: str) -> Value:
        return committed.mean(domain, method, "all" if method == GENERATOR else "searched", "", column)

    def hits(domain: str, *names: str) -> tuple[Figure, ...]:
        found = published.METHODS[domain]
        return tuple(Figure(found[name].success, ours(domain, name, "hit"), _label(name)) for name in names)

    def loudness(domain: str, *names: str) -> tuple[Figure, ...]:
        found = published.METHODS[domain]
        return tuple(Figure(found[name].snr, ours(domain, name, "snr"), _label(name) or "SNR, dB") for name in names)

    def quality(domain: str) -> tuple[Figure, ...]:
        scores = published.PESQ[domain].values()
        pesq = Figure(sum(scores) / len(scores), ours(domain, GENERATOR, "pesq"), "PESQ (raw)")
        return (*loudness(domain, GENERATOR), pesq)

    def seconds(domain: str, name: str) -> tuple[Figure, ...]:
        return (Figure(published.METHODS[domain][name].seconds, ours(domain, name, "seconds")),)

    accuracy = Figure(published.ACCURACY["commands"], committed.mean("commands", "clean", "all", "", "accuracy"))
    genetic, _ = SEARCHES
    claims = [
        Claim("text", "keywords: clean clips that the classifier gets right, in %", (accuracy,), "higher", SMALLER),
        Claim("table 1", "keywords: target hits of the generator, in %", hits("commands", GENERATOR), "higher"),
        Claim("tables 1, 2", "keywords: quality of the generator's clips", quality("commands"), "higher"),
        Claim("table 1", "keywords: seconds per clip", seconds("commands", GENERATOR), "lower", ON_A_CPU, digits=3),
        Claim(
            "table 1", "keywords: target hits of the searches, in %", hits("commands", *SEARCHES), "higher", SEARCHED
        ),
        Claim("table 1", "keywords: SNR of the searches, in dB", loudness("commands", *SEARCHES), "higher"),
        Claim(
            "table 1", f"keywords: seconds per clip, {genetic} search", seconds("commands", genetic), "lower", ON_A_CPU
        ),
        Claim("table 1", "music: target hits of the generator, in %", hits("music", GENERATOR), "higher", RENDERED),
        Claim("tables 1, 2", "music: quality of the generator's clips", quality("music"), "higher", RENDERED),
        Claim("table 1", "music: seconds per clip", seconds("music", GENERATOR), "lower", ON_A_CPU, digits=3),
        Claim("table 1", "music: target hits of the searches, in %", hits("music", *SEARCHES), "higher", SEARCHED),
    ]
    return Paper("wang2020", "Wang et al. (2020)", SETTING, claims)


def _label(method: str) -> str:
    return "" if method == GENERATOR else method
