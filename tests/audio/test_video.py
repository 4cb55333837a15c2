"""Sound in a copy of a video: the rest is the same bit for bit, and the sound lies where it did, to the sample."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce.audio import files, streams
from sottovoce.audio.files import Untitled
from sottovoce.audio.video import around, is_video
from sottovoce.errors import SottovoceError

SUFFIXES = [".mp4", ".mov", ".mkv", ".webm"]
CLICK = 20_000


def halved(samples):
    return np.round(samples * 2**22) / 2**23  # in 24 bits


def copied(source: Path, change=lambda samples: samples * 0.5) -> tuple[Path, list[str]]:
    """A copy with other sound, beside the source."""
    sound, target = files.opened(source), source.with_name(f"out{source.suffix}")
    bare = files.encoded(target, Untitled(sound), (change(block) for block in sound.blocks()))
    pieces, notes = around(source, bare, target, (change(block) for block in sound.blocks()))
    target.write_bytes(b"".join(pieces))
    assert not list(source.parent.glob(".sottovoce-*"))
    return target, notes


def test_is_video():
    assert is_video(Path("a.MP4")) and not is_video(Path("a.m4a"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_pictures_are_copied_bit_for_bit_and_a_click_stays_at_its_sample(video, suffix):
    click = np.random.default_rng(0).normal(size=(48_000, 2)) * 1e-3
    click[CLICK] = 0.9
    source = video(f"in{suffix}", samples=click)
    target, notes = copied(source, halved)
    (own, _), (copy, _) = streams.streams(source), streams.streams(target)
    assert own == copy and notes == []
    before, after = files.read(source), files.read(target)
    assert abs(before.samples[:, 0]).argmax() == abs(after.samples[:, 0]).argmax()
    assert abs(before.frames - after.frames) < 1024 and after.frames >= before.frames
    assert streams.sound(source).packets[0].time == streams.sound(target).packets[0].time
    if suffix in (".mov", ".mkv"):
        np.testing.assert_array_equal(after.samples, halved(before.samples))


@pytest.mark.parametrize(("suffix", "offset"), [(".mp4", 0.123456), (".webm", 0.2)])
def test_sound_that_begins_later_than_the_picture_goes_on_doing_so(video, suffix, offset):
    source = video(f"in{suffix}", offset=offset)
    target, _ = copied(source)
    one, other = streams.sound(source).packets[0].time, streams.sound(target).packets[0].time
    assert abs(one - other) <= (1e-3 if suffix != ".mp4" else 1 / 48_000)
    before, after = (files.read(path).samples[:, 0] for path in (source, target))
    spectra = np.fft.rfft(before, 1 << 17).conj() * np.fft.rfft(after, 1 << 17)
    assert np.fft.irfft(spectra).argmax() == 0
    assert [p.time for p in streams.streams(source)[0].packets] == [p.time for p in streams.streams(target)[0].packets]


@given(rate=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]), frames=st.integers(4_000, 60_000))
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_length_and_rate_keeps_its_place(video, rate, frames):
    source = video("in.mp4", rate=rate, frames=frames)
    target, _ = copied(source)
    before, after = files.read(source), files.read(target)
    assert (before.rate, before.channels) == (after.rate, after.channels) and after.frames >= before.frames
    spectra = np.fft.rfft(before.samples[:, 0], 1 << 17).conj() * np.fft.rfft(after.samples[:, 0], 1 << 17)
    assert np.fft.irfft(spectra).argmax() == 0


def test_subtitles_chapters_attachments_and_languages_stay(video, tmp_path):
    (tmp_path / "s.srt").write_text("1\n00:00:00,200 --> 00:00:00,700\nThe quick brown fox\n", encoding="utf-8")
    tags = ";FFMETADATA1\ntitle=Interview\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=5\ntitle=One\n"
    (tmp_path / "tags.txt").write_text(tags, encoding="utf-8")
    (tmp_path / "a.ttf").write_bytes(b"a font")
    source = video(
        "in.mkv",
        *("-map", "2", "-map_metadata", "3", "-map_chapters", "3", "-attach", str(tmp_path / "a.ttf")),
        *("-metadata:s:t", "mimetype=font/ttf", "-metadata:s:a", "language=deu"),
        inputs=["-i", str(tmp_path / "s.srt"), "-f", "ffmetadata", "-i", str(tmp_path / "tags.txt")],
    )
    target, notes = copied(source)
    assert [(s.kind, s.head, s.packets) for s in streams.streams(source) if s.kind != "audio"] == [
        (s.kind, s.head, s.packets) for s in streams.streams(target) if s.kind != "audio"
    ]
    kept = set(streams.tags(target))
    assert {("", -1, "title", "Interview"), ("stream", 1, "language", "deu"), ("chapter", 0, "title", "One")} <= kept
    assert notes == ["its subtitles, which say in plain text what is said, are kept as they are"]


def test_what_a_container_does_not_keep_is_named(video):
    private = ["-movflags", "use_metadata_tags", "-metadata", "title=Interview", "-metadata"]
    assert copied(video("in.mp4", *private, "camera=X"))[1] == ["not kept in the protected file: camera"]
    assert copied(video("in.mov", *private, "com.apple.quicktime.make=X"))[1] == []


def test_sound_with_a_gap_would_leave_the_picture_and_is_refused(video):
    source = video("in.mp4", "-af", "aselect=lt(t\\,0.4)+gt(t\\,0.7)")
    with pytest.raises(SottovoceError, match=r"in\.mp4: its sound has a gap of \d+ ms at 0\.4") as caught:
        copied(source)
    assert "\n" not in str(caught.value)
    assert [path.name for path in source.parent.iterdir() if path.is_dir()] == []


def test_a_codec_that_delays_is_found_out(video):
    source, target = video("in.mkv"), Path("out.mkv")
    sound = files.opened(source)
    late = (np.roll(block, 3, 0) for block in sound.blocks())
    bare = files.encoded(source.with_name(target.name), Untitled(sound), late)
    with pytest.raises(SottovoceError, match="wrote the sound 3 samples late"):
        around(source, bare, source.with_name(target.name), sound.blocks())
