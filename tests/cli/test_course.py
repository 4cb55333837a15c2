"""How far a batch is."""

from pathlib import Path

import pytest

from sottovoce.cli.course import Course, lengths_of
from sottovoce.cli.summary import DONE_BEFORE, Outcome, Row
from sottovoce.errors import SottovoceError

PROTECTED, BEFORE = (Row(None, None, Outcome("", status)) for status in ("protected", DONE_BEFORE))
FAILED = Row(None, None, error=SottovoceError("no"))


def test_seconds_count_and_what_was_done_before_does_not() -> None:
    shown = []
    course = Course([60.0, 10.0, 30.0], lambda done, **changes: shown.append((done, *changes.values())))
    course.move(0, 0.5)
    course.end(1, BEFORE)
    course.move(2, 0.1)
    course.end(2, FAILED)
    course.end(0, PROTECTED)
    assert shown == [
        (30.0, 100.0, "0 of 3 files"),
        (30.0, 90.0, "1 of 3 files"),
        (33.0, 90.0, "1 of 3 files"),
        (60.0, 90.0, "2 of 3 files, 1 failed"),
        (90.0, 90.0, "3 of 3 files, 1 failed"),
    ]


def test_a_single_file_keeps_its_name_on_the_bar() -> None:
    shown = []
    Course([1.0], lambda done, **changes: shown.append((done, changes))).move(0, 0.25)
    assert shown == [(0.25, {})]


def test_lengths_come_from_manifests_and_headers_and_the_others_are_as_long_as_these(tmp_path, sound) -> None:
    stated, unknown = sound("a.wav", seconds=0.5), tmp_path / "b.m4a"
    unknown.write_bytes(b"no header that is read")
    assert lengths_of([stated, Path("c.wav"), unknown], {Path("c.wav"): 1.5}) == pytest.approx([0.5, 1.5, 1.0])
    assert lengths_of([unknown]) == [1.0]
