"""What a sound file holds besides its samples, through the way of a file: read, encoded anew, added."""

import io
import shutil
import struct
import subprocess

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.flac import FLAC
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus

from sottovoce.audio.extras import Extras, sample_span

FORMATS = {
    ".wav": ("WAV", "PCM_16"),
    ".aiff": ("AIFF", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
    ".w64": ("W64", "PCM_16"),
    ".au": ("AU", "PCM_16"),
}


def encoded(suffix, seed=0, **texts):
    form, subtype = FORMATS[suffix]
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 16_000, 1, format=form, subtype=subtype) as sound:
        for name, text in texts.items():
            setattr(sound, name, text)
        sound.write(np.random.default_rng(seed).uniform(-0.5, 0.5, 8_000))
    return file.getvalue()


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def broadcast_wav():
    info = chunk(b"INAM", "Gespräch mit Jürgen\0".encode("latin-1")) + chunk(b"IKEY", b"secret\0")
    parts = [
        b"WAVE",
        chunk(b"bext", b"Interview".ljust(603, b"\0")),
        encoded(".wav")[12:],
        chunk(b"cue ", bytes(28)),
        chunk(b"LIST", b"adtl" + chunk(b"labl", b"\1\0\0\0Question\0")),
        chunk(b"LIST", b"INFO" + info),
    ]
    body = b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tagged_mp3():
    tag, file = id3.ID3(), io.BytesIO()
    tag.add(id3.TIT2(encoding=0, text=["Gespräch"]))
    tag.add(id3.TPE1(encoding=0, text=["Jürgen"]))
    tag.add(id3.COMM(encoding=0, lang="deu", desc="", text=["short"]))
    tag.add(id3.TXXX(encoding=1, desc="SPEAKER", text=["S1"]))
    tag.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG"))
    tag.save(file)
    return file.getvalue() + encoded(".mp3")


def tagged_flac():
    file = io.BytesIO(encoded(".flac"))
    flac = FLAC(file)
    flac["title"], flac["location"] = "Gespräch", "here"
    file.seek(0)
    flac.save(file)
    return file.getvalue()


TARGETS = {suffix: encoded(suffix, seed=1) for suffix in (".wav", ".flac", ".ogg", ".mp3", ".aiff")}
SOURCES = {"a.wav": broadcast_wav, "a.mp3": tagged_mp3, "a.flac": tagged_flac}


@pytest.fixture(params=SOURCES)
def source(request, tmp_path):
    path = tmp_path / request.param
    path.write_bytes(SOURCES[request.param]())
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_samples_stay_and_no_text_is_doubled(source, suffix):
    has_texts = suffix not in (".w64", ".au")
    target = encoded(suffix, seed=1, **({"title": "mojibake", "artist": "mojibake"} if has_texts else {}))
    complete, _ = Extras.of(source).added_to(target, suffix)
    np.testing.assert_array_equal(soundfile.read(io.BytesIO(complete))[0], soundfile.read(io.BytesIO(target))[0])
    if has_texts:
        assert b"mojibake" not in complete
        own_encoding = source.suffix == suffix and suffix != ".flac"
        assert "Gespräch".encode("latin-1" if own_encoding else "utf-8") in complete


def test_in_the_same_container_nothing_is_lost(source):
    complete, lost = Extras.of(source).added_to(encoded(source.suffix, seed=1), source.suffix)
    assert lost == []
    old, new = encoded(source.suffix), encoded(source.suffix, seed=1)
    assert len(complete) - len(new) == len(source.read_bytes()) - len(old)


@pytest.mark.parametrize("suffix", [".flac", ".opus", ".mp3", ".aiff"])
def test_into_another_container_go_the_common_texts_and_the_rest_is_named(tmp_path, suffix):
    path = tmp_path / "a.wav"
    path.write_bytes(broadcast_wav())
    complete, lost = Extras.of(path).added_to(encoded(suffix, seed=1), suffix)
    assert lost == ["bext", "cue", "adtl", "IKEY"]
    file = io.BytesIO(complete)
    if suffix == ".flac":
        assert FLAC(file)["title"] == ["Gespräch mit Jürgen"]
    elif suffix == ".opus":
        assert OggOpus(file)["title"] == ["Gespräch mit Jürgen"]
    else:
        assert id3.ID3(io.BytesIO(complete[complete.index(b"ID3\4") :]))["TIT2"].text == ["Gespräch mit Jürgen"]


def test_id3_texts_go_into_a_wav_file_and_the_rest_is_named(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_bytes(tagged_mp3())
    complete, lost = Extras.of(path).added_to(encoded(".wav"), ".wav")
    assert sorted(lost) == ["SPEAKER", "cover"]
    with soundfile.SoundFile(io.BytesIO(complete)) as sound:
        assert (sound.title, sound.artist, sound.comment) == ("Gespräch", "Jürgen", "short")


def test_where_no_text_can_be_all_is_named(tmp_path):
    path = tmp_path / "a.flac"
    path.write_bytes(tagged_flac())
    target = encoded(".au")
    assert Extras.of(path).added_to(target, ".au") == (target, ["title", "location"])


@pytest.mark.parametrize("content", [b"", b"?", b".snd" + bytes(40), encoded(".au")])
def test_a_source_without_metadata_that_we_know_leaves_the_encoded_file_as_it_is(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    target = encoded(".wav", title="kept")
    assert Extras.of(path).added_to(target, ".wav") == (target, [])


def test_a_file_that_cannot_be_opened_is_no_error(tmp_path):
    assert Extras.of(tmp_path / "none.wav").unreadable == ["tags"]
    assert sample_span(tmp_path / "none.wav") is None


def test_damaged_tags_are_named_and_the_sound_is_written(tmp_path):
    content = bytearray(encoded(".opus"))
    start = content.index(b"OpusTags") + 8
    content[start : start + 4] = b"\xff\xff\xff\x7f"
    path = tmp_path / "a.opus"
    path.write_bytes(content)
    target = encoded(".opus", seed=1)
    assert Extras.of(path).added_to(target, ".opus") == (target, ["tags"])


def test_names_are_fit_to_be_shown(tmp_path):
    path = tmp_path / "a.flac"
    file = io.BytesIO(encoded(".flac"))
    flac = FLAC(file)
    flac.tags.extend([("A" * 500, "x"), ("SPEAKER", "a"), ("SPEAKER", "b")])
    file.seek(0)
    flac.save(file)
    path.write_bytes(file.getvalue())
    assert Extras.of(path).added_to(encoded(".au"), ".au")[1] == ["A" * 40, "SPEAKER"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SOURCES)), st.sampled_from(sorted(TARGETS)), st.data())
def test_whatever_is_damaged_the_new_sound_is_written(tmp_path_factory, name, suffix, data):
    content = bytearray(SOURCES[name]())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(-300, 700))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    target = TARGETS[suffix]
    complete, lost = Extras.of(path).added_to(target, suffix)
    np.testing.assert_array_equal(soundfile.read(io.BytesIO(complete))[0], soundfile.read(io.BytesIO(target))[0])
    assert all(name.isprintable() for name in lost)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_tags_place_and_time_of_an_m4a_file_are_kept(tmp_path):
    def made(name, seed, *options):
        (tmp_path / "a.wav").write_bytes(encoded(".wav", seed))
        command = ["ffmpeg", "-v", "error", "-y", "-i", "a.wav", *options, "-c:a", "alac", name]
        subprocess.run(command, check=True, cwd=tmp_path)
        return tmp_path / name

    texts = ["title=Gespräch", "date=2024", "location=+48.1000+011.5000/", "creation_time=2014-11-28T10:00:00Z"]
    source = made("source.m4a", 0, *(each for text in texts for each in ("-metadata", text)))
    target = made("target.m4a", 1)
    complete, lost = Extras.of(source).added_to(target.read_bytes(), ".m4a")
    (tmp_path / "complete.m4a").write_bytes(complete)
    probe = ["ffprobe", "-v", "error", "-show_entries", "format_tags", "-of", "flat"]
    before, after = (
        subprocess.run([*probe, name], capture_output=True, check=True, cwd=tmp_path).stdout.decode().splitlines()
        for name in ("source.m4a", "complete.m4a")
    )
    assert lost == []
    assert "2014-11-28" in str(before)
    assert "+48.1" in str(before)
    assert after == before
    decode = ["ffmpeg", "-v", "error", "-i", "complete.m4a", "-f", "s16le", "-"]
    sound = subprocess.run(decode, capture_output=True, check=True, cwd=tmp_path).stdout
    start, end = sample_span(tmp_path / "a.wav")
    assert sound == encoded(".wav", 1)[start:end]
    assert MP4(io.BytesIO(complete))["\xa9nam"] == ["Gespräch"]
