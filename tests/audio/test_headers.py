"""Sizes in headers that are missing, wrong or no longer true: all the sound is read, or there is an error."""

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.decoding import parts
from sottovoce.audio.headers import begins_container, sound_in, with_aiff_length
from sottovoce.audio.parts import NeedsFFmpegError, TruncatedError, View
from sottovoce.errors import SottovoceError

NOISE = np.random.default_rng(0).normal(scale=0.1, size=16_000)


def encoded(format, subtype, endian="FILE", samples=NOISE):
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, format=format, subtype=subtype, endian=endian)
    return file.getvalue()


def decoded(content):
    """All samples that libsndfile reads in the parts of a file."""
    file = io.BytesIO(content)
    return np.concatenate([soundfile.read(View(file, part))[0] for part in parts(file)])


LAYOUTS = {
    "wav": ("WAV", "PCM_16"),
    "big-endian wav": ("WAV", "PCM_16", "BIG"),
    "wavex": ("WAVEX", "PCM_24"),
    "mu-law wav": ("WAV", "ULAW"),
    "rf64": ("RF64", "FLOAT"),
    "w64": ("W64", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "little-endian aiff": ("AIFF", "PCM_24", "LITTLE"),
    "caf": ("CAF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "little-endian au": ("AU", "PCM_24", "LITTLE"),
    "sphere": ("NIST", "PCM_16"),
    "avr": ("AVR", "PCM_16"),
    "8-bit avr": ("AVR", "PCM_S8"),
    "voc": ("VOC", "PCM_16"),
    "svx": ("SVX", "PCM_16"),
}
WHOLE = {name: encoded(*layout) for name, layout in LAYOUTS.items()}
SIZED = [name for name in WHOLE if name != "sphere" and "avr" not in name]  # these state a number of frames
every = pytest.mark.parametrize("name", WHOLE)


def with_size(name, size, outer=None):
    """A file whose header states this size of its sound, and of the whole file if given."""
    content = bytearray(WHOLE[name])
    sound = sound_in(io.BytesIO(content), 0, len(content))
    place, width, order, _ = sound.field
    content[place : place + width] = (size % (1 << 8 * width)).to_bytes(width, order)
    if outer is not None:
        content[4:8] = outer.to_bytes(4, order)
    return bytes(content)


@every
def test_a_whole_file_is_one_part_that_is_read_as_it_is(name):
    assert [part[:3] for part in parts(io.BytesIO(WHOLE[name]))] == [(0, len(WHOLE[name]), b"")]


@every
@settings(max_examples=20)
@given(data=st.data())
def test_a_file_without_its_end_is_truncated(name, data):
    whole = WHOLE[name]
    end = len(whole) - (2 if name == "voc" else 1)  # the last byte of a VOC file may be missing
    with pytest.raises(TruncatedError):
        parts(io.BytesIO(whole[: data.draw(st.integers(len(whole) // 4, end))]))


@pytest.mark.parametrize("name", SIZED)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_size_is_stated_all_is_read_or_there_is_an_error(name, data):
    sound = sound_in(io.BytesIO(WHOLE[name]), 0, len(WHOLE[name]))
    limit = (1 << 8 * sound.field.width) - 1
    near = st.integers(0, 2 * sound.stated)
    size = data.draw(st.sampled_from([0, sound.field.extra, len(WHOLE[name]), limit]) | st.integers(0, limit) | near)
    try:
        samples = decoded(with_size(name, size))
    except SottovoceError:
        return
    np.testing.assert_array_equal(samples[:16_000], decoded(WHOLE[name]))
    assert len(samples) < 16_050, "at most the bytes after the sound are taken for sound"


@pytest.mark.parametrize("name", SIZED)
def test_a_recorder_that_crashed_left_no_size(name):
    for size in (0, sound_in(io.BytesIO(WHOLE[name]), 0, len(WHOLE[name])).field.extra):
        np.testing.assert_array_equal(decoded(with_size(name, size))[:16_000], decoded(WHOLE[name]))


@pytest.mark.parametrize("name", ["wav", "big-endian wav", "wavex", "mu-law wav", "aiff"])
@pytest.mark.parametrize("outer", [0, 0xFFFF_FFFF, 4])
def test_nor_did_it_state_the_size_of_the_file(name, outer):
    np.testing.assert_array_equal(decoded(with_size(name, 0, outer))[:16_000], decoded(WHOLE[name]))


def test_a_crashed_recorder_of_apple_fills_the_header_up_to_a_page():
    content = WHOLE["wav"]
    filler = b"FLLR" + struct.pack("<I", 4096 - 44 - 8) + bytes(4096 - 44 - 8)
    crashed = content[:4] + bytes(4) + content[8:36] + filler + b"data" + bytes(4) + content[44:]
    np.testing.assert_array_equal(decoded(crashed), decoded(content))


@pytest.mark.parametrize("name", ["wav", "wavex"])
@pytest.mark.parametrize("outer", [None, 0])
def test_a_size_that_counts_the_header_is_corrected(name, outer):
    content = with_size(name, len(WHOLE[name]), outer)
    np.testing.assert_array_equal(decoded(content), decoded(WHOLE[name]))


@pytest.mark.parametrize("size", [0xFFFF_FFFF, 0x7FFF_F000])
def test_a_program_that_writes_to_a_pipe_states_no_size(size):
    np.testing.assert_array_equal(decoded(with_size("wav", size, size)), decoded(WHOLE["wav"]))


@pytest.mark.parametrize("size", [-1, 0])
def test_rf64_and_caf_of_unknown_length(size):
    for name in ("rf64", "caf"):
        np.testing.assert_array_equal(decoded(with_size(name, size)), decoded(WHOLE[name]))


@pytest.mark.parametrize("name", ["wav", "rf64", "aiff", "caf", "au", "w64"])
def test_recordings_one_after_another_are_parts(name):
    np.testing.assert_array_equal(decoded(WHOLE[name] * 3), np.tile(decoded(WHOLE[name]), 3))
    with pytest.raises(TruncatedError):
        parts(io.BytesIO(WHOLE[name] * 2 + WHOLE[name][:20_000]))


def test_chunks_and_tags_may_follow_the_samples():
    info = b"LIST" + struct.pack("<I", 4) + b"INFO"
    for rest in (info, info + info, info[:-2], b"TAG" + bytes(125), b"ID3\3\0\0\0\0\0\0", bytes(1_000), b"\r\n"):
        assert parts(io.BytesIO(WHOLE["wav"] + rest))[0].head == b""
        np.testing.assert_array_equal(decoded(WHOLE["wav"] + rest), decoded(WHOLE["wav"]))


def test_bytes_that_may_be_sound_are_not_passed_over():
    sound = encoded("WAV", "PCM_16", samples=NOISE[::-1])[44:]
    for name in ("wav", "au", "caf"):
        with pytest.raises(SottovoceError, match="32000 bytes of sound, but 64000 bytes follow"):
            parts(io.BytesIO(WHOLE[name] + sound))


def test_a_file_without_samples_stays_one():
    empty = encoded("WAV", "PCM_16", samples=np.zeros(0))
    for content in (empty, empty + b"LIST" + struct.pack("<I", 4) + b"INFO"):
        assert len(decoded(content)) == 0


def test_a_sphere_file_states_its_samples_in_words():
    fewer = WHOLE["sphere"].replace(b"sample_count -i 16000", b"sample_count -i 15000")
    with pytest.raises(SottovoceError, match="30000 bytes of sound, but 32000"):
        parts(io.BytesIO(fewer))
    unstated = WHOLE["sphere"].replace(b"sample_count -i 16000", b"sample_bits -i 000000")
    np.testing.assert_array_equal(decoded(unstated), decoded(WHOLE["sphere"]))


def test_a_voc_file_of_several_blocks_is_left_to_ffmpeg():
    whole = WHOLE["voc"]
    more = bytes([2]) + (1_000).to_bytes(3, "little") + bytes(1_000) + b"\0"
    with pytest.raises(NeedsFFmpegError, match="several blocks"):
        parts(io.BytesIO(whole[:-1] + more))


def test_mp3_in_wav_is_read_as_mp3():
    mp3 = encoded("MP3", "MPEG_LAYER_III")
    form = struct.pack("<HHIIHH", 0x55, 1, 16_000, 4_000, 1, 0)
    head = struct.pack("<4sI4s4sI", b"RIFF", 28 + 16 + len(mp3), b"WAVE", b"fmt ", 16) + form
    wav = head + b"data" + struct.pack("<I", len(mp3)) + mp3
    (part,) = parts(io.BytesIO(wav))
    assert part.format == "WAV"
    np.testing.assert_array_equal(decoded(wav), decoded(mp3))
    with pytest.raises(TruncatedError):
        parts(io.BytesIO(wav[:-500]))


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_U8"])
@pytest.mark.parametrize("frames", [1, 2, 3, 15_999])
def test_an_odd_number_of_bytes_in_aiff_is_not_rounded(subtype, frames):
    content = with_aiff_length(encoded("AIFF", subtype, samples=NOISE[:frames]), frames, 1)
    assert len(content) % 2 == 0, "the padding stays"
    assert len(decoded(content)) == frames


@every
def test_containers_are_known_by_their_first_bytes(name):
    assert begins_container(WHOLE[name][:12])
    assert not begins_container(b"RIFF\0\0\0\0AVI ")


@given(st.binary(max_size=200))
def test_no_bytes_are_an_unforeseen_error(anything):
    starts = (b"", b"RIFF", b"RF64", b"RIFF....WAVE", b"FORM....AIFF", b"caff\0\1\0\0", b".snd", b"NIST_1A\n   1024\n")
    for magic in (*starts, b"Creative Voice File\x1a\x1a\0", WHOLE["w64"][:40], b"OggS", b"fLaC", b"ID3", b"\xff\xfb"):
        try:
            assert parts(io.BytesIO(magic + anything))
        except SottovoceError as error:
            assert "\n" not in str(error)
