"""Vorbis comments, byte for byte."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen._vorbis import VComment

from sottovoce.audio.metadata.comments import Comments


@given(st.binary(max_size=20), st.lists(st.binary(max_size=30), max_size=8), st.binary(max_size=5))
def test_entries_of_any_bytes_come_back(vendor, entries, rest):
    parsed = Comments.parsed(Comments(b"", entries).written(vendor) + rest)
    assert parsed == Comments(vendor, entries, rest)


@given(st.binary(max_size=60))
def test_damaged_comments_are_a_value_error(body):
    try:
        parsed = Comments.parsed(body)
    except ValueError:
        return
    assert parsed.written(parsed.vendor) + parsed.rest == body


def test_a_count_without_comments_is_not_believed():
    with pytest.raises(ValueError, match="comments"):
        Comments.parsed(bytes(4) + b"\xff\xff\xff\x7f")


def test_mutagen_reads_what_is_written():
    body = Comments.of({"title": "Gespräch", "tracknumber": "3/12", "unknown": "x"}).written(b"vendor")
    read = VComment(io.BytesIO(body), framing=False)
    assert read.vendor == "vendor"
    assert list(read) == [("TITLE", "Gespräch"), ("TRACKNUMBER", "3/12")]


def test_common_fields_and_names_of_the_others():
    entries = [b"Title=A=B", b"YEAR=1999", b"SPEAKER=S1", b"metadata_block_picture=AAAA", b"ENCODER=Lavf"]
    fields = Comments(b"", entries).fields()
    assert fields.texts == {"title": "A=B", "date": "1999"}
    assert fields.others == ["SPEAKER", "cover"]
