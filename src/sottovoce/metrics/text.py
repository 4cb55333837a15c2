"""How far a transcript is from what was said."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import jiwer
from torch import Tensor

from sottovoce.metrics.base import Undefined, collect

Unit = Literal["word", "character"]


def normalize(text: str) -> str:
    """Bring a text into the form in which texts are compared.

    Args:
        text: any text.

    Returns:
        Upper case letters, digits and apostrophes in words with one space between them; all else separates words.
    """
    text = unicodedata.normalize("NFC", text.upper()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return " ".join(re.sub(r"[^\w']|_", " ", text).split())


def wer(references: Sequence[str], hypotheses: Sequence[str]) -> Tensor:
    """Word error rate: the fewest words to insert, delete or replace ÷ words in the reference, computed by jiwer.

    Both texts are normalized first.

    Args:
        references: what was said, one text per example.
        hypotheses: what was understood, as many.

    Returns:
        float64 `(batch,)` as a fraction: 0 is perfect, 1 for an empty hypothesis, and more than 1 if much was inserted;
        NaN where the reference is empty.

    Raises:
        ValueError: if there are not as many hypotheses as references.
    """
    return collect("WER", _rates(references, hypotheses, "word"))


def cer(references: Sequence[str], hypotheses: Sequence[str]) -> Tensor:
    """Character error rate: as `wer`, over characters.

    The single spaces between words count as characters, as in the comparison of whole strings that the paper on
    attacking speech enhancement (Dong et al.) reports, times 100, under the name of WER.

    Args:
        references: what was said, one text per example.
        hypotheses: what was understood, as many.

    Returns:
        float64 `(batch,)` as a fraction; NaN where the reference is empty.

    Raises:
        ValueError: if there are not as many hypotheses as references.
    """
    return collect("CER", _rates(references, hypotheses, "character"))


def de_words(references: Sequence[str], enhanced: Sequence[str], enhanced_adversarial: Sequence[str]) -> Tensor:
    """DE in words: how much worse the attack makes the recognition of enhanced speech (Dong et al., eq. 10).

    Args:
        references: what was said, one text per example.
        enhanced: what is understood of the enhanced speech.
        enhanced_adversarial: what is understood of the enhanced adversarial speech.

    Returns:
        WER of the latter minus WER of the former, float64 `(batch,)`; positive where the attack helps. NaN where the
        reference is empty.

    Raises:
        ValueError: if there are not as many texts in each.
    """
    return wer(references, enhanced_adversarial) - wer(references, enhanced)


def de_characters(references: Sequence[str], enhanced: Sequence[str], enhanced_adversarial: Sequence[str]) -> Tensor:
    """DE in characters: as `de_words`, with the CER; what the authors' code measured (times 100).

    Args:
        references: what was said, one text per example.
        enhanced: what is understood of the enhanced speech.
        enhanced_adversarial: what is understood of the enhanced adversarial speech.

    Returns:
        CER of the latter minus CER of the former, float64 `(batch,)`; NaN where the reference is empty.

    Raises:
        ValueError: if there are not as many texts in each.
    """
    return cer(references, enhanced_adversarial) - cer(references, enhanced)


def corpus_error_rate(references: Sequence[str], hypotheses: Sequence[str], unit: Unit = "word") -> float:
    """Error rate of a whole corpus: edits ÷ length of the references, each summed over the examples.

    Unlike a mean of rates it gives long texts more weight; it is what publications on recognition mostly call WER.

    Args:
        references: what was said, one text per example.
        hypotheses: what was understood, as many.
        unit: "word" or "character".

    Returns:
        A fraction; NaN if all references are empty.

    Raises:
        ValueError: if there are not as many hypotheses as references.
    """
    counts = [_edits(*pair, unit) for pair in zip(references, hypotheses, strict=True)]
    length = sum(length for _, length in counts)
    return sum(edits for edits, _ in counts) / length if length else float("nan")


def _rates(references: Sequence[str], hypotheses: Sequence[str], unit: Unit) -> Iterable[float | Undefined]:
    for pair in zip(references, hypotheses, strict=True):
        edits, length = _edits(*pair, unit)
        yield edits / length if length else Undefined("the reference is empty")


def _edits(reference: str, hypothesis: str, unit: Unit) -> tuple[int, int]:
    process = jiwer.process_words if unit == "word" else jiwer.process_characters
    counts = process(normalize(reference), normalize(hypothesis))
    errors = counts.substitutions + counts.deletions
    return errors + counts.insertions, errors + counts.hits
