"""Metadata of MP4 files."""

import io
import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

from sottovoce.audio.metadata.container import OtherContainerError
from sottovoce.audio.metadata.mp4 import Mp4Atoms


def atom(name, *parts):
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + name + body


def movie(offset, created=0, *others, version=0):
    """A movie of one sound track whose samples lie at an offset."""
    width = "Q" if version else "I"
    times = struct.pack(f">B3x{width}{width}", version, created, created + 5)
    header = atom(b"mvhd", times, struct.pack(f">I{width}", 1_000, 1_000), bytes(80))
    track_header = atom(b"tkhd", times, bytes(72))
    media_header = atom(b"mdhd", times, struct.pack(f">I{width}I", 16_000, 16_000, 0))
    entry = atom(b"sowt", bytes(6), b"\0\1", bytes(8), struct.pack(">HHII", 1, 16, 0, 16_000 << 16), atom(b"free"))
    table = atom(
        b"stbl", atom(b"stsd", bytes(4), b"\0\0\0\1", entry), atom(b"stco", bytes(4), struct.pack(">II", 1, offset))
    )
    media = atom(b"mdia", media_header, atom(b"hdlr", bytes(8), b"soun", bytes(13)), atom(b"minf", table))
    return atom(b"moov", header, atom(b"trak", track_header, media), *others)


TYPE = atom(b"ftyp", b"M4A \0\0\0\0M4A mp42")


def file_of(samples=b"old samples", created=0, *others, samples_last=False, version=0):
    if samples_last:
        length = len(movie(0, created, *others, version=version))
        return TYPE + movie(len(TYPE) + length + 8, created, *others, version=version) + atom(b"mdat", samples)
    return TYPE + atom(b"mdat", samples) + movie(len(TYPE) + 8, created, *others, version=version)


def tagged(content):
    file = io.BytesIO(content)
    mp4 = MP4(file)
    mp4["\xa9nam"], mp4["\xa9day"], mp4["trkn"] = "Gespräch", "2024-05-01", [(3, 12)]
    mp4["covr"] = [MP4Cover(b"\x89PNG", MP4Cover.FORMAT_PNG)]
    mp4["----:com.apple.iTunes:SPEAKER"] = [MP4FreeForm(b"S1")]
    mp4["----:com.apple.iTunes:iTunSMPB"] = [MP4FreeForm(b" 00000000 00000840 000001CA")]
    file.seek(0)
    mp4.save(file)
    return file.getvalue()


def samples_at_offset(content, length):
    (offset,) = struct.unpack(">I", content[content.rindex(b"stco") + 12 :][:4])
    return content[offset : offset + length]


@pytest.mark.parametrize("samples_last", [False, True])
def test_tags_and_location_are_kept_and_the_samples_stay_where_the_table_says(samples_last):
    place = atom(b"\xa9xyz", b"\0\x0e\x15\xc7+48.1+011.5/")
    source = tagged(file_of(b"old samples", 0, atom(b"udta", place)))
    target = file_of(b"new sound", samples_last=samples_last)
    complete = Mp4Atoms.read(io.BytesIO(source)).onto(target)
    tags = MP4(io.BytesIO(complete)).tags
    assert (tags["\xa9nam"], tags["\xa9day"], tags["trkn"]) == (["Gespräch"], ["2024-05-01"], [(3, 12)])
    assert bytes(tags["covr"][0]) == b"\x89PNG"
    assert tags["----:com.apple.iTunes:SPEAKER"] == [b"S1"]
    assert place in complete
    assert samples_at_offset(complete, 9) == b"new sound"
    assert b"old samples" not in complete


def test_how_much_the_old_encoder_padded_is_not_kept():
    source = tagged(file_of())
    assert b"iTunSMPB" in source
    complete = Mp4Atoms.read(io.BytesIO(source)).onto(file_of(b"new"))
    assert b"iTunSMPB" not in complete
    assert MP4(io.BytesIO(complete)).tags["\xa9nam"] == ["Gespräch"]


def test_tags_of_the_encoder_are_not_added():
    complete = Mp4Atoms.read(io.BytesIO(file_of())).onto(tagged(file_of(b"new")))
    assert not MP4(io.BytesIO(complete)).tags


@pytest.mark.parametrize("versions", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_the_time_of_the_recording_is_kept(versions):
    created = 3_500_000_000  # 2014, in seconds since 1904
    source = file_of(b"old", created, version=versions[0])
    complete = Mp4Atoms.read(io.BytesIO(source)).onto(file_of(b"new", 0, version=versions[1]))
    expected = file_of(b"new", created, version=versions[1])
    assert complete == expected


def test_metadata_of_the_file_is_kept_and_other_tracks_are_named():
    xmp = atom(b"uuid", bytes(16), b"<xmp/>")
    chapters = atom(b"trak", atom(b"mdia", atom(b"hdlr", bytes(8), b"text", bytes(13))))
    found = Mp4Atoms.read(io.BytesIO(file_of(b"old", 0, chapters) + xmp))
    assert found.lost == ["track 'text'"]
    assert found.onto(file_of(b"new")).endswith(xmp)


def test_fields_and_names_for_other_containers():
    fields = Mp4Atoms.read(io.BytesIO(tagged(file_of(b"old", 0, atom(b"udta", atom(b"loci", bytes(20))))))).fields()
    assert fields.texts == {"title": "Gespräch", "date": "2024-05-01", "tracknumber": "3/12"}
    assert sorted(fields.others) == ["SPEAKER", "cover", "location"]


def test_texts_are_written_as_mutagen_reads_them():
    texts = {"title": "Gespräch", "tracknumber": "3/12", "comment": "a"}
    target = file_of(b"new")
    tags = MP4(io.BytesIO(Mp4Atoms.holding(texts, io.BytesIO(target)).onto(target))).tags
    assert dict(tags) == {"\xa9nam": ["Gespräch"], "trkn": [(3, 12)], "\xa9cmt": ["a"]}


def test_other_containers_are_refused():
    assert Mp4Atoms.read(io.BytesIO(b"RIFF" + bytes(40))) is None
    with pytest.raises(OtherContainerError):
        Mp4Atoms.read(io.BytesIO(file_of())).onto(b"fLaC" + bytes(40))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_files_raise_nothing(data):
    content = bytearray(tagged(file_of()))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    found = Mp4Atoms.read(io.BytesIO(content[: data.draw(st.integers(8, len(content)))]))
    assert samples_at_offset(found.onto(file_of(b"new")), 3) == b"new"
    found.fields()


@pytest.mark.parametrize("name", [b"mdia", b"udta"])
def test_atoms_in_atoms_take_no_memory_for_each(name):
    depth, filler = 900, atom(b"iTunSMPB", bytes(100_000))
    nested = filler
    for _ in range(depth):
        nested = atom(name, nested)
    file = io.BytesIO(atom(b"ftyp", b"M4A ") + atom(b"moov", nested))
    tracemalloc.start()
    assert Mp4Atoms.read(file) is not None
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * len(file.getvalue())
