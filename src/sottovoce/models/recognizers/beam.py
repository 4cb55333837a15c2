"""Beam search on the output of a CTC recogniser, optionally with a lexicon and an n-gram language model."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError
from sottovoce.text.spelling import plain

SPACE = " "


class BeamDecoder:
    """Decodes CTC scores with flashlight-text.

    Without a lexicon it spells freely. With one, it writes words of the lexicon only, scored by the language model if
    there is one.

    Args:
        alphabet: the characters by index, with an empty string for the blank and a space between words.
        words: the lexicon, in upper case; empty for free spelling.
        language_model: a KenLM file (ARPA or binary) over these words; needs `words`.
        beam: beam width.
        weight: weight of the language model's log probability.

    Raises:
        SottovoceError: if flashlight-text is not installed, or the language model is missing or cannot be read.

    Example:
        >>> recognizer = DeepSpeech()  # doctest: +SKIP
        >>> decode = BeamDecoder(recognizer.alphabet, words=["OPEN", "THE", "DOOR"])  # doctest: +SKIP
        >>> decode(recognizer.logits(waveforms, lengths), recognizer.frames(lengths))  # doctest: +SKIP
    """

    def __init__(
        self,
        alphabet: Sequence[str],
        *,
        words: Sequence[str] = (),
        language_model: Path | None = None,
        beam: int = 64,
        weight: float = 1.0,
    ) -> None:
        if find_spec("flashlight") is None:
            raise SottovoceError("beam search needs flashlight-text: pip install 'sottovoce[recognition]'")
        if language_model is not None and not words:
            raise SottovoceError(f"{language_model}: a language model needs its list of words")
        self.alphabet = list(alphabet)
        self.space, self.blank = self.alphabet.index(SPACE), self.alphabet.index("")
        self.words = list(words)
        self._decoder = self._with_words(language_model, beam, weight) if words else self._freely(beam)

    def __call__(self, logits: Tensor, frames: Tensor) -> list[str]:
        """The most probable text of each row.

        Args:
            logits: `(batch, frames, characters)` before the softmax.
            frames: `(batch,)`, number of valid frames per row.
        """
        scores = logits.detach().log_softmax(-1).float().cpu().contiguous()
        return [self._decode(row[:count].contiguous()) for row, count in zip(scores, frames.tolist(), strict=True)]

    def _decode(self, scores: Tensor) -> str:
        if not len(scores):
            return ""
        best = self._decoder.decode(scores.data_ptr(), *scores.shape)[0]
        if self.words:
            return " ".join(self.words[number] for number in best.words if number >= 0)
        spelt = torch.unique_consecutive(torch.tensor([number for number in best.tokens if number >= 0]))
        return plain("".join(self.alphabet[number] for number in spelt.tolist()))

    def _freely(self, beam: int) -> Any:
        from flashlight.lib.text.decoder import CriterionType, LexiconFreeDecoder, LexiconFreeDecoderOptions, ZeroLM

        options = LexiconFreeDecoderOptions(
            beam_size=beam,
            beam_size_token=len(self.alphabet),
            beam_threshold=50.0,
            lm_weight=0.0,
            sil_score=0.0,
            log_add=True,
            criterion_type=CriterionType.CTC,
        )
        return LexiconFreeDecoder(options, ZeroLM(), self.space, self.blank, [])

    def _with_words(self, language_model: Path | None, beam: int, weight: float) -> Any:
        from flashlight.lib.text.decoder import (
            CriterionType,
            LexiconDecoder,
            LexiconDecoderOptions,
            SmearingMode,
            Trie,
            ZeroLM,
        )

        model = ZeroLM() if language_model is None else self._kenlm(language_model)
        trie = Trie(len(self.alphabet), self.space)
        state = model.start(False)
        for number, word in enumerate(self.words):
            spelling = [self.alphabet.index(character) for character in word] + [self.space]
            _, score = model.score(state, number)
            trie.insert(spelling, number, score)
        trie.smear(SmearingMode.MAX)
        options = LexiconDecoderOptions(
            beam_size=beam,
            beam_size_token=len(self.alphabet),
            beam_threshold=50.0,
            lm_weight=weight,
            word_score=0.0,
            unk_score=float("-inf"),
            sil_score=0.0,
            log_add=True,
            criterion_type=CriterionType.CTC,
        )
        return LexiconDecoder(options, trie, model, self.space, self.blank, len(self.words), [], False)

    def _kenlm(self, path: Path) -> Any:
        from flashlight.lib.text.decoder.kenlm import KenLM
        from flashlight.lib.text.dictionary import Dictionary

        if not path.is_file():
            raise SottovoceError(f"{path}: no such language model; give a KenLM file")
        try:
            return KenLM(str(path), Dictionary([*self.words, "<unk>"]))
        except RuntimeError as error:
            raise SottovoceError(f"{path}: not a language model that KenLM can read") from error
