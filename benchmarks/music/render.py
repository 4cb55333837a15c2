"""Renders composed songs with FluidSynth and a General MIDI soundfont.

Debian packages both: `fluidsynth` and `fluid-soundfont-gm`.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.music.composing import Song, compose
from benchmarks.music.styles import STYLES
from sottovoce.audio.files import Recording, as_mono_16k, read, write
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.corpora.manifest import Utterance, write_manifest
from sottovoce.errors import SottovoceError

SECONDS = 30.0
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TICKS = 480
"""Ticks per beat."""
SPLITS = {7: "valid", 8: "test", 9: "test"}
"""By the number of a song modulo ten; the others are for training."""


def render_music(
    folder: Path, *, songs: int = 30, soundfont: Path = SOUNDFONT, progress: Callable[[float], None] = lambda _: None
) -> Path:
    """Write songs in ten styles as FLAC files of 30 s at 16 kHz, and a manifest with the style as the label.

    The songs are the same every time; existing files are not rendered again.

    Args:
        folder: folder of the songs and the manifest.
        songs: number of songs of each style.
        soundfont: an .sf2 file.
        progress: called with the finished share, from 0 to 1.

    Returns:
        The manifest's path.

    Raises:
        SottovoceError: FluidSynth, mido or the soundfont is missing, or a file cannot be written.
    """
    if shutil.which("fluidsynth") is None or not soundfont.is_file():
        raise SottovoceError(f"rendering needs fluidsynth and {soundfont}: apt install fluidsynth fluid-soundfont-gm")
    rows = []
    for style in STYLES:
        (folder / style.name).mkdir(parents=True, exist_ok=True)
        for number in range(songs):
            path = folder / style.name / f"{style.name}.{number:05}.flac"
            if not path.exists():
                _render(compose(style, number, SECONDS), path, soundfont)
            rows.append(Utterance(path, SPLITS.get(number % 10, "train"), seconds=SECONDS, label=style.name))
            progress(len(rows) / (len(STYLES) * songs))
    manifest = folder / "music.csv"
    write_manifest(manifest, rows)
    return manifest


def _render(song: Song, path: Path, soundfont: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        midi, wav = Path(folder) / "song.mid", Path(folder) / "song.wav"
        write_midi(song, midi)
        command = ["fluidsynth", "-ni", "-g", "0.4", "-r", str(MODEL_RATE), "-F", os.fspath(wav)]
        done = subprocess.run([*command, os.fspath(soundfont), os.fspath(midi)], capture_output=True, text=True)
        if done.returncode or not wav.is_file():
            raise SottovoceError(f"{path}: fluidsynth failed: {done.stderr.strip() or done.returncode}")
        samples = as_mono_16k(read(wav))[: round(SECONDS * MODEL_RATE)]
    write(path, Recording(samples.astype("float64")[:, None], MODEL_RATE, "FLAC", "PCM_16"))


def write_midi(song: Song, path: Path) -> None:
    """A song as a standard MIDI file.

    Raises:
        SottovoceError: mido is not installed.
    """
    try:
        import mido
    except ImportError as error:
        raise SottovoceError("rendering music needs mido: pip install 'sottovoce[music]'") from error
    events: list[tuple[float, int, mido.Message]] = []
    for note in song.notes:
        on = mido.Message("note_on", channel=note.channel, note=note.pitch, velocity=note.velocity)
        off = mido.Message("note_off", channel=note.channel, note=note.pitch)
        events += [(note.start, 1, on), (note.start + note.length, 0, off)]
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(song.tempo))])
    track += [mido.Message("program_change", channel=c, program=p) for c, p in song.programs.items()]
    now = 0
    for beat, _, message in sorted(events, key=lambda event: event[:2]):
        then = round(beat * TICKS)
        track.append(message.copy(time=then - now))
        now = then
    mido.MidiFile(ticks_per_beat=TICKS, tracks=[track]).save(path)
