"""Files truncated anywhere; libsndfile opens most of them without an error."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.headers import is_mpeg_of_unknown_length, is_truncated

NOISE = np.random.default_rng(0).normal(scale=0.1, size=16_000)


def encoded(format, subtype, endian="FILE"):
    file = io.BytesIO()
    soundfile.write(file, NOISE, 16_000, format=format, subtype=subtype, endian=endian)
    return file.getvalue()


CHUNKED = [encoded(*layout) for layout in [("WAV", "PCM_16"), ("WAV", "PCM_16", "BIG"), ("WAVEX", "PCM_24")]]
CHUNKED += [encoded("RF64", "FLOAT"), encoded("AIFF", "PCM_16"), encoded("AIFF", "PCM_24", "LITTLE")]
OGG = [encoded("OGG", "VORBIS"), encoded("OGG", "OPUS")]
NAMES = ["wav", "big-endian wav", "wavex", "rf64", "aiff", "little-endian aiff", "vorbis", "opus"]


@pytest.mark.parametrize("whole", CHUNKED + OGG, ids=NAMES)
def test_a_whole_file_is_not_truncated(whole):
    assert not is_truncated(io.BytesIO(whole))


@pytest.mark.parametrize("whole", CHUNKED + OGG, ids=NAMES)
@settings(max_examples=20)
@given(data=st.data())
def test_a_file_without_its_end_is_truncated(whole, data):
    length = data.draw(st.integers(len(whole) // 4, len(whole) - 1))
    assert is_truncated(io.BytesIO(whole[:length]))


def test_chunks_may_follow_the_samples():
    assert not is_truncated(io.BytesIO(CHUNKED[0] + b"LIST" + bytes([4, 0, 0, 0]) + b"INFO"))


@pytest.mark.parametrize("size", [0xFFFF_FFFF, 0x7FFF_F000])
def test_a_size_that_is_unknown_is_not_compared(size):
    streamed = bytearray(CHUNKED[0])
    streamed[40:44] = size.to_bytes(4, "little")
    assert not is_truncated(io.BytesIO(streamed))


@given(st.binary(max_size=200))
def test_no_bytes_are_an_error(anything):
    for magic in (b"", b"RIFF", b"RF64", b"FORM", b"OggS", b"ID3", b"\xff\xfb"):
        is_truncated(io.BytesIO(magic + anything))
        is_mpeg_of_unknown_length(io.BytesIO(magic + anything))


@pytest.mark.parametrize("tag", [b"", b"ID3\x03\x00\x00\x00\x00\x01\x02" + bytes(130)], ids=["bare", "tagged"])
def test_an_mp3_states_its_length_in_its_first_frame(tag):
    mp3 = encoded("MP3", "MPEG_LAYER_III")
    without = mp3[mp3.index(mp3[:2], 2) :]
    assert not is_mpeg_of_unknown_length(io.BytesIO(tag + mp3))
    assert is_mpeg_of_unknown_length(io.BytesIO(tag + without))


def test_other_files_are_not_mpeg():
    for other in [*CHUNKED, *OGG, b"", "text in UTF-16".encode("utf-16"), b"\xff\xd8\xff JPEG", b"\xff\xf1 AAC"]:
        assert not is_mpeg_of_unknown_length(io.BytesIO(other))
