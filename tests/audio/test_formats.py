"""The table of what is written under which suffix, and rounding to the steps of integer subtypes."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sottovoce.audio.files import Recording, encoded, read, write
from sottovoce.audio.formats import (
    SOUND_SUFFIXES,
    VIDEO_SUFFIXES,
    Layout,
    can_write,
    held_by,
    keeps,
    layout_for,
    quantized,
    written_subtype,
)
from sottovoce.errors import SottovoceError


@pytest.mark.parametrize(
    ("source", "suffix", "expected"),
    [
        # the same kind: everything stays
        (Layout("WAV", "PCM_U8", "FILE"), ".wav", Layout("WAV", "PCM_U8", "FILE")),
        (Layout("WAVEX", "PCM_24", "FILE"), ".WAV", Layout("WAVEX", "PCM_24", "FILE")),
        (Layout("NIST", "PCM_16", "BIG"), ".wav", Layout("NIST", "PCM_16", "BIG")),
        (Layout("AIFF", "PCM_16", "LITTLE"), ".aif", Layout("AIFF", "PCM_16", "LITTLE")),
        (Layout("OGG", "OPUS", "FILE"), ".ogg", Layout("OGG", "OPUS", "FILE")),
        (Layout("WAV", "ULAW", "FILE"), ".wav", Layout("WAV", "ULAW", "FILE")),
        # another kind: nothing is lost
        (Layout("WAV", "PCM_24", "FILE"), ".flac", Layout("FLAC", "PCM_24", "FILE")),
        (Layout("WAV", "PCM_U8", "FILE"), ".flac", Layout("FLAC", "PCM_S8", "FILE")),
        (Layout("FLAC", "PCM_S8", "FILE"), ".wav", Layout("WAV", "PCM_16", "FILE")),
        (Layout("WAV", "ALAW", "FILE"), ".flac", Layout("FLAC", "PCM_16", "FILE")),
        (Layout("CAF", "ALAC_20", "FILE"), ".wav", Layout("WAV", "PCM_24", "FILE")),
        (Layout("WAV", "DOUBLE", "FILE"), ".aiff", Layout("AIFF", "DOUBLE", "FILE")),
        (Layout("MP3", "MPEG_LAYER_III", "FILE"), ".wav", Layout("WAV", "FLOAT", "FILE")),
        (Layout("M4A", "FLOAT", "FILE"), ".wav", Layout("WAV", "FLOAT", "FILE")),
        # codecs that libsndfile pads or spoils
        (Layout("WAV", "IMA_ADPCM", "FILE"), ".wav", Layout("WAV", "PCM_16", "FILE")),
        (Layout("CAF", "ALAC_24", "FILE"), ".caf", Layout("CAF", "PCM_24", "FILE")),
        (Layout("WAV", "MPEG_LAYER_III", "FILE"), ".wav", Layout("WAV", "FLOAT", "FILE")),
        (Layout("AU", "G723_24", "FILE"), ".au", Layout("AU", "PCM_16", "FILE")),
        (Layout("AIFF", "DWVW_24", "FILE"), ".aiff", Layout("AIFF", "PCM_24", "FILE")),
        # ALAC
        (Layout("WAV", "PCM_16", "FILE"), ".m4a", Layout("M4A", "PCM_16", "FILE")),
        (Layout("M4A", "PCM_24", "FILE"), ".m4a", Layout("M4A", "PCM_24", "FILE")),
        (Layout("MP4", "FLOAT", "FILE"), ".mp4", Layout("MP4", "AAC", "FILE")),
        (Layout("WEBM", "FLOAT", "FILE"), ".WebM", Layout("WEBM", "OPUS", "FILE")),
        (Layout("MOV", "PCM_16", "FILE"), ".mov", Layout("MOV", "PCM_16", "FILE")),
        (Layout("MKV", "FLOAT", "FILE"), ".mkv", Layout("MKV", "PCM_24", "FILE")),
        # another kind: as little as possible is lost
        (Layout("WAV", "FLOAT", "FILE"), ".flac", Layout("FLAC", "PCM_24", "FILE")),
        (Layout("WAV", "PCM_32", "FILE"), ".flac", Layout("FLAC", "PCM_24", "FILE")),
        (Layout("WAV", "PCM_16", "FILE"), ".ogg", Layout("OGG", "VORBIS", "FILE")),
        (Layout("OGG", "VORBIS", "FILE"), ".opus", Layout("OGG", "OPUS", "FILE")),
        (Layout("WAV", "PCM_16", "FILE"), ".mp3", Layout("MP3", "MPEG_LAYER_III", "FILE")),
        (Layout("MP3", "FLOAT", "FILE"), ".mp3", Layout("MP3", "MPEG_LAYER_III", "FILE")),
    ],
)
def test_the_table(source, suffix, expected):
    assert layout_for(suffix, source) == expected


@pytest.mark.parametrize("suffix", ["", ".", ".txt", ".raw", ".wma", ".sd2", ".sds"])
def test_a_suffix_that_nothing_is_written_under(suffix):
    with pytest.raises(SottovoceError, match="no format is written"):
        layout_for(suffix, Layout("WAV", "PCM_16", "FILE"))


@pytest.mark.parametrize(("subtype", "bits"), [("PCM_U8", 8), ("PCM_16", 16), ("PCM_24", 24), ("PCM_32", 32)])
def test_samples_go_to_the_nearest_step_and_no_further_than_full_scale(subtype, bits):
    steps = 2 ** (bits - 1)
    samples = np.array([0.4, 0.6, -0.4, -0.6, steps + 5, -steps - 5, steps - 1]) / steps
    np.testing.assert_array_equal(quantized(samples, subtype) * steps, [0, 1, 0, -1, steps - 1, -steps, steps - 1])


def test_floats_stay_as_they_are():
    samples = np.array([0.1, 3.0, -1e-9])
    np.testing.assert_array_equal(quantized(samples, "FLOAT"), samples)


@pytest.mark.parametrize(
    ("subtype", "expected"),
    [
        *((subtype, "PCM_16") for subtype in ("PCM_U8", "PCM_S8", "PCM_16", "ULAW", "IMA_ADPCM")),
        *((subtype, "PCM_24") for subtype in ("PCM_24", "PCM_32", "FLOAT", "DOUBLE", "VORBIS", "ALAC_20")),
    ],
)
def test_alac_has_16_bits_where_these_lose_nothing_and_otherwise_24(subtype, expected):
    assert written_subtype(".M4A", Layout("WAV", subtype, "FILE")) == expected


def test_under_other_suffixes_the_table_decides_the_rounding():
    assert written_subtype(".flac", Layout("WAV", "DOUBLE", "FILE")) == "PCM_24"
    assert written_subtype(".wav", Layout("WAV", "ULAW", "FILE")) == "ULAW"
    with pytest.raises(SottovoceError, match="no format is written"):
        written_subtype(".txt", Layout("WAV", "PCM_16", "FILE"))


SUBTYPES = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")


@pytest.mark.parametrize("written", SUBTYPES)
@pytest.mark.parametrize("source", SUBTYPES)
def test_a_subtype_keeps_what_comes_back_bit_for_bit(tmp_path, source, written):
    noise = np.random.default_rng(0).normal(scale=0.5, size=20_000)
    soundfile.write(tmp_path / "source.wav", quantized(noise, source), 16_000, subtype=source)
    samples, _ = soundfile.read(tmp_path / "source.wav")
    soundfile.write(tmp_path / "written.wav", quantized(samples, written), 16_000, subtype=written)
    back, _ = soundfile.read(tmp_path / "written.wav")
    assert np.array_equal(back, samples) == keeps(written, source)


@pytest.mark.parametrize("format", ["AIFF", "AU", "CAF", "FLAC", "MP3", "NIST", "OGG", "RF64", "W64", "WAV", "WAVEX"])
def test_every_layout_that_is_chosen_can_be_written(format):
    noise = 0.1 * np.random.default_rng(0).standard_normal((16_000, 1))
    for subtype in soundfile.available_subtypes(format):
        name = "a.wav" if format == "WAVEX" else f"a.{format.lower()}"
        encoded(Path(name), Recording(noise, 16_000, format, subtype))


@pytest.mark.parametrize("suffix", [*sorted(SOUND_SUFFIXES), ".sd2", ".sds"])
def test_a_suffix_can_be_written_or_there_is_an_error(suffix):
    if can_write(suffix):
        format = suffix[1:].upper() if suffix in VIDEO_SUFFIXES else "WAV"
        assert layout_for(suffix.upper(), Layout(format, "PCM_16", "FILE")).format
    else:
        with pytest.raises(SottovoceError, match="no format is written"):
            layout_for(suffix, Layout("WAV", "PCM_16", "FILE"))


@pytest.mark.parametrize("format", ["WAV", "MP4", "M4A"])
def test_a_video_is_only_written_from_one_in_the_same_container(format):
    with pytest.raises(SottovoceError, match=r"a video keeps its container, and the original is no \.mkv file"):
        layout_for(".mkv", Layout(format, "FLOAT", "FILE"))


@pytest.mark.parametrize("source", ["PCM_U8", "PCM_16", "PCM_24", "ULAW"])
def test_alac_keeps_up_to_24_bits(source):
    assert keeps(layout_for(".m4a", Layout("WAV", source, "FILE")).subtype, source)
    assert not keeps(layout_for(".m4a", Layout("WAV", "FLOAT", "FILE")).subtype, "FLOAT")


ADPCM = [
    *[("WAV", subtype) for subtype in ("GSM610", "IMA_ADPCM", "MS_ADPCM", "G721_32", "NMS_ADPCM_16", "NMS_ADPCM_32")],
    *[("AU", "G723_24"), ("AU", "G723_40"), ("AIFF", "DWVW_16"), ("AIFF", "DWVW_24"), ("CAF", "ALAC_16")],
]


@pytest.mark.parametrize(("format", "subtype"), ADPCM)
def test_what_adpcm_decodes_to_is_written_without_loss(tmp_path, format, subtype):
    noise = np.random.default_rng(0).normal(scale=0.1, size=16_000)
    suffix = f".{format.lower()}"
    soundfile.write(tmp_path / f"a{suffix}", noise, 16_000, format=format, subtype=subtype)
    recording = read(tmp_path / f"a{suffix}")
    write(tmp_path / f"b{suffix}", recording)
    back = read(tmp_path / f"b{suffix}")
    assert (back.format, back.subtype) == (format, held_by(subtype))
    np.testing.assert_array_equal(back.samples, recording.samples)
