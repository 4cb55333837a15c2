"""What an interrupted run leaves."""

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.ledger import Ledger, about
from sottovoce.evaluation.matrix import Cell


def cell(**more) -> Cell:
    return Cell(view="channel 1", listener="ears", kind="words", channel="as it is", protected=0.5, **more)


def test_cells_come_back_as_they_were(tmp_path):
    ledger = Ledger(tmp_path / "x.jsonl")
    ledger.keep("files", cell(texts=["é"]))
    again = Ledger(tmp_path / "x.jsonl")
    found = again.find("files", "channel 1", "ears", "as it is")
    assert found.texts == ["é"] and found.protected == 0.5
    assert again.find("others", "channel 1", "ears", "as it is") is None
    again.close()
    assert not (tmp_path / "x.jsonl").exists()


def test_a_line_that_is_half_written_is_left_out(tmp_path):
    ledger = Ledger(tmp_path / "x.jsonl")
    ledger.keep("a", cell())
    ledger.keep("b", cell())
    text = (tmp_path / "x.jsonl").read_text()
    (tmp_path / "x.jsonl").write_text(text[:-20])
    again = Ledger(tmp_path / "x.jsonl")
    assert again.find("a", "channel 1", "ears", "as it is") and not again.find("b", "channel 1", "ears", "as it is")
    again.keep("b", cell())
    assert Ledger(tmp_path / "x.jsonl").find("b", "channel 1", "ears", "as it is")


def test_two_may_keep_cells_in_one_file(tmp_path):
    first, second = Ledger(tmp_path / "x.jsonl"), Ledger(tmp_path / "x.jsonl")
    for number in range(3):
        first.keep(f"a{number}", cell())
        second.keep(f"b{number}", cell())
    again = Ledger(tmp_path / "x.jsonl")
    assert all(again.find(f"{who}{n}", "channel 1", "ears", "as it is") for who in "ab" for n in range(3))


def test_what_failed_is_tried_again(tmp_path):
    ledger = Ledger(tmp_path / "x.jsonl")
    ledger.keep("files", cell(failed=True))
    assert Ledger(tmp_path / "x.jsonl").find("files", "channel 1", "ears", "as it is") is None


def test_other_files_or_another_text_are_something_else(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(b"a")
    second.write_bytes(b"b")
    assert about(first, second, None) == about(first, second, None)
    assert len({about(first, second, None), about(second, first, None), about(first, second, "words")}) == 3


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(SottovoceError, match=r"cannot be written"):
        Ledger(tmp_path / "nowhere" / "x.jsonl").keep("files", cell())
