"""A video in terms of its copy: it comes back to the byte, and its pictures are not stored twice."""

import numpy as np

from sottovoce.audio import files, streams
from sottovoce.audio.files import Untitled
from sottovoce.audio.video import around
from sottovoce.reversible.shared import joined, split


def test_an_original_comes_back_and_only_what_differs_is_stored(video):
    source = video("in.mkv", frames=12_000)
    sound, target = files.opened(source), source.with_name("out.mkv")
    bare = files.encoded(target, Untitled(sound), (block / 2 for block in sound.blocks()))
    target.write_bytes(b"".join(around(source, bare, target, (block / 2 for block in sound.blocks()))[0]))
    runs, rest = split(source, target)
    assert b"".join(joined(runs, rest, target)) == source.read_bytes()
    pictures = sum(packet.size for packet in streams.streams(source)[0].packets)
    assert len(rest) == source.stat().st_size - pictures


def test_without_anything_in_common_all_is_stored(video, tmp_path):
    source = video("in.mp4", frames=12_000)
    (tmp_path / "other.bin").write_bytes(np.random.default_rng(1).bytes(5_000))
    assert split(source, tmp_path / "other.bin") == (b"", source.read_bytes())
