"""Words protected from whoever understands speech: recognisers write other words, alone and behind enhancers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor, nn

from sottovoce.audio import windows
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels import OneOf
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.recognition import why_worthless
from sottovoce.metrics import wer
from sottovoce.models.chain import Chain, end_of
from sottovoce.models.enhancers import Enhancer
from sottovoce.protections.base import Progress
from sottovoce.protections.hearing import write, write_whole
from sottovoce.protections.presets import displaced
from sottovoce.protections.report import Effect, still
from sottovoce.protections.searching import Goals, search
from sottovoce.protections.windowed import Window, cut
from sottovoce.text.spelling import plain
from sottovoce.threats.objectives import Objective, OtherFeatures, OtherWords, TheseWords, Weighted

FRIENDSHIP = 2.0
"""Weight of a friend's understanding."""
INAUDIBLE = 1e-4
"""Change of samples that is due to rounding."""
MOST = 0.5
"""Share of the words that must be wrong for a recogniser not to understand most of them."""


class Transcripts(BaseModel):
    """What one recogniser writes.

    Attributes:
        before, after: for the original and for the written file, for each view.
        problem: why nothing follows from it, for each view; None if nothing speaks against it.
    """

    before: list[str]
    after: list[str]
    problem: list[str | None]

    def same(self, place: int) -> bool:
        """Whether nothing changed in a view."""
        return self.before[place] == self.after[place]

    def rates(self) -> dict[int, float]:
        """Word error rates against what was written before, by view; none where that says nothing."""
        places = [place for place, problem in enumerate(self.problem) if problem is None]
        rates = wer([self.before[place] for place in places], [self.after[place] for place in places])
        return dict(zip(places, rates.tolist(), strict=True))


class Misheard(Effect):
    """What recognisers still write.

    Attributes:
        attacked, kept, unseen: by name, those attacked, those that should go on understanding, and those left out of
            the search.
    """

    attacked: dict[str, Transcripts]
    kept: dict[str, Transcripts]
    unseen: dict[str, Transcripts]

    def lines(self) -> list[str]:
        told = [self._unseen(name, each) for name, each in self.unseen.items()]
        if self.attacked:
            told.append("attacked: " + ", ".join(f"{name} {self._share(each)}" for name, each in self.attacked.items()))
        told += [f"{name}, who should understand: {self._share(each, most=True)}" for name, each in self.kept.items()]
        return told

    def failure(self) -> str | None:
        judges = self.attacked or self.unseen
        for place, view in enumerate(self.views):
            understanding = [each for each in judges.values() if each.before[place]]
            if view.startswith("channel") and understanding and all(each.same(place) for each in understanding):
                names = " and ".join(name for name, each in judges.items() if each.before[place])
                verb = "writes" if len(understanding) == 1 else "write"
                where = self.where(place)
                return f"{names} {verb} the same as before{where}; try a higher --strength or more --effort"
        return None

    def doubts(self) -> list[str]:
        rates = {name: each.rates() for name, each in {**self.attacked, **self.unseen}.items()}
        names = [name for name, each in rates.items() if each and min(each.values()) < MOST]
        return still(names, len(rates), verbs=("understands", "understand"), what="most of what is said")

    def _unseen(self, name: str, each: Transcripts) -> str:
        rates = each.rates()
        verdict = ""
        if rates:
            verdict = " no longer understands most of it:" if min(rates.values()) >= MOST else " still understands it:"
        return f"{name}, never attacked,{verdict} {self._share(each)}"

    def _share(self, each: Transcripts, *, most: bool = False) -> str:
        """The words that a recogniser gets wrong, in the view where they are fewest, or most."""
        rates = each.rates()
        if not rates:
            return f"tells nothing ({each.problem[0]})"
        place = (max if most else min)(rates, key=rates.__getitem__)
        return f"{100 * rates[place]:.0f} % of the words wrong{self.where(place)}"


class AgainstUnderstanding:
    """Attacks recognisers and surrogates of them, alone and behind whatever may stand in front of them.

    Of recognisers and surrogates whose outputs are states, such as Whisper's encoder, the states are moved away from
    those of the original, which crosses to other recognisers far better than an attack on the words that are written
    (docs/decisions.md). Those whose outputs are characters should write other words.

    Every step of the search takes each recogniser through another short delay and equaliser, so that nothing rests on
    where its frames begin or how loud its bands are; with enhancers among the listeners, once more behind one of them,
    drawn at random. No enhancer is needed: what is made on a recogniser passes through enhancers and codecs that were
    never attacked (docs/decisions.md).

    Args:
        listeners: by name; recognisers that can be attacked, surrogates of them (networks that write nothing; their
            outputs are states, as many as `own_frames` says), chains that end in one, and enhancers.
        friends: recognisers by name that should go on writing what they write.
        witnesses: recognisers by name that are left out of the search and asked about the written file.
        snr: minimum SNR of the perturbation in dB.
        steps: of the search.
        seed: of the draws.
        notes: what to tell a person besides.

    Raises:
        SottovoceError: a listener or friend cannot be attacked, or none of them understands speech.
    """

    def __init__(
        self,
        listeners: Mapping[str, nn.Module],
        *,
        friends: Mapping[str, nn.Module],
        witnesses: Mapping[str, nn.Module],
        snr: float,
        steps: int,
        seed: int,
        notes: Sequence[str] = (),
    ) -> None:
        self.fronts = {name: each for name, each in listeners.items() if isinstance(end_of(each), Enhancer)}
        self.ears = {name: each for name, each in listeners.items() if name not in self.fronts}
        self.friends, self.witnesses = friends, witnesses
        self.snr, self.steps, self.seed, self.notes = snr, steps, seed, list(notes)
        for name, each in self.ears.items():
            if not is_surrogate(each) and not _writes(each):
                raise SottovoceError(f"--against {name}: neither an enhancer nor a recogniser that can be attacked")
        for name, each in friends.items():
            if not _writes(each):
                raise SottovoceError(f"--keep {name}: no recogniser whose gradients can be followed; name another")

    @property
    def everybody(self) -> list[nn.Module]:
        """Every network through which a step may pass, recognisers first."""
        return [*self.ears.values(), *self.fronts.values(), *self.friends.values()]

    @property
    def seam(self) -> int:
        """Windows should start at multiples of this number of samples."""
        return math.lcm(*(int(getattr(each, "seam", 1)) for each in (*self.ears.values(), *self.fronts.values())))

    def identity(self) -> dict[str, object]:
        """What the perturbation depends on besides the listeners."""
        return {"steps": self.steps, "seed": self.seed}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`; windows in which nobody hears words stay as they are."""
        found = cut(heard, self.seam)
        spoken = self.spoken(heard, found)

        def goals(waveforms: Tensor, lengths: Tensor, window: Window) -> Goals:
            return self.goals(waveforms, lengths) if window in spoken else ([], [])

        return search(heard, found, goals, snr=self.snr, steps=self.steps, progress=progress)

    def spoken(self, heard: Tensor, found: Sequence[Window]) -> list[Window]:
        """The windows in which somebody hears words.

        Raises:
            SottovoceError: there is none.
        """
        spoken = [window for window in found if self._hears_words(heard[window.channel, window.place])]
        if not spoken:
            raise SottovoceError("no recogniser hears words in it; there is nothing to protect")
        return spoken

    def measure(self, before: Tensor, after: Tensor) -> Misheard:
        """See `Protection.measure`."""
        writers = {name: each for name, each in self.ears.items() if not is_surrogate(each)}
        attacked, kept, unseen = (
            {name: _transcripts(each, before, after) for name, each in named.items()}
            for named in (writers, self.friends, self.witnesses)
        )
        return Misheard(attacked=attacked, kept=kept, unseen=unseen, notes=[*self.notes, *_untouched(before, after)])

    def goals(self, waveforms: Tensor, lengths: Tensor) -> Goals:
        """What every listener should make of a window with words; see `searching.search`."""
        generator = torch.Generator().manual_seed(self.seed)
        moved = displaced(generator)
        front = OneOf(list(self.fronts.values()), generator=generator) if self.fronts else None
        listeners, objectives = list[nn.Module](), list[Objective]()
        for ear in self.ears.values():
            wish = _away(ear, waveforms, lengths)
            ways = [Chain(moved, ear)] if front is None else [Chain(moved, ear), Chain(front, ear)]
            listeners += ways
            objectives += [wish] * len(ways)
        for friend in self.friends.values():
            recognizer: Any = end_of(friend)
            listeners.append(friend)
            objectives.append(Weighted(TheseWords([write(friend, waveforms)], recognizer), FRIENDSHIP))
        return listeners, objectives

    def _hears_words(self, waveform: Tensor) -> bool:
        if not waveform.any():
            return False
        writers = [*(each for each in self.ears.values() if not is_surrogate(each)), *self.witnesses.values()]
        return not writers or any(plain(write(each, waveform[None])) for each in writers)


def is_surrogate(listener: nn.Module) -> bool:
    """Whether a listener only hears like a recogniser and writes nothing."""
    return not hasattr(end_of(listener), "transcribe") and hasattr(end_of(listener), "own_frames")


def _writes(listener: nn.Module) -> bool:
    return bool(getattr(end_of(listener), "differentiable", False)) and hasattr(end_of(listener), "likelihood_of")


@torch.no_grad()
def _away(listener: nn.Module, waveforms: Tensor, lengths: Tensor) -> Objective:
    """Other states than this listener has now; of a recogniser whose outputs are characters, other words."""
    end: Any = end_of(listener)
    if hasattr(end, "own_frames"):
        return OtherFeatures(listener(waveforms, lengths), end.own_frames(lengths))
    return OtherWords([write(listener, waveforms)], end)


def _untouched(before: Tensor, after: Tensor) -> list[str]:
    """Which windows were left as they are because nobody heard words in them; silence needs no mention."""
    notes = list[str]()
    for view, changed in zip(before, after, strict=True):
        spans = windows.spans(len(view))
        for place in spans if len(spans) > 1 else []:
            inner = slice(place.start + windows.OVERLAP, place.stop - windows.OVERLAP)
            if view[inner].any() and (changed[inner] - view[inner]).abs().max() < INAUDIBLE:
                start, stop = (second / MODEL_RATE for second in (place.start, place.stop))
                notes.append(f"nobody heard words from {start:.0f} to {stop:.0f} s, which is as it was")
    return list(dict.fromkeys(notes))


def _transcripts(listener: nn.Module, before: Tensor, after: Tensor) -> Transcripts:
    old, new = ([write_whole(listener, view) for view in views] for views in (before, after))
    end: Any = end_of(listener)
    problem = [why_worthless(end, view, text) for view, text in zip(before, old, strict=True)]
    return Transcripts(before=old, after=new, problem=problem)
