"""Audio files, resampling, batches, windows and spectral features."""

from sottovoce.audio.batch import (
    by_length,
    energy,
    energy_about_mean,
    full_lengths,
    length_mask,
    map_rows,
    pad,
    unpad,
    zero_padding,
)
from sottovoce.audio.files import Recording, as_mono_16k, read, write
from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.audio.spectral import MFCC, STFT, LogMel, MelPower, mel_filterbank
from sottovoce.audio.windows import join, pauses, spans

__all__ = [
    "MFCC",
    "MODEL_RATE",
    "SOUND_SUFFIXES",
    "STFT",
    "LogMel",
    "MelPower",
    "Recording",
    "as_mono_16k",
    "by_length",
    "energy",
    "energy_about_mean",
    "full_lengths",
    "join",
    "length_mask",
    "map_rows",
    "mel_filterbank",
    "pad",
    "pauses",
    "read",
    "resample",
    "spans",
    "unpad",
    "write",
    "zero_padding",
]
