"""What is measured."""

from benchmarks.guo2024.plan import CORPORA, jobs, signals


def test_every_signal_is_measured_once_on_every_corpus(plan) -> None:
    found = signals(plan)
    assert len({signal.name for signal in found}) == len(found)
    kinds = [signal.kind for signal in found]
    assert kinds == ["rec", "adv", "rst", "ref", "an", "qt", "ms", "inv", "semi", "pgd", "opt"]
    names = [job.name for job in jobs(plan)]
    assert len(set(names)) == len(names) == (len(found) + 1) * len(CORPORA)
