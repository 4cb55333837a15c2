"""Tags before and behind the frames of MP3 files."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.apev2 import APEv2

from sottovoce.audio.metadata.container import OtherContainerError
from sottovoce.audio.metadata.id3 import tag_of
from sottovoce.audio.metadata.mp3 import Mp3Tags

ID3V1 = b"TAG" + b"Talk".ljust(30, b"\0") + b"A. N.".ljust(30, b"\0") + bytes(65)


def encoded(seed=0, **texts):
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 16_000, 1, format="MP3") as sound:
        for name, text in texts.items():
            setattr(sound, name, text)
        sound.write(np.random.default_rng(seed).uniform(-0.5, 0.5, 8_000))
    return file.getvalue()


def id3_tag():
    tag, file = id3.ID3(), io.BytesIO()
    tag.add(id3.TIT2(encoding=id3.Encoding.LATIN1, text=["Gespräch"]))
    tag.add(id3.TXXX(encoding=id3.Encoding.UTF16, desc="SPEAKER", text=["S1"]))
    tag.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG"))
    tag.save(file, v2_version=3, padding=lambda _: 77)
    return file.getvalue()


def ape_tag():
    tag, file = APEv2(), io.BytesIO()
    tag["MP3GAIN_MINMAX"] = "1,2"
    tag.save(file)
    return file.getvalue()


LYRICS = b"LYRICSBEGININD00002110LYR00004text"
LYRICS += f"{len(LYRICS):06}LYRICS200".encode()


@pytest.mark.parametrize("before", [b"", id3_tag(), id3_tag() + tag_of({"title": "another"})])
@pytest.mark.parametrize("after", [b"", ID3V1, ape_tag(), ape_tag() + LYRICS + ID3V1])
def test_all_tags_are_kept_to_the_byte_and_so_are_the_frames(before, after):
    target = encoded(seed=1)
    complete = Mp3Tags.read(io.BytesIO(before + encoded() + after)).onto(target)
    assert complete == before + target + after


def test_tags_of_the_encoder_are_not_added():
    target = encoded(seed=1, title="Gespräch")
    assert target[-128:-125] == b"TAG"
    assert Mp3Tags.read(io.BytesIO(encoded())).onto(target) == target[:-128]


def test_sizes_that_would_take_frames_for_tags_are_not_believed():
    ape = bytearray(ape_tag())
    ape[-20:-16] = (2_000).to_bytes(4, "little")  # far into the frames
    assert Mp3Tags.read(io.BytesIO(encoded() + ape)).after == b""
    tag = bytearray(id3_tag())
    tag[6:10] = bytes([0, 0, tag[8] + 3, tag[9]])
    assert Mp3Tags.read(io.BytesIO(tag + encoded())) is None


def test_fields_and_names_for_other_containers():
    fields = Mp3Tags.read(io.BytesIO(id3_tag() + encoded() + ape_tag())).fields()
    assert fields.texts == {"title": "Gespräch"}
    assert sorted(fields.others) == ["APE", "SPEAKER", "cover"]
    assert Mp3Tags.read(io.BytesIO(encoded() + ID3V1)).fields().texts == {"title": "Talk", "artist": "A. N."}


@pytest.mark.parametrize("content", [b"", b"ID3", b"\xff\xf1\x50\x80" + bytes(40), id3_tag(), b"RIFF" + bytes(40)])
def test_other_files_are_no_mp3_files(content):  # the second is AAC
    assert Mp3Tags.read(io.BytesIO(content)) is None
    with pytest.raises(OtherContainerError):
        Mp3Tags(b"").onto(content)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_files_raise_nothing(data):
    content = bytearray(id3_tag() + encoded() + ape_tag() + LYRICS + ID3V1)
    for _ in range(data.draw(st.integers(1, 9))):
        content[data.draw(st.integers(-400, 300))] = data.draw(st.integers(0, 255))
    found = Mp3Tags.read(io.BytesIO(content))
    if found is not None:
        found.fields()
