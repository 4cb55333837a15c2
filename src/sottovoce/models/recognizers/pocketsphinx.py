"""PocketSphinx: an offline recogniser whose package includes an English model."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import full_lengths, unpad
from sottovoce.errors import SottovoceError
from sottovoce.text.spelling import plain

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_one_at_a_time = threading.Lock()


class PocketSphinx(nn.Module):
    """Hidden Markov models and a trigram language model of US English (Huggins-Daines et al., 2006).

    Each row is decoded as a whole from the same initial state: cepstral means are those of the row, as in the training
    of the model, and no state is carried over. The decoder receives 16-bit samples, rounded and clipped, and uses its
    default settings. A narrower beam (`maxhmmpf`) is several times as fast on perturbed speech but recognises fewer
    words, which would make protections look better than they are.

    Args:
        workers: number of processes that share the rows of a batch; they start with the first batch and are kept. The
            texts do not depend on it. With more than one, scripts need the `if __name__ == "__main__"` guard of
            `multiprocessing`.

    Example:
        >>> PocketSphinx().transcribe(torch.zeros(1, 16_000))
        ['']
    """

    name = "pocketsphinx"
    language = "en"
    alphabet = None
    differentiable = False

    def __init__(self, workers: int = 1) -> None:
        super().__init__()
        self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn")) if workers > 1 else None

    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Transcribe a batch; see `Recognizer.transcribe`. Digital silence and rows under 50 ms give no words."""
        rows = unpad(_int16(waveforms), full_lengths(waveforms) if lengths is None else lengths)
        utterances = [row.numpy().tobytes() for row in rows]
        texts: Iterable[str] = (self._pool.map if self._pool else map)(_decode, utterances)
        return list(texts)

    def likelihood(self, waveforms: Tensor, texts: Sequence[str], lengths: Tensor | None = None) -> Tensor:
        """Raises SottovoceError: its decoder has no gradient."""
        raise SottovoceError("pocketsphinx: has no gradient; name another recogniser to attack, such as deep-speech")


def _int16(waveforms: Tensor) -> Tensor:
    return (waveforms.detach().cpu() * 2**15).round().clamp(-(2**15), 2**15 - 1).to(torch.int16)


@cache
def _decoder() -> "Decoder":
    """The only decoder of this process; creating one takes half a second and 60 MB, resetting it almost nothing."""
    from pocketsphinx import Decoder

    return Decoder(loglevel="FATAL")


def _decode(utterance: bytes) -> str:
    if not any(utterance):  # the normalised cepstra of digital silence are noise, which decodes to words
        return ""
    with _one_at_a_time:
        decoder = _decoder()
        decoder.reinit_feat()  # resets the cepstral mean and the noise floor
        decoder.start_utt()
        decoder.process_raw(utterance, full_utt=True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
    return plain(hypothesis.hypstr) if hypothesis else ""
