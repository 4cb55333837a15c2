"""Transcripts of recordings, and whether that of an original can serve as the reference for its protected copy."""

import math

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.windows import pauses
from sottovoce.models.recognizers import Recognizer
from sottovoce.text.spelling import plain

FEWEST = 1.25
"""Words per second of active speech below which a transcript is no reference. pocketsphinx hears 2.3 to 4.3 in clean
LibriSpeech, 1.4 to 4.7 in noisy VoiceBank recordings, 1.0 to 1.4 in synthesised German."""
NOISE = 30.0
"""SNR in dB of the noise in which a recogniser listens again."""
UNSTABLE = 0.8
"""Word error rate between the two transcripts from which the first is no reference. It is at most 0.6 in clean
LibriSpeech and 0.74 in all but one of 25 noisy VoiceBank recordings, and 0.9 to 5 in seven languages that pocketsphinx
does not know."""
MARGIN = 15.9
"""dB between the active speech level and the threshold of activity (ITU-T P.56)."""
LANGUAGES = {"en": "English"}


def transcripts(recognizer: Recognizer, signals: Tensor, cuts: list[slice] | None = None) -> list[str]:
    """Transcribe recordings of any length.

    Args:
        recognizer: who writes.
        signals: `(batch, samples)` at 16 kHz, of equal length.
        cuts: where they are cut (default: at the pauses of the first).
    """
    pieces = [recognizer.transcribe(signals[:, cut]) for cut in (pauses(signals[0]) if cuts is None else cuts)]
    return [" ".join(filter(None, texts)) for texts in zip(*pieces, strict=True)]


def transcript(recognizer: Recognizer, signal: Tensor, cuts: list[slice] | None = None) -> str:
    """Transcribe a recording `(samples,)` of any length, cut at its pauses or at `cuts`."""
    return transcripts(recognizer, signal[None], cuts)[0]


def why_worthless(recognizer: Recognizer, signal: Tensor, text: str) -> str | None:
    """Why the transcript of an original says nothing about its words.

    A recogniser that does not understand a recording, for instance because of its language, hears few words in it, or
    others as soon as faint noise is added.

    Args:
        recognizer: who wrote the transcript.
        signal: the original, `(samples,)` at 16 kHz.
        text: its transcript.

    Returns:
        The reason, or None if nothing speaks against the transcript.
    """
    language = LANGUAGES.get(recognizer.language, recognizer.language)
    who = f"{recognizer.name} understands {language} only and" if language else recognizer.name
    words = plain(text).split()
    count = len(words)
    if not count:
        return f"{who} heard no words in the original"
    seconds = active_seconds(signal)
    if count < FEWEST * seconds:
        return f"{who} heard {count} {'word' if count == 1 else 'words'} in {seconds:.0f} s of speech"
    noise = torch.randn(len(signal), generator=torch.Generator().manual_seed(0))
    noisy = signal + noise * (signal.norm() / noise.norm() * 10 ** (-NOISE / 20))
    again = plain(transcript(recognizer, noisy, pauses(signal))).split()
    if Levenshtein.distance(words, again) >= UNSTABLE * count:  # in spoken words: digits count one by one
        return f"{who} heard mostly other words in the original when faint noise was added"
    return None


def active_seconds(signal: Tensor) -> float:
    """Duration of speech by method B of ITU-T P.56, with thresholds every dB.

    Example:
        >>> tone = 0.1 * torch.sin(torch.arange(16_000) * 0.5)
        >>> round(active_seconds(torch.cat([tone, torch.zeros(32_000)])), 1)
        1.3

    Args:
        signal: `(samples,)` at 16 kHz.
    """
    samples = signal.double().numpy()
    keep = math.exp(-1 / (0.03 * MODEL_RATE))
    envelope = np.abs(samples)
    for _ in range(2):
        envelope = lfilter([1 - keep], [1, -keep], envelope)
    hangover = MODEL_RATE // 5
    held = maximum_filter1d(envelope, hangover, origin=hangover // 2 - 1, mode="constant")
    energy = float(np.square(samples).sum())
    for level in range(0, -100, -1):  # dB
        active = int((held >= 10 ** (level / 20)).sum())
        if active and 10 * math.log10(energy / active) - level >= MARGIN:
            return active / MODEL_RATE
    return len(samples) / MODEL_RATE if energy else 0.0
