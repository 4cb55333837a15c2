"""What the page has made and shows."""

from dataclasses import dataclass, field
from pathlib import Path

from sottovoce.evaluation.verification import Verification
from sottovoce.protections.report import Report
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words
from sottovoce.protections.words_and_voice import WordsAndVoice
from sottovoce.reversible.companion import companion_path


@dataclass
class Heard:
    """Two files as a listener to them has them: playable copies, and pictures.

    Attributes:
        sounds: what can be played, by what it is.
        pictures: by what they show.
    """

    sounds: dict[str, Path] = field(default_factory=dict)
    pictures: dict[str, Path] = field(default_factory=dict)


@dataclass
class Protected:
    """A protected file.

    Attributes:
        label: the original's, for showing.
        number: from 1, which names the files to download: nothing in their names tells of the original.
        original, target: the two files.
        report: on the target.
        protection: what made it.
        heard: to listen to and look at.
        verified: what the panel found, once it was asked.
    """

    label: str
    number: int
    original: Path
    target: Path
    report: Report
    protection: Words | Voice | WordsAndVoice
    heard: Heard = field(default_factory=Heard)
    verified: Verification | None = None

    @property
    def companion(self) -> Path | None:
        """The companion, if there is a way back."""
        path = companion_path(self.target)
        return path if path.is_file() else None


@dataclass
class Compared:
    """Two files, compared."""

    verified: Verification
    heard: Heard
