"""What protecting words, voices or both with `--report` writes about each protected file, and says about it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sottovoce.evaluation.ledger import Ledger
from sottovoce.evaluation.matrix_plot import draw_matrix
from sottovoce.evaluation.panel import Panel
from sottovoce.evaluation.verdict import sentences
from sottovoce.evaluation.verify import picture_path, verify
from sottovoce.protections.judges import judges
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words
from sottovoce.protections.words_and_voice import WordsAndVoice
from sottovoce.writing import write_text

RESULTS, MATRIX, UNFINISHED = ".json", "-matrix.png", ".unfinished.jsonl"


@dataclass(frozen=True)
class Reporter:
    """Lets a panel hear originals and protected files, as they are and after codecs, filters and a room.

    Args:
        panel: who listens: the usual listeners, those attacked, and one who was left out of the search.
        attacked: names of those attacked, by whatever name they listen.
    """

    panel: Panel
    attacked: list[str]

    @classmethod
    def of(cls, protection: Words | Voice | WordsAndVoice) -> Self:
        """The reporter of a protection."""
        return cls(*judges(protection))

    @property
    def suffixes(self) -> list[str]:
        """What is appended to the name of a protected file for each file that is written."""
        return [RESULTS, MATRIX, UNFINISHED, *(picture_path(Path("x"), each).name[1:] for each in self.panel.enhancers)]

    def __call__(self, source: Path, target: Path, place: Path, progress: Callable[[float], None]) -> list[str]:
        """Measure a protected file, write what was found under a place, and give it in sentences."""
        ledger = Ledger(place.with_name(place.name + UNFINISHED))
        result = verify(
            source,
            target,
            self.panel,
            survival=True,
            attacked=self.attacked,
            pictures=place,
            progress=progress,
            ledger=ledger,
        )
        draw_matrix(place.with_name(place.name + MATRIX), result)
        write_text(place.with_name(place.name + RESULTS), result.model_dump_json(indent=2) + "\n")
        ledger.close()
        return sentences(result)
