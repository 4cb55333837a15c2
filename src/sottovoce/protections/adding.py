"""A perturbation added to a person's own samples, within an SNR that holds after rounding."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce.audio.files import Recording
from sottovoce.audio.formats import Layout, fits_16_bits, layout_for, quantized

_BLOCK = 1 << 20
_ATTEMPTS = 20
_MARGIN = 0.999


def add_within(recording: Recording, change: NDArray[np.float64], snr: float, target: Path) -> NDArray[np.float64]:
    """Add a perturbation to every channel, scaled down just so far that the samples as written keep the SNR.

    Args:
        recording: the person's recording.
        change: `(frames,)` at its rate.
        snr: 10·log10(Σ original² / Σ (written - original)²) in dB, over all channels, to keep.
        target: the file to write; its suffix decides the rounding.

    Returns:
        `(frames, channels)` as an integer or float subtype will hold them. Nothing leaves the full scale that was not
        beyond it before. A lossy encoder comes after this and is not accounted for.
    """
    subtype = _subtype(recording, target.suffix)
    allowed = float(np.vdot(recording.samples, recording.samples)) * 10.0 ** (-snr / 10.0)
    gain = 1.0
    for _ in range(_ATTEMPTS):
        written, spent = _added(recording.samples, gain * change, subtype)
        if spent <= allowed:
            return written
        gain *= _MARGIN * np.sqrt(allowed / spent)
    return quantized(recording.samples, subtype)


def _subtype(recording: Recording, suffix: str) -> str:
    if suffix.lower() == ".m4a":  # written as ALAC
        return "PCM_16" if fits_16_bits(recording.subtype) else "PCM_24"
    return layout_for(suffix, Layout(recording.format, recording.subtype, recording.endian)).subtype


def _added(
    samples: NDArray[np.float64], change: NDArray[np.float64], subtype: str
) -> tuple[NDArray[np.float64], float]:
    """The written samples and the energy of what they differ by, in blocks to spare memory."""
    written, spent = np.empty_like(samples), 0.0
    for start in range(0, len(samples), _BLOCK):
        block = slice(start, start + _BLOCK)
        own = samples[block]
        changed = np.clip(own + change[block, None], np.minimum(own, -1.0), np.maximum(own, 1.0))
        written[block] = quantized(changed, subtype)
        difference = written[block] - own
        spent += float(np.vdot(difference, difference))
    return written, spent
