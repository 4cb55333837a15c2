"""Lists of speaker verification trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sottovoce.corpora.manifest import Utterance

OTHERS = 30
"""Non-target trials for each target trial (Guo et al., 2024, section 4.1)."""


@dataclass(frozen=True)
class Trial:
    """One comparison.

    Attributes:
        enrolled, tested: indices of two utterances in the corpus.
        same: whether they have the same speaker.
    """

    enrolled: int
    tested: int
    same: bool


def per_utterance(utterances: Sequence[Utterance], seed: int = 0) -> list[Trial]:
    """For every utterance, a trial with another one of its speaker and 30 with other speakers of the same sex.

    Args:
        utterances: the corpus, with speakers and sexes.
        seed: seed of the choice.

    Returns:
        The trials, ordered by tested utterance. There are fewer non-targets if the corpus has fewer, and no target if a
        speaker has only one utterance.
    """
    generator = torch.Generator().manual_seed(seed)
    return [trial for place in range(len(utterances)) for trial in _trials(utterances, place, generator)]


def per_speaker(utterances: Sequence[Utterance], seed: int = 0) -> list[Trial]:
    """The published list: as `per_utterance`, but for one utterance of each speaker."""
    generator = torch.Generator().manual_seed(seed)
    trials: list[Trial] = []
    for speaker in sorted({utterance.speaker for utterance in utterances}):
        own = [place for place, utterance in enumerate(utterances) if utterance.speaker == speaker]
        trials += _trials(utterances, _drawn(own, 1, generator)[0], generator)
    return trials


def of_sex(trials: Sequence[Trial], utterances: Sequence[Utterance], sex: str) -> list[Trial]:
    """The trials whose tested speaker is "M" or "F"."""
    return [trial for trial in trials if utterances[trial.tested].sex == sex]


def compared(
    trials: Sequence[Trial],
    enrolled: Mapping[int, Tensor],
    tested: Mapping[int, Tensor],
    utterances: Sequence[Utterance],
) -> tuple[Tensor, Tensor, Tensor]:
    """Cosines of all trials, whether the speakers are the same, and numbers of the tested speakers, `(trials,)` each.

    Args:
        trials: comparisons.
        enrolled, tested: embeddings by index of the utterance.
        utterances: the corpus.
    """
    scores = torch.stack([(enrolled[trial.enrolled] * tested[trial.tested]).sum() for trial in trials])
    names = sorted({utterance.speaker for utterance in utterances})
    speakers = torch.tensor([names.index(utterances[trial.tested].speaker) for trial in trials])
    return scores, torch.tensor([trial.same for trial in trials]), speakers


def _trials(utterances: Sequence[Utterance], tested: int, generator: torch.Generator) -> list[Trial]:
    who = utterances[tested]
    own = [place for place, other in enumerate(utterances) if other.speaker == who.speaker and place != tested]
    others = [place for place, u in enumerate(utterances) if u.speaker != who.speaker and u.sex == who.sex]
    targets = [Trial(place, tested, True) for place in _drawn(own, 1, generator)]
    return targets + [Trial(place, tested, False) for place in _drawn(others, OTHERS, generator)]


def _drawn(places: Sequence[int], count: int, generator: torch.Generator) -> list[int]:
    return [places[i] for i in torch.randperm(len(places), generator=generator)[:count].tolist()]
