"""Restoration of protected files."""

from benchmarks.guo2024.plan import CORPORA
from benchmarks.guo2024.restoration import VARIANTS, restorations
from sottovoce.corpora.loading import load_corpus
from sottovoce.protections.voice import Voice


def test_files_come_back_bit_for_bit_in_every_variant(plan, humming) -> None:
    utterances = load_corpus(humming / "manifests" / f"{CORPORA[0]}.csv")
    rows = restorations(utterances, Voice(effort="low", generator=plan.models[0], witnesses=()))
    assert len({row["variant"] for row in rows}) == len(VARIANTS)
    assert all(row["identical"] == 1 and row["snr"] > 0 for row in rows)
    assert all(row["companion"] > 0 and row["encrypted original"] > 0 for row in rows)
