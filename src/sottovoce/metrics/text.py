"""Error rates of transcripts."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Literal

from torch import Tensor

from sottovoce.metrics.base import Undefined, collect

Unit = Literal["word", "character"]


@lru_cache(maxsize=4096)
def normalize(text: str) -> str:
    """Write a text as the field compares texts: by Whisper's English normaliser (Radford et al., 2023, appendix C).

    Lower case without punctuation; numbers in digits, contractions written out, American spelling; without accents,
    hesitations ("uh") and what stands in brackets. In other languages the letters remain, without their accents.
    Successive digits become one word.

    Args:
        text: any text.

    Returns:
        Words separated by single spaces; empty for a text of hesitations only.

    Example:
        >>> normalize("August 27th, 1837: he doesn't like my colour.")
        'august 27th 1837 he does not like my color'
        >>> normalize("AUGUST TWENTY SEVENTH EIGHTEEN THIRTY SEVEN")
        'august 27th 1837'
    """
    words = _normaliser()(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).split()
    return " ".join(word for word in words if any(map(str.isalnum, word)))  # "..." leaves a full stop behind


@cache
def _normaliser() -> Callable[[str], str]:
    from whisper_normalizer.english import EnglishTextNormalizer

    normaliser: Callable[[str], str] = EnglishTextNormalizer()
    return normaliser


def wer(references: Sequence[str], hypotheses: Sequence[str]) -> Tensor:
    """Word error rate: edit distance in words ÷ words in the reference, computed by jiwer.

    Both texts are normalised first; see `normalize`.

    Args:
        references: reference texts, one per example.
        hypotheses: transcripts, one per example.

    Returns:
        float64 `(batch,)` as a fraction: 0 if perfect, 1 for an empty hypothesis, above 1 with many insertions; NaN
        where the reference is empty.

    Raises:
        ValueError: if the numbers of texts differ.

    Example:
        >>> wer(["open the door"], ["Open the floor!"])
        tensor([0.3333], dtype=torch.float64)
    """
    return collect("WER", _rates(references, hypotheses, "word"))


def cer(references: Sequence[str], hypotheses: Sequence[str]) -> Tensor:
    """Character error rate: `wer` in characters.

    Spaces between words count as characters, as in the comparison of whole strings that Dong et al. (2022) report,
    times 100, as WER.

    Args:
        references: reference texts, one per example.
        hypotheses: transcripts, one per example.

    Returns:
        float64 `(batch,)` as a fraction; NaN where the reference is empty.

    Raises:
        ValueError: if the numbers of texts differ.

    Example:
        >>> cer(["a bc"], ["abc"])
        tensor([0.2500], dtype=torch.float64)
    """
    return collect("CER", _rates(references, hypotheses, "character"))


def de_words(references: Sequence[str], enhanced: Sequence[str], enhanced_adversarial: Sequence[str]) -> Tensor:
    """DE in words: increase of the WER of enhanced speech by the attack (Dong et al., 2022, eq. 10).

    Args:
        references: reference texts, one per example.
        enhanced: transcripts of the enhanced speech.
        enhanced_adversarial: transcripts of the enhanced adversarial speech.

    Returns:
        WER of the enhanced adversarial speech minus WER of the enhanced speech, float64 `(batch,)`; NaN where the
        reference is empty.

    Raises:
        ValueError: if the numbers of texts differ.

    Example:
        >>> de_words(["open the door"], ["open the floor"], ["a"])
        tensor([0.6667], dtype=torch.float64)
    """
    return wer(references, enhanced_adversarial) - wer(references, enhanced)


def de_characters(references: Sequence[str], enhanced: Sequence[str], enhanced_adversarial: Sequence[str]) -> Tensor:
    """DE in characters: `de_words` with the CER, which the code of Dong et al. (2022) measures, times 100.

    Args:
        references: reference texts, one per example.
        enhanced: transcripts of the enhanced speech.
        enhanced_adversarial: transcripts of the enhanced adversarial speech.

    Returns:
        CER of the enhanced adversarial speech minus CER of the enhanced speech, float64 `(batch,)`; NaN where the
        reference is empty.

    Raises:
        ValueError: if the numbers of texts differ.

    Example:
        >>> de_characters(["open"], ["open"], ["pen"])
        tensor([0.2500], dtype=torch.float64)
    """
    return cer(references, enhanced_adversarial) - cer(references, enhanced)


def corpus_error_rate(references: Sequence[str], hypotheses: Sequence[str], unit: Unit = "word") -> float:
    """Error rate of a whole corpus: edits ÷ length of the references, each summed over the examples.

    Unlike a mean of rates, it gives long texts more weight. It is what most publications on recognition call WER.

    Args:
        references: reference texts, one per example.
        hypotheses: transcripts, one per example.
        unit: "word" or "character".

    Returns:
        A fraction; NaN if all references are empty.

    Raises:
        ValueError: if the numbers of texts differ.

    Example:
        >>> corpus_error_rate(["stop", "open the door"], ["stop", "open a door"])
        0.25
    """
    counts = [_edits(*pair, unit) for pair in zip(references, hypotheses, strict=True)]
    length = sum(length for _, length in counts)
    return sum(edits for edits, _ in counts) / length if length else float("nan")


def _rates(references: Sequence[str], hypotheses: Sequence[str], unit: Unit) -> Iterable[float | Undefined]:
    for pair in zip(references, hypotheses, strict=True):
        edits, length = _edits(*pair, unit)
        yield edits / length if length else Undefined("the reference is empty")


def _edits(reference: str, hypothesis: str, unit: Unit) -> tuple[int, int]:
    import jiwer

    process = jiwer.process_words if unit == "word" else jiwer.process_characters
    counts = process(normalize(reference), normalize(hypothesis))
    errors = counts.substitutions + counts.deletions
    return errors + counts.insertions, errors + counts.hits
