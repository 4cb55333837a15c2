"""The rules of ten styles of music."""

from dataclasses import dataclass
from typing import NamedTuple

KICK, SNARE, CLAP, CLOSED, OPEN, RIDE, CRASH, TOM, RIM, SHAKER = 36, 38, 39, 42, 46, 51, 49, 45, 37, 70
MAJOR, MINOR, BLUES = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 6, 7, 10)
TRIAD, MINOR_TRIAD, SEVENTH, MINOR_SEVENTH, MAJOR_SEVENTH, POWER = (
    (0, 4, 7),
    (0, 3, 7),
    (0, 4, 7, 10),
    (0, 3, 7, 10),
    (0, 4, 7, 11),
    (0, 7, 12),
)


class Chord(NamedTuple):
    """The root in semitones above the key, and the notes in semitones above the root."""

    root: int
    notes: tuple[int, ...]


@dataclass(frozen=True)
class Style:
    """The rules of a style.

    Attributes:
        name: name of the style.
        tempo: lowest and highest tempo in beats per minute.
        progressions: chord progressions to choose from, one chord per bar.
        scale: scale of the melody in semitones above the key.
        bass, harmony, lead: General MIDI programs to choose from, counted from 0.
        bass_steps: sixteenths of a bar at which the bass plays.
        harmony_steps: sixteenths of a bar at which a chord starts.
        harmony_length: length of a chord in sixteenths.
        drums: sixteenths of a bar by drum; empty for no drums.
        density: share of the eighths at which the melody plays.
        swing: delay of the second half of each beat in sixteenths.
        octave: MIDI number of the melody's key.
    """

    name: str
    tempo: tuple[int, int]
    progressions: tuple[tuple[Chord, ...], ...]
    scale: tuple[int, ...]
    bass: tuple[int, ...]
    harmony: tuple[int, ...]
    lead: tuple[int, ...]
    bass_steps: tuple[int, ...]
    harmony_steps: tuple[int, ...]
    harmony_length: int
    drums: dict[int, tuple[int, ...]]
    density: float
    swing: float = 0.0
    octave: int = 60


def _chords(kind: tuple[int, ...], *roots: int) -> tuple[Chord, ...]:
    return tuple(Chord(root, kind) for root in roots)


_POP = (
    (*_chords(TRIAD, 0, 7), Chord(9, MINOR_TRIAD), Chord(5, TRIAD)),
    (Chord(9, MINOR_TRIAD), *_chords(TRIAD, 5, 0, 7)),
    (*_chords(TRIAD, 0, 5, 7, 5),),
)
_EVERY_FOURTH, _EVERY_EIGHTH = (0, 4, 8, 12), tuple(range(0, 16, 2))

STYLES = (
    Style(
        "blues",
        (70, 105),
        (_chords(SEVENTH, 0, 0, 0, 0, 5, 5, 0, 0, 7, 5, 0, 7), _chords(SEVENTH, 0, 5, 0, 0, 5, 5, 0, 0, 7, 5, 0, 0)),
        BLUES,
        (32, 33),
        (0, 16, 26),
        (22, 26, 27, 65),
        _EVERY_FOURTH,
        (0, 6, 8, 14),
        2,
        {KICK: (0, 8), SNARE: (4, 12), RIDE: (0, 4, 6, 8, 12, 14)},
        0.5,
        swing=0.67,
    ),
    Style(
        "classical",
        (60, 110),
        (
            (Chord(0, TRIAD), Chord(5, TRIAD), Chord(7, TRIAD), Chord(0, TRIAD)),
            (Chord(0, TRIAD), Chord(9, MINOR_TRIAD), Chord(2, MINOR_TRIAD), Chord(7, TRIAD)),
            (Chord(0, MINOR_TRIAD), Chord(5, MINOR_TRIAD), Chord(7, TRIAD), Chord(0, MINOR_TRIAD)),
        ),
        MAJOR,
        (42, 43, 70),
        (48, 49, 46, 6),
        (40, 73, 71, 68),
        (0, 8),
        _EVERY_EIGHTH,
        2,
        {},
        0.75,
        octave=72,
    ),
    Style(
        "country",
        (95, 130),
        (_chords(TRIAD, 0, 0, 5, 0, 7, 7, 0, 0), _chords(TRIAD, 0, 5, 0, 7)),
        MAJOR,
        (32, 33),
        (25, 105),
        (110, 25, 22),
        (0, 8),
        (4, 12),
        2,
        {KICK: (0, 8), RIM: (4, 12), SHAKER: _EVERY_EIGHTH},
        0.6,
    ),
    Style(
        "disco",
        (112, 126),
        (
            (*_chords(MINOR_SEVENTH, 9, 2), Chord(7, SEVENTH), Chord(0, MAJOR_SEVENTH)),
            _chords(MINOR_SEVENTH, 0, 5, 10, 5),
        ),
        MINOR,
        (33, 37, 38),
        (48, 50, 7),
        (61, 81, 56),
        (0, 2, 4, 6, 8, 10, 12, 14),
        (2, 6, 10, 14),
        1,
        {KICK: _EVERY_FOURTH, CLAP: (4, 12), OPEN: (2, 6, 10, 14), CLOSED: _EVERY_FOURTH},
        0.35,
    ),
    Style(
        "hiphop",
        (80, 98),
        (_chords(MINOR_TRIAD, 0, 0, 8, 7), _chords(MINOR_SEVENTH, 0, 5, 0, 5)),
        MINOR,
        (38, 39),
        (4, 89, 11),
        (80, 12, 75),
        (0, 3, 10),
        (0,),
        14,
        {KICK: (0, 3, 10), SNARE: (4, 12), CLOSED: tuple(range(16))},
        0.2,
        swing=0.3,
    ),
    Style(
        "jazz",
        (120, 200),
        (
            (Chord(2, MINOR_SEVENTH), Chord(7, SEVENTH), Chord(0, MAJOR_SEVENTH), Chord(9, SEVENTH)),
            (Chord(0, MAJOR_SEVENTH), Chord(9, MINOR_SEVENTH), Chord(2, MINOR_SEVENTH), Chord(7, SEVENTH)),
        ),
        MAJOR,
        (32,),
        (0, 26, 4),
        (65, 66, 59, 11),
        _EVERY_FOURTH,
        (0, 7),
        3,
        {RIDE: (0, 4, 6, 8, 12, 14), CLOSED: (4, 12)},
        0.8,
        swing=0.67,
    ),
    Style(
        "metal",
        (140, 190),
        (_chords(POWER, 0, 0, 1, 0), _chords(POWER, 0, 3, 5, 6), _chords(POWER, 0, 8, 10, 0)),
        MINOR,
        (34,),
        (30,),
        (30, 29),
        tuple(range(16)),
        tuple(range(16)),
        1,
        {KICK: tuple(range(16)), SNARE: (4, 12), CRASH: (0,), CLOSED: _EVERY_EIGHTH},
        0.4,
        octave=52,
    ),
    Style(
        "pop",
        (96, 124),
        _POP,
        MAJOR,
        (33, 39),
        (0, 88, 5),
        (80, 53, 85),
        (0, 6, 8, 14),
        (0, 8),
        8,
        {KICK: (0, 6, 8), SNARE: (4, 12), CLOSED: _EVERY_EIGHTH},
        0.5,
    ),
    Style(
        "reggae",
        (66, 84),
        (_chords(TRIAD, 0, 5, 0, 7), (Chord(0, MINOR_TRIAD), Chord(5, MINOR_TRIAD)) * 2),
        MAJOR,
        (33, 35),
        (16, 27),
        (56, 65, 17),
        (0, 3, 6, 11),
        (2, 6, 10, 14),
        1,
        {KICK: (8,), RIM: (8,), CLOSED: (2, 6, 10, 14)},
        0.3,
    ),
    Style(
        "rock",
        (105, 145),
        (_chords(TRIAD, 0, 10, 5, 0), _chords(POWER, 0, 5, 7, 5), _chords(TRIAD, 0, 7, 5, 5)),
        BLUES,
        (33, 34),
        (29, 27),
        (29, 18, 30),
        _EVERY_EIGHTH,
        _EVERY_EIGHTH,
        2,
        {KICK: (0, 7, 8), SNARE: (4, 12), CLOSED: _EVERY_EIGHTH},
        0.4,
    ),
)
