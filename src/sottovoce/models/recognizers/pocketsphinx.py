"""PocketSphinx, the offline judge: a recogniser that comes with its English model."""

import threading
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import torch
from pocketsphinx import Decoder
from torch import Tensor

from sottovoce.audio.batch import full_lengths, unpad
from sottovoce.text.spelling import plain

_one_at_a_time = threading.Lock()


class PocketSphinx:
    """Hidden Markov models and a trigram language model of US English (Huggins-Daines et al., ICASSP 2006).

    Every row is decoded from the same state, as a whole: the mean of its own cepstra is taken off, as in the training
    of the model, and nothing is carried over from row to row. The decoder hears 16-bit samples, rounded and clipped.
    Its settings are the defaults. A narrower beam (`maxhmmpf`) is several times as fast on garbled speech, but then
    hears fewer words of it, which would make protections look better than they are.

    Args:
        workers: processes that share the rows of a batch. They start with the first batch and stay. The texts do not
            depend on their number. With more than one, a script must guard its start with `if __name__ == "__main__"`,
            as for all of `multiprocessing`.
    """

    name = "pocketsphinx"

    def __init__(self, workers: int = 1) -> None:
        self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn")) if workers > 1 else None

    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Write down a batch; see `Recognizer.transcribe`. Digital silence and less than 50 ms or so give no words."""
        rows = unpad(_int16(waveforms), full_lengths(waveforms) if lengths is None else lengths)
        utterances = [row.numpy().tobytes() for row in rows]
        texts: Iterable[str] = (self._pool.map if self._pool else map)(_decode, utterances)
        return list(texts)


def _int16(waveforms: Tensor) -> Tensor:
    return (waveforms.detach().cpu() * 2**15).round().clamp(-(2**15), 2**15 - 1).to(torch.int16)


@cache
def _decoder() -> Decoder:
    """The process's only decoder: making one takes half a second and 60 MB, resetting it next to nothing."""
    return Decoder(loglevel="FATAL")


def _decode(utterance: bytes) -> str:
    if not any(utterance):  # the normalised cepstra of digital silence are noise, in which words are heard
        return ""
    with _one_at_a_time:
        decoder = _decoder()
        decoder.reinit_feat()  # forgets the cepstral mean and the noise floor of the previous utterance
        decoder.start_utt()
        decoder.process_raw(utterance, full_utt=True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
    return plain(hypothesis.hypstr) if hypothesis else ""
