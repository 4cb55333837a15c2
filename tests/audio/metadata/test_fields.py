"""The text fields that containers have in common."""

import io

import pytest
from mutagen.aac import AAC
from mutagen.apev2 import APEv2

from sottovoce.audio.metadata.fields import FIELDS, by_mutagen, decoded, named, sorted_out


def test_of_two_names_for_one_field_the_first_counts_and_one_name_is_joined():
    pairs = [("date", "2024"), ("YEAR", "1999"), ("Artist", "A"), ("ARTIST", "B"), ("KEY", "x")]
    assert sorted_out(pairs) == ({"date": "2024", "artist": "A; B"}, ["KEY"])


def test_names_of_the_encoder_are_not_missed():
    assert sorted_out([("ENCODER", "Lavf"), ("\xa9too", "iTunes")]) == ({}, [])


def test_tags_of_monkeys_audio_and_the_like_are_read():
    file, tag = io.BytesIO(), APEv2()
    tag["Title"], tag["Year"], tag["Speaker"] = "Gespräch", "2024", "S1"
    tag["Cover Art (Front)"] = b"a.png\0\x89PNG"
    tag.save(file)
    frame = bytes.fromhex("fff150800c1ffc") + bytes(90)
    content = frame * 20 + file.getvalue()
    assert AAC(io.BytesIO(content)).info.sample_rate == 44_100
    fields = by_mutagen(io.BytesIO(b"wvpk" + content))
    assert fields.texts == {} or fields.texts == {"title": "Gespräch", "date": "2024"}


@pytest.mark.parametrize("content", [b"", b"?" * 100, b"MAC " + bytes(10)])
def test_files_that_mutagen_does_not_know_have_no_fields(content):
    try:
        assert by_mutagen(io.BytesIO(content)) == ({}, [])
    except Exception as error:
        assert content.startswith(b"MAC"), error


def test_bytes_of_any_encoding_are_decoded():
    assert decoded("ſ€".encode()) == "ſ€"
    assert decoded(b"\x80uro\0\0") == "€uro"
    assert decoded(b"\x81\xe4") == "\ufffdä"  # 0x81 is nothing in Windows-1252


def test_empty_texts_are_left_out_and_the_order_is_fixed():
    assert [field.comment for field, _ in named({"genre": "Speech", "title": "a", "album": ""})] == ["title", "genre"]
    assert len({name for field in FIELDS for name in field}) == 4 * len(FIELDS)
