"""Metadata blocks of FLAC files."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.flac import FLAC, CueSheet, CueSheetTrack, Picture

from sottovoce.audio.metadata.container import OtherContainerError
from sottovoce.audio.metadata.flac import FlacBlocks
from sottovoce.audio.metadata.id3 import tag_of


def encoded(seed=0):
    file = io.BytesIO()
    soundfile.write(file, np.random.default_rng(seed).uniform(-0.5, 0.5, 5_000), 16_000, format="FLAC")
    return file.getvalue()


def tagged(content):
    file = io.BytesIO(content)
    flac = FLAC(file)
    flac.tags.extend([("TITLE", "Gespräch"), ("LOCATION", "here"), ("REPLAYGAIN_TRACK_GAIN", "-3 dB"), ("TITLE", "b")])
    picture = Picture()
    picture.data, picture.mime, picture.type = b"\x89PNG", "image/png", 3
    flac.add_picture(picture)
    flac.cuesheet = CueSheet(None)
    flac.cuesheet.tracks = [CueSheetTrack(170, 5_000)]
    file.seek(0)
    flac.save(file)
    return file.getvalue()


def frames_of(content):
    start = content.index(b"fLaC") + 4
    while True:
        is_last, start = content[start] & 0x80, start + 4 + int.from_bytes(content[start + 1 : start + 4], "big")
        if is_last:
            return content[start:]


def test_comments_pictures_and_unknown_blocks_are_kept_and_the_frames_untouched():
    source, target = tagged(encoded()), encoded(seed=1)
    source = source[:4] + source[4:42] + bytes([99, 0, 0, 3]) + b"odd" + source[42:]  # after the stream information
    complete = FlacBlocks.read(io.BytesIO(source)).onto(target)
    before, after = FLAC(io.BytesIO(source)), FLAC(io.BytesIO(complete))
    assert list(after.tags) == list(before.tags)
    assert [picture.data for picture in after.pictures] == [b"\x89PNG"]
    assert after.cuesheet is not None
    assert bytes([99, 0, 0, 3]) + b"odd" in complete
    assert frames_of(complete) == frames_of(target)
    assert after.info.md5_signature == FLAC(io.BytesIO(target)).info.md5_signature


def test_comments_that_are_not_utf8_stay_as_they_are():
    file = io.BytesIO(encoded())
    flac = FLAC(file)
    flac["TITLE"] = "Gespr__ch"
    file.seek(0)
    flac.save(file)
    source = file.getvalue().replace(b"Gespr__ch", b"Gespr\xe4_ch")
    assert b"TITLE=Gespr\xe4_ch" in FlacBlocks.read(io.BytesIO(source)).onto(encoded(seed=1))


def test_the_vendor_is_the_library_that_encoded_the_new_sound():
    source = encoded().replace(b"reference libFLAC", b"reference oldFLAC")
    complete = FLAC(io.BytesIO(FlacBlocks.read(io.BytesIO(source)).onto(encoded())))
    assert complete.tags.vendor.startswith("reference libFLAC")


def test_id3_tags_around_the_file_are_kept():
    before, after = tag_of({"title": "outside"}), b"TAG" + bytes(125)
    complete = FlacBlocks.read(io.BytesIO(before + tagged(encoded()) + after)).onto(encoded(seed=1))
    assert complete.startswith(before + b"fLaC")
    assert complete.endswith(after)
    np.testing.assert_array_equal(
        soundfile.read(io.BytesIO(complete))[0], soundfile.read(io.BytesIO(encoded(seed=1)))[0]
    )


def test_a_file_without_comments_gets_none():
    target = tagged(encoded(seed=1))
    complete = FlacBlocks.read(io.BytesIO(encoded())).onto(target)
    assert not list(FLAC(io.BytesIO(complete)).tags)
    assert not FLAC(io.BytesIO(complete)).pictures


def test_fields_and_names_for_other_containers():
    fields = FlacBlocks.read(io.BytesIO(tagged(encoded()))).fields()
    assert fields.texts == {"title": "Gespräch; b"}
    assert fields.others == ["LOCATION", "REPLAYGAIN_TRACK_GAIN", "cover", "cue sheet"]


def test_damaged_comments_are_named():
    source = bytearray(encoded())
    source[46:50] = b"\xff\xff\xff\x7f"  # the size of the vendor
    found = FlacBlocks.read(io.BytesIO(source))
    assert found.lost == ["damaged comments"]
    assert FLAC(io.BytesIO(found.onto(encoded(seed=1)))).info.length > 0


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_files_raise_nothing(data):
    content = bytearray(tagged(encoded()))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(4, 500))] = data.draw(st.integers(0, 255))
    found = FlacBlocks.read(io.BytesIO(content[: data.draw(st.integers(0, len(content)))]))
    if found is not None:
        found.fields()
        assert frames_of(encoded(seed=1)) in found.onto(encoded(seed=1))


def test_other_containers_are_refused():
    assert FlacBlocks.read(io.BytesIO(b"RIFF" + bytes(40))) is None
    with pytest.raises(OtherContainerError):
        FlacBlocks.read(io.BytesIO(encoded())).onto(b"RIFF" + bytes(40))
