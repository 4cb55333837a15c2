"""Transcripts of recordings, and whether that of an original can serve as the reference for its protected copy."""

import json
import math
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.windows import pauses
from sottovoce.metrics import normalize, wer
from sottovoce.models.recognizers import PocketSphinx, Recognizer, Whisper, load_recognizer

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


def recognizer_named(name: str) -> Recognizer:
    """Load any recogniser.

    Args:
        name: "pocketsphinx", a bundled or downloaded model, the path of weights with a card, or a folder with a Whisper
            or wav2vec 2.0 saved by transformers.

    Raises:
        SottovoceError: there is no such model, or it is damaged or no recogniser.

    Example:
        >>> recognizer_named("pocketsphinx").language
        'en'
    """
    if name == PocketSphinx.name:
        return PocketSphinx()
    with suppress(OSError, ValueError):
        if "WhisperForConditionalGeneration" in json.loads(Path(name, "config.json").read_bytes())["architectures"]:
            return Whisper(name)
    return load_recognizer(name)


def transcript(recognizer: Recognizer, signal: Tensor, cuts: list[slice] | None = None) -> str:
    """Transcribe a recording of any length `(samples,)`, cut at its pauses or at `cuts`."""
    pieces = (recognizer.transcribe(signal[None, cut])[0] for cut in (pauses(signal) if cuts is None else cuts))
    return " ".join(filter(None, pieces))


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
    count = len(normalize(text).split())
    if not count:
        return f"{who} heard no words in the original"
    seconds = active_seconds(signal)
    if count < FEWEST * seconds:
        return f"{who} heard {count} {'word' if count == 1 else 'words'} in {seconds:.0f} s of speech"
    noise = torch.randn(len(signal), generator=torch.Generator().manual_seed(0))
    noisy = signal + noise * (signal.norm() / noise.norm() * 10 ** (-NOISE / 20))
    if wer([text], [transcript(recognizer, noisy, pauses(signal))]).item() >= UNSTABLE:
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
