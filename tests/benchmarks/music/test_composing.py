"""Composed songs: the same every time, and different from each other."""

import pytest

from benchmarks.music.composing import DRUM_CHANNEL, compose
from benchmarks.music.styles import STYLES


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_song_is_of_its_style_and_as_long_as_asked(style) -> None:
    song = compose(style, 3, seconds=12.0)
    assert song == compose(style, 3, seconds=12.0) != compose(style, 4, seconds=12.0)
    assert style.tempo[0] <= song.tempo <= style.tempo[1]
    assert max(note.start for note in song.notes) * 60 / song.tempo > 12.0 - 4 * 60 / song.tempo
    assert all(0 < note.pitch < 128 and 0 < note.velocity < 128 and note.start >= 0 for note in song.notes)
    drums = {note.pitch for note in song.notes if note.channel == DRUM_CHANNEL}
    assert drums == set(style.drums)
