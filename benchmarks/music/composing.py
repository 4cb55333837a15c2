"""Composes songs by the rules of a style."""

import random
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.music.styles import Chord, Style

SIXTEENTHS = 16
"""Steps per bar."""
DRUM_CHANNEL = 9


class Note(NamedTuple):
    """One note; start and length are in beats."""

    channel: int
    pitch: int
    velocity: int
    start: float
    length: float


@dataclass(frozen=True)
class Song:
    """A composed song.

    Attributes:
        tempo: beats per minute.
        programs: MIDI programs by channel.
        notes: all notes, unsorted.
    """

    tempo: float
    programs: dict[int, int]
    notes: list[Note]


def compose(style: Style, seed: int, seconds: float) -> Song:
    """A song of at least `seconds`; the same style and seed give the same song."""
    chance = random.Random(f"{style.name} {seed}")
    tempo, key = chance.uniform(*style.tempo), chance.randrange(-5, 7)
    programs = {i: chance.choice(choice) for i, choice in enumerate((style.bass, style.harmony, style.lead))}
    progression = chance.choice(style.progressions)
    bars = int(seconds * tempo / 60 / 4) + 1
    degree, notes = chance.randrange(len(style.scale)), list[Note]()
    for bar in range(bars):
        chord = progression[bar % len(progression)]
        notes += _accompaniment(style, chord, key, bar, chance)
        for step in range(0, SIXTEENTHS, 2):
            degree = min(2 * len(style.scale), max(0, degree + chance.choice((-2, -1, -1, 0, 1, 1, 2))))
            if chance.random() < style.density:
                octave, place = divmod(degree, len(style.scale))
                pitch = style.octave + key + style.scale[place] + 12 * octave
                notes.append(
                    Note(2, pitch, chance.randint(75, 110), _beat(style, bar, step), chance.choice((0.5, 1.0)))
                )
    return Song(tempo, programs, notes)


def _accompaniment(style: Style, chord: Chord, key: int, bar: int, chance: random.Random) -> list[Note]:
    notes, root = list[Note](), key + chord.root
    for step in style.bass_steps:
        pitch = 36 + root % 12 + chance.choice((0, 0, 0, chord.notes[1], 7))
        notes.append(Note(0, pitch, chance.randint(80, 105), _beat(style, bar, step), 0.4))
    inversion = chance.randrange(len(chord.notes))
    for step in style.harmony_steps:
        loudness = chance.randint(55, 85)
        for number, interval in enumerate(chord.notes):
            pitch = 54 + root % 12 + interval + (12 if number < inversion else 0)
            notes.append(Note(1, pitch, loudness, _beat(style, bar, step), style.harmony_length / 4))
    for drum, steps in style.drums.items():
        for step in steps:
            if chance.random() < 0.95:
                notes.append(Note(DRUM_CHANNEL, drum, chance.randint(70, 115), _beat(style, bar, step), 0.1))
    return notes


def _beat(style: Style, bar: int, step: int) -> float:
    late = style.swing if step % 4 >= 2 else 0.0
    return 4 * bar + (step + late) / 4
