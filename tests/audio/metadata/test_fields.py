"""The text fields that containers have in common."""

import io
import struct

import pytest
from mutagen.apev2 import APEv2

from sottovoce.audio.metadata.fields import FIELDS, by_mutagen, decoded, named, sorted_out


def test_of_two_names_for_one_field_the_first_counts_and_one_name_is_joined():
    pairs = [("date", "2024"), ("YEAR", "1999"), ("Artist", "A"), ("ARTIST", "B"), ("KEY", "x")]
    assert sorted_out(pairs) == ({"date": "2024", "artist": "A; B"}, ["KEY"])


def test_names_of_the_encoder_are_not_missed():
    assert sorted_out([("ENCODER", "Lavf"), ("\xa9too", "iTunes")]) == ({}, [])


def test_tags_of_containers_that_are_only_read():
    header = b"wvpk" + struct.pack("<IHBBIIIII", 24, 0x410, 0, 0, 8_000, 0, 8_000, 9 << 23, 0)
    file, tag = io.BytesIO(), APEv2()
    tag["Title"], tag["Year"], tag["Speaker"] = "Gespräch", "2024", "S1"
    tag["Cover Art (Front)"] = b"a.png\0\x89PNG"
    tag.save(file)
    fields = by_mutagen(io.BytesIO(header + file.getvalue()))
    assert fields.texts == {"title": "Gespräch", "date": "2024"}
    assert sorted(fields.others) == ["Speaker", "cover"]


@pytest.mark.parametrize("content", [b"", b"?" * 100])
def test_files_that_mutagen_does_not_know_have_no_fields(content):
    assert by_mutagen(io.BytesIO(content)) == ({}, [])


def test_bytes_of_any_encoding_are_decoded():
    assert decoded("ŝ€".encode()) == "ŝ€"
    assert decoded(b"\x80uro\0\0") == "€uro"
    assert decoded(b"\x81\xe4") == "\ufffdä"  # 0x81 is nothing in Windows-1252


def test_empty_texts_are_left_out_and_the_order_is_fixed():
    assert [field.comment for field, _ in named({"genre": "Speech", "title": "a", "album": ""})] == ["title", "genre"]
    assert len({name for field in FIELDS for name in field}) == 4 * len(FIELDS)
