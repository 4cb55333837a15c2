"""ID3v2 tags: read, written, refused."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen import id3

from sottovoce.audio.metadata.fields import FIELDS
from sottovoce.audio.metadata.id3 import fields_of, tag_of, tag_size

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def saved(*frames, version=4):
    tag, file = id3.ID3(), io.BytesIO()
    for frame in frames:
        tag.add(frame)
    if version == 3:
        tag.update_to_v23()
    tag.save(file, v2_version=version)
    return file.getvalue()


@given(st.dictionaries(st.sampled_from(["title", "artist", "album", "comment", "copyright"]), texts))
def test_texts_come_back(given_texts):
    tag = tag_of(given_texts)
    assert tag_size(tag[:10]) == len(tag)
    if tag:
        assert fields_of(tag) == (given_texts, [])


def test_all_fields_go_to_the_frames_that_mutagen_knows():
    values = {field.comment: "2024" for field in FIELDS}
    read = id3.ID3(io.BytesIO(tag_of(values)))
    assert {frame.FrameID for frame in read.values()} == {field.frame for field in FIELDS}


@pytest.mark.parametrize("version", [3, 4])
def test_common_fields_and_names_of_the_others(version):
    tag = saved(
        id3.TIT2(encoding=1, text=["Gespräch"]),
        id3.TDRC(encoding=0, text=["2024"]),
        id3.TCON(encoding=0, text=["(101)"]),  # ID3v1's number of "Speech"
        id3.COMM(encoding=0, lang="eng", desc="ID3v1 Comment", text=["short"]),
        id3.COMM(encoding=0, lang="eng", desc="", text=["long"]),
        id3.TXXX(encoding=3, desc="SPEAKER", text=["S1"]),
        id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG"),
        id3.TSSE(encoding=0, text=["LAME"]),
        version=version,
    )
    fields = fields_of(tag)
    assert fields.texts == {"title": "Gespräch", "date": "2024", "genre": "Speech", "comment": "long"}
    assert sorted(fields.others) == ["ID3v1 Comment", "SPEAKER", "cover"]


def test_comments_of_ffmpeg_are_comments():
    assert fields_of(saved(id3.TXXX(encoding=0, desc="comment", text=["a"]))).texts == {"comment": "a"}


@pytest.mark.parametrize(("version", "flag"), [(3, 0x80), (4, 0x09)])
def test_compressed_frames_are_not_blown_up(version, flag):
    packed = struct.pack(">I", 1 << 24) + zlib.compress(b"\0" * (1 << 24))
    synchsafe = bytes(len(packed) >> shift & 0x7F for shift in (21, 14, 7, 0))
    size = synchsafe if version == 4 else struct.pack(">I", len(packed))
    frame = b"TIT2" + size + bytes([0, flag]) + packed
    whole = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    with pytest.raises(ValueError, match="compressed"):
        fields_of(b"ID3" + bytes([version, 0, 0]) + whole + frame)


@pytest.mark.parametrize("start", [b"", b"ID3", b"ID3\4\0\0\0\0\0\x80", b"TAG" + bytes(7), b"ID3\xff" + bytes(6)])
def test_what_is_not_a_tag_has_no_size(start):
    assert tag_size(start) == 0


def test_a_footer_counts():
    assert tag_size(b"ID3\4\0\x10\0\0\0\x05") == 25
