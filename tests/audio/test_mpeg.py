"""Frames of MPEG audio, counted against LAME (in libsndfile), which states their number in the first."""

import io
import itertools

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.mpeg import frame_at, is_mpeg, parts, streams, tag_size
from sottovoce.audio.parts import TruncatedError, View

NOISE = np.random.default_rng(0).normal(scale=0.1, size=30_000)
RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
TAG = b"ID3\x03\x00\x00\x00\x00\x01\x02" + bytes(130)


def encoded(rate=16_000, channels=1, level=0.0, samples=NOISE):
    file = io.BytesIO()
    noise = np.stack([samples] * channels, axis=1)
    soundfile.write(file, noise, rate, format="MP3", subtype="MPEG_LAYER_III", compression_level=level)
    return file.getvalue()


def without_header(mp3):
    (stream,) = streams(mp3)
    return mp3[stream.sound :]


def decoded(content):
    file = io.BytesIO(content)
    found = [soundfile.read(View(file, part))[0] for part in parts(file, 0, len(content))]
    return np.concatenate(found)


@pytest.mark.parametrize(("rate", "channels", "level"), itertools.product(RATES, (1, 2), (0.0, 0.5, 0.9)))
def test_there_are_as_many_frames_as_lame_states(rate, channels, level):
    mp3 = encoded(rate, channels, level)
    (stream,) = streams(mp3)
    assert (stream.start, stream.stop) == (0, len(mp3))
    assert stream.frames == stream.stated
    assert (stream.first.rate, stream.first.channels, stream.first.layer) == (rate, channels, 3)
    assert stream.first.samples == (1152 if rate >= 32_000 else 576)


@pytest.mark.parametrize(("rate", "channels"), itertools.product(RATES, (1, 2)))
def test_a_file_without_a_header_is_as_long_as_its_frames(rate, channels):
    bare = without_header(encoded(rate, channels))
    (stream,) = streams(bare)
    assert stream.stated is None
    samples = stream.frames * stream.first.samples
    assert samples - 529 <= len(decoded(bare)) <= samples, "the decoder leaves out its delay of 529 samples"


@pytest.mark.parametrize("tag", [b"", TAG])
@settings(max_examples=10)
@given(times=st.lists(st.booleans(), min_size=1, max_size=4))
def test_joined_files_are_decoded_one_by_one(tag, times):
    whole, rest = encoded(), encoded()[::1]
    bare = without_header(rest)
    content = b"".join(tag + (whole if has_header else bare) for has_header in times)
    length = len(decoded(content))
    assert length >= len(times) * len(NOISE)
    if all(times):
        np.testing.assert_array_equal(decoded(content), np.tile(decoded(whole), len(times)))


def test_frames_of_another_rate_are_a_part_of_their_own():
    content = without_header(encoded(16_000)) + without_header(encoded(44_100))
    assert [stream.first.rate for stream in streams(content)] == [16_000, 44_100]


def test_more_frames_than_stated_are_read():
    mp3 = encoded()
    place = next(mp3.find(name) for name in (b"Xing", b"Info") if name in mp3[:100]) + 8
    fewer = mp3[:place] + (10).to_bytes(4, "big") + mp3[place + 4 :]
    assert len(decoded(fewer)) >= len(NOISE)


@settings(max_examples=30)
@given(st.data())
def test_a_truncated_file_lacks_more_than_one_frame(data):
    mp3 = encoded(level=0.5)
    (stream,) = streams(mp3)
    cut = mp3[: data.draw(st.integers(2_000, len(mp3) - 1))]
    (left,) = streams(cut)
    if stream.frames - left.frames > 1:
        with pytest.raises(TruncatedError):
            parts(io.BytesIO(cut), 0, len(cut))
    else:
        assert len(decoded(cut)) >= len(NOISE) - 2 * 1152


def test_the_text_of_the_first_file_stays():
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 16_000, 1, "MPEG_LAYER_III", format="MP3") as sound:
        sound.title = "Interview"
        sound.write(NOISE)
    mp3 = file.getvalue()
    (stream,) = streams(mp3)
    for content in (mp3 + mp3, mp3[: stream.start] + mp3[stream.sound :]):
        first = parts(io.BytesIO(content), 0, len(content))[0]
        with soundfile.SoundFile(View(io.BytesIO(content), first)) as sound:
            assert sound.title == "Interview"


def test_other_files_are_not_mpeg():
    for other in [b"", "text in UTF-16".encode("utf-16"), b"\xff\xd8\xff JPEG", b"\xff\xf1 AAC", b"RIFF", b"\xff" * 99]:
        assert not is_mpeg(io.BytesIO(other), 0, len(other))
    assert is_mpeg(io.BytesIO(TAG + TAG + encoded()), 0, 100_000)


def test_sizes_of_tags():
    assert tag_size(TAG) == len(TAG) == 140
    assert tag_size(b"TAG" + bytes(125)) == 128
    assert tag_size(b"APETAGEX" + (2_000).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(16)) == 64
    assert tag_size(encoded()[:32]) == 0


@given(st.binary(max_size=300))
def test_no_bytes_are_an_error(anything):
    frame_at(anything, 0)
    streams(b"\xff\xfb\x90\x00" + anything)
