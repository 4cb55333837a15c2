"""Streams of a container, their packets and texts, against what was put in."""

from fractions import Fraction

import numpy as np
import pytest
import soundfile

from sottovoce.audio import streams
from sottovoce.errors import SottovoceError


def test_streams_and_their_packets_are_those_that_were_written(video):
    path = video("in.mp4", offset=0.25)
    assert streams.kinds(path) == ["video", "audio"]
    picture, sound = streams.streams(path)
    assert (picture.codec, sound.codec) == ("mpeg4", "aac")
    assert [packet.time for packet in picture.packets] == [Fraction(place, 10) for place in range(10)]
    content = path.read_bytes()
    for number, stream in enumerate((picture, sound)):
        for packet in streams.contents(path, number, [packet.size for packet in stream.packets]):
            assert packet in content


def test_decoded_sound_begins_when_it_was_put_there(video):
    packets = streams.sound(video("in.mkv", "-c:a", "flac", offset=0.25)).packets
    assert packets[0].time == Fraction(1, 4)
    assert sum(packet.duration for packet in packets) >= 1


def test_texts_and_chapters_are_told_apart(video, tmp_path):
    chapter = "[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=5\ntitle=One\n"
    (tmp_path / "tags.txt").write_text(f";FFMETADATA1\ntitle=A = B\n{chapter}", encoding="utf-8")
    extra = ["-f", "ffmetadata", "-i", str(tmp_path / "tags.txt"), "-map_metadata", "2", "-map_chapters", "2"]
    found = streams.tags(video("in.mp4", *extra[4:], "-metadata:s:a", "language=eng", inputs=extra[:4]))
    assert ("", -1, "title", "A = B") in found
    assert ("stream", 1, "language", "eng") in found
    assert {("chapter", 0, "start", "0"), ("chapter", 0, "end", "1/2"), ("chapter", 0, "title", "One")} <= set(found)


def test_what_is_no_container_is_an_error(tmp_path, video):
    (tmp_path / "a.mp4").write_bytes(bytes(100))
    for read in (streams.kinds, streams.streams, streams.sound, streams.tags):
        with pytest.raises(SottovoceError, match="ffmpeg reports"):
            read(tmp_path / "a.mp4")


def test_a_file_of_sound_alone_is_a_container_as_well(tmp_path, video):
    soundfile.write(tmp_path / "a.wav", np.zeros(800), 8000)
    assert streams.kinds(tmp_path / "a.wav") == ["audio"]
