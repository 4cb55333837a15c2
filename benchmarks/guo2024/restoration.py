"""Restoration of protected files to the byte, over formats, rates and channels."""

import tempfile
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.rows import Row
from sottovoce.audio.files import Recording, read, write
from sottovoce.audio.resampling import resample
from sottovoce.corpora.manifest import Utterance
from sottovoce.protections.base import protect_file
from sottovoce.protections.voice import Voice
from sottovoce.reversible.keys import Key
from sottovoce.reversible.restore import restore_file

ECHO = 40
"""Delay of the second channel in frames."""


class Variant(NamedTuple):
    """Format of a file before it is protected."""

    suffix: str
    subtype: str
    channels: int
    rate: int

    @property
    def name(self) -> str:
        return f"{self.suffix[1:]} {self.subtype} {self.channels}×{self.rate}"


VARIANTS = (
    Variant(".flac", "PCM_16", 1, 16_000),
    Variant(".wav", "PCM_16", 2, 44_100),
    Variant(".wav", "PCM_24", 1, 48_000),
    Variant(".wav", "FLOAT", 2, 16_000),
    Variant(".flac", "PCM_24", 2, 22_050),
    Variant(".wav", "PCM_16", 1, 8_000),
    Variant(".wav", "PCM_24", 2, 32_000),
    Variant(".wav", "FLOAT", 1, 44_100),
)


def restorations(utterances: list[Utterance], protection: Voice) -> list[Row]:
    """Protect and restore every file, in the variants in turn: one row per file."""
    key, rows = Key(bytes(range(32))), []
    with tempfile.TemporaryDirectory() as folder:
        for utterance, variant in zip(utterances, cycle(VARIANTS), strict=False):
            source, hidden, restored = (Path(folder) / f"{stem}{variant.suffix}" for stem in ("in", "hidden", "out"))
            _write(source, read(utterance.path), variant)
            report = protect_file(source, hidden, protection, secret=key, overwrite=True)
            restore_file(hidden, restored, key, overwrite=True)
            row: Row = {
                "file": utterance.path.stem,
                "variant": variant.name,
                "identical": float(restored.read_bytes() == source.read_bytes()),
                "snr": report.snr,
                "companion": float(report.companion_bytes),
                "encrypted original": float(report.encrypted_original_bytes),
            }
            rows.append(row)
    return rows


def _write(path: Path, recording: Recording, variant: Variant) -> None:
    frames = round(recording.frames * variant.rate / recording.rate)
    samples = resample(recording.samples, recording.rate, variant.rate, frames)
    if variant.channels == 2:
        samples = np.concatenate([samples[:, :1], 0.7 * np.roll(samples[:, :1], ECHO, axis=0)], axis=1)
    layout = "FLAC" if variant.suffix == ".flac" else "WAV"
    write(path, Recording(samples.clip(-0.99, 0.99), variant.rate, layout, variant.subtype))
