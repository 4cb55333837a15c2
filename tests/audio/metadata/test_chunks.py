"""Chunks of WAV, AIFF, Wave64 and CAF files: read, kept, corrected."""

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.metadata.chunks import Chunks, sample_span
from sottovoce.audio.metadata.container import OtherContainerError

RIFF_OWN = (b"fmt ", b"data", b"fact", b"PEAK", b"ds64")
AIFF_OWN = (b"COMM", b"SSND", b"FVER", b"PEAK")


def encoded(form="WAV", subtype="PCM_16", frames=101, channels=1, seed=0, **options):
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (frames, channels))
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, format=form, subtype=subtype, **options)
    return file.getvalue()


def samples_of(content):
    return soundfile.read(io.BytesIO(content), always_2d=True)[0]


def chunks_of(content, order="<"):
    """An independent reader: names and bodies, with all sizes and padding as the standard wants them."""
    found, position = [], 12
    assert struct.unpack(order + "I", content[4:8])[0] in (len(content) - 8, 0xFFFF_FFFF)
    long_size = None
    while position < len(content):
        name, size = struct.unpack(order + "4sI", content[position : position + 8])
        if name == b"ds64":
            riff_size, long_size = struct.unpack("<QQ", content[position + 8 : position + 24])
            assert riff_size == len(content) - 8
        if name == b"data" and long_size is not None:
            size = long_size
        body = content[position + 8 : position + 8 + size]
        assert len(body) == size
        found.append((name, body))
        position += 8 + size
        assert content[position : position + size % 2] == bytes(size % 2)
        position += size % 2
    return found


def chunk(name, body, order="<", pad=True):
    return name + struct.pack(order + "I", len(body)) + body + bytes(len(body) % 2 * pad)


def with_chunks(content, before, after, order="<", own=RIFF_OWN):
    """A file with chunks before and after the samples."""
    parts = [chunk(*each, order) for each in before]
    parts += [chunk(*each, order) for each in chunks_of(content, order) if each[0] in own]
    parts += [chunk(*each, order) for each in after]
    body = content[8:12] + b"".join(parts)
    return content[:4] + struct.pack(order + "I", len(body)) + body


def carried(source, target):
    return Chunks.read(io.BytesIO(source)).onto(target)


names = st.from_regex(rb"\A[a-zA-Z][a-zA-Z0-9 ]{3}\Z").filter(
    lambda name: name not in (*RIFF_OWN, *AIFF_OWN, b"MD5 ", b"LIST")
)
lists = st.lists(st.tuples(names, st.binary(max_size=40)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(lists, lists, st.sampled_from(["PCM_16", "PCM_U8", "FLOAT", "ULAW"]), st.integers(1, 9))
def test_all_chunks_of_a_wav_file_are_kept_in_order_and_its_new_samples_too(before, after, subtype, frames):
    source = with_chunks(encoded("WAV", subtype, frames), before, after)
    target = encoded("WAV", subtype, frames, seed=1)
    complete = carried(source, target)
    others = [each for each in chunks_of(complete) if each[0] not in RIFF_OWN]
    assert others == [*before, *after]
    where = [name for name, _ in chunks_of(complete)].index(b"data")
    assert sum(name not in RIFF_OWN for name, _ in chunks_of(complete)[:where]) == len(before)
    np.testing.assert_array_equal(samples_of(complete), samples_of(target))


@settings(max_examples=40, deadline=None)
@given(lists, lists, st.sampled_from(["PCM_16", "PCM_S8", "FLOAT"]), st.integers(1, 9))
def test_all_chunks_of_an_aiff_file_are_kept_in_order_and_its_new_samples_too(before, after, subtype, frames):
    source = with_chunks(encoded("AIFF", subtype, frames), before, after, ">", AIFF_OWN)
    target = encoded("AIFF", subtype, frames, seed=1)
    complete = carried(source, target)
    assert [each for each in chunks_of(complete, ">") if each[0] not in AIFF_OWN] == [*before, *after]
    np.testing.assert_array_equal(samples_of(complete), samples_of(target))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["WAV", "AIFF", "W64", "CAF", "RF64"]), st.data())
def test_damaged_files_raise_nothing(form, data):
    content = bytearray(with_chunks(encoded(), [(b"bext", bytes(30))], [(b"LIST", b"INFOINAM\4\0\0\0abc\0")]))
    if form != "WAV":
        content = bytearray(encoded(form))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    sample_span(io.BytesIO(content))
    found = Chunks.read(io.BytesIO(content))
    if found is not None:
        found.fields()


def test_the_new_file_is_the_old_one_but_for_the_samples():
    listed = chunk(b"LIST", b"INFO" + chunk(b"INAM", "Gespräch\0".encode("latin-1")))
    listed = (b"LIST", listed[8:])
    source = with_chunks(encoded(), [(b"bext", b"x" * 603), (b"junk", b"abc")], [(b"cue ", bytes(28)), listed])
    target = encoded(seed=1)
    start, end = sample_span(io.BytesIO(source))
    new_start, new_end = sample_span(io.BytesIO(target))
    assert carried(source, target) == source[:start] + target[new_start:new_end] + source[end:]


def test_texts_of_the_encoder_are_not_added():
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 16_000, 1, format="WAV", subtype="PCM_16") as sound:
        sound.software = "Recorder"
        sound.write(np.zeros(10))
    assert b"ISFT" in file.getvalue()  # "Recorder (libsndfile-1.2.2)"
    assert carried(encoded(frames=10), file.getvalue()) == encoded(frames=10)[:44] + bytes(20)


def test_positions_of_loudspeakers_stay_as_they_were():
    target = encoded("WAVEX", "PCM_24", channels=4)
    mask = target.index(b"fmt ") + 28
    source = target[:mask] + struct.pack("<I", 0x603) + target[mask + 4 :]  # side instead of back loudspeakers
    assert carried(source, target) == source


def test_another_encoding_brings_its_own_description():
    source = with_chunks(encoded("WAV", "IMA_ADPCM", frames=1010), [], [(b"note", b"odd")])
    target = encoded("WAV", "PCM_16", frames=1010)
    complete = carried(source, target)
    assert chunks_of(complete) == [*chunks_of(target), (b"note", b"odd")]


def test_rf64_gets_its_long_sizes():
    target = encoded("RF64")
    source = with_chunks(encoded(), [(b"bext", bytes(602))], [(b"iXML", b"<a/>")])
    complete = carried(source, target)
    assert [name for name, _ in chunks_of(complete)] == [b"ds64", b"bext", b"fmt ", b"data", b"iXML"]
    np.testing.assert_array_equal(samples_of(complete), samples_of(target))


def test_chunks_of_a_caf_file_are_kept():
    added = b"info" + struct.pack(">Q", 18) + struct.pack(">I", 1) + b"artist\0A. Nn\0\0"
    complete = carried(encoded("CAF", "FLOAT") + added, encoded("CAF", "FLOAT", seed=1))
    assert complete.endswith(added)
    np.testing.assert_array_equal(samples_of(complete), samples_of(encoded("CAF", "FLOAT", seed=1)))


def test_chunks_of_a_wave64_file_are_kept_before_the_samples_because_libsndfile_plays_what_follows_them():
    source, target = encoded("W64", "FLOAT"), encoded("W64", "FLOAT", seed=1)
    name = b"note" + source[44:56]  # all names end like that of the format chunk
    added = name + struct.pack("<Q", 24 + 5) + b"hello" + bytes(3)
    complete = carried(source + bytes(-len(source) % 8) + added, target)
    assert added in complete
    assert struct.unpack("<Q", complete[16:24])[0] == len(complete)
    np.testing.assert_array_equal(samples_of(complete), samples_of(target))


def test_a_forgotten_byte_of_padding_hides_nothing():
    source = with_chunks(encoded(), [], [])
    source += chunk(b"odd1", b"abc", pad=False) + chunk(b"cue ", bytes(4))
    kept = [each for each in chunks_of(carried(source, encoded(seed=1))) if each[0] not in RIFF_OWN]
    assert kept == [(b"odd1", b"abc"), (b"cue ", bytes(4))]


def test_original_samples_do_not_slip_through():
    first = encoded()
    body = dict(chunks_of(first))[b"data"]
    source = first + chunk(b"data", body) + chunk(b"LIST", b"wavl" + chunk(b"data", body)) + chunk(b"MD5 ", bytes(16))
    source += body[1:]  # samples behind a size that is too small
    found = Chunks.read(io.BytesIO(source))
    assert found.lost[:3] == ["data", "wavl", "MD5"]
    assert "bytes after the last chunk" in found.lost[3]
    assert body[:50] not in found.onto(encoded(seed=1))


def test_sizes_beyond_the_file_end_with_it():
    source = encoded() + chunk(b"huge", b"abc")[:4] + struct.pack("<I", 0xFFFF_FFF0) + b"abc"
    found = Chunks.read(io.BytesIO(source))
    assert [name for name, _ in found.chunks] == [b"fmt ", b"data"]
    assert found.lost == ["11 bytes after the last chunk"]


def test_byte_orders_do_not_mix():
    big = encoded("WAV", endian="BIG")
    assert big[:4] == b"RIFX"
    with pytest.raises(OtherContainerError):
        Chunks.read(io.BytesIO(encoded())).onto(big)
    source = with_chunks(big, [(b"bext", b"abc")], [], ">")
    assert chunks_of(carried(source, big), ">")[0] == (b"bext", b"abc")


@pytest.mark.parametrize(
    ("form", "subtype"), [("WAV", "PCM_16"), ("RF64", "PCM_24"), ("AIFF", "PCM_16"), ("W64", "FLOAT")]
)
@pytest.mark.parametrize("channels", [1, 2])
def test_the_span_holds_exactly_the_samples(form, subtype, channels):
    content = encoded(form, subtype, channels=channels)
    start, end = sample_span(io.BytesIO(content))
    width = {"PCM_16": 2, "PCM_24": 3, "FLOAT": 4}[subtype]
    assert end - start == 101 * channels * width
    raw = {"samplerate": 16_000, "channels": channels, "format": "RAW", "subtype": subtype}
    endian = "BIG" if form == "AIFF" else "LITTLE"
    alone = soundfile.read(io.BytesIO(content[start:end]), endian=endian, always_2d=True, **raw)[0]
    np.testing.assert_array_equal(alone, samples_of(content))


@pytest.mark.parametrize("stated", [0, 0xFFFF_FFFF, 5_000])
def test_the_span_of_an_unfinished_file_ends_with_it(stated):
    content = bytearray(encoded())
    content[40:44] = struct.pack("<I", stated)
    assert sample_span(io.BytesIO(content)) == (44, len(content))


def test_an_offset_in_front_of_aiff_samples_is_not_sound():
    content = encoded("AIFF")
    chunks = dict(chunks_of(content, ">"))
    shifted = struct.pack(">II", 6, 0) + bytes(6) + chunks[b"SSND"][8:]
    source = with_chunks(content, [], [], ">", (b"COMM",)) + chunk(b"SSND", shifted, ">")
    start, end = sample_span(io.BytesIO(source))
    assert source[start:end] == chunks[b"SSND"][8:]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"fLaC" + bytes(50), b"RIFF\0\0\0\0AVI " + bytes(40)])
def test_other_files_have_no_chunks(content):
    assert sample_span(io.BytesIO(content)) is None
    assert Chunks.read(io.BytesIO(content)) is None


def test_texts_are_read_in_utf8_and_in_older_encodings():
    entries = (
        chunk(b"INAM", "Gespräch\0".encode("latin-1")) + chunk(b"IART", "Jürgen\0".encode()) + chunk(b"IKEY", b"a\0")
    )
    source = with_chunks(encoded(), [(b"LIST", b"INFO" + entries)], [(b"bext", b"abc"), (b"LIST", b"adtlabcd")])
    fields = Chunks.read(io.BytesIO(source)).fields()
    assert fields.texts == {"title": "Gespräch", "artist": "Jürgen"}
    assert fields.others == ["bext", "adtl", "IKEY"]
