"""Rendered songs."""

import shutil

import pytest
import soundfile

from benchmarks.music import render
from benchmarks.music.composing import compose
from benchmarks.music.render import SOUNDFONT, render_music, write_midi
from benchmarks.music.styles import STYLES
from sottovoce.corpora import read_manifest
from sottovoce.errors import SottovoceError

needs_fluidsynth = pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not SOUNDFONT.is_file(), reason="no fluidsynth or soundfont"
)


def test_the_midi_file_plays_the_notes_in_time(tmp_path) -> None:
    mido = pytest.importorskip("mido")
    song = compose(STYLES[0], 0, seconds=4.0)
    write_midi(song, tmp_path / "song.mid")
    file = mido.MidiFile(tmp_path / "song.mid")
    played = sum(message.type == "note_on" for message in file)
    assert played == len(song.notes)
    end = max(note.start + note.length for note in song.notes) * 60 / song.tempo
    assert file.length == pytest.approx(end, abs=0.01)


@needs_fluidsynth
def test_rendered_songs_sound_and_are_listed_by_style(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(render, "SECONDS", 1.0)
    monkeypatch.setattr(render, "STYLES", STYLES[:2])
    rows = read_manifest(render_music(tmp_path, songs=2))
    assert [row.label for row in rows] == ["blues", "blues", "classical", "classical"]
    for row in rows:
        samples, rate = soundfile.read(row.path)
        assert rate == 16_000 and samples.shape == (16_000,) and 0.005 < samples.std() < 0.5


def test_a_missing_soundfont_is_said(tmp_path) -> None:
    with pytest.raises(SottovoceError, match="apt install fluidsynth"):
        render_music(tmp_path, soundfont=tmp_path / "none.sf2")
