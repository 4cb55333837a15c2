"""The noise suppression of WebRTC: an enhancer without gradients."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.black_box import BlackBox

PACKAGE = "webrtc_noise_gain"
FRAME = 160
LAG = 96
FULL_SCALE = 32768.0
LOW, MODERATE, HIGH, VERY_HIGH = 1, 2, 3, 4


class WebRTC(BlackBox):
    """What browsers do to a microphone: a Wiener filter on a running estimate of the noise, after a high-pass filter.

    It works on 10 ms of 16-bit samples and answers 6 ms late. Here the answer is moved back, so that the output is
    aligned with the input. Every recording starts from a fresh state; the automatic gain is off. No gradients; on the
    CPU, on one thread.

    Source: the audio processing module of https://webrtc.org, in the package `webrtc_noise_gain`.

    Args:
        level: strength of the suppression: 1 is WebRTC's low, 2 moderate, 3 high, 4 very high.

    Raises:
        SottovoceError: the package is not installed.

    Example:
        >>> enhancer = WebRTC.pretrained()  # doctest: +SKIP
        >>> enhanced = enhancer(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "webrtc"
    seam = FRAME

    def __init__(self, level: int = HIGH) -> None:
        super().__init__()
        if level not in (LOW, MODERATE, HIGH, VERY_HIGH):
            raise SottovoceError(f"webrtc: there is no level {level}; choose 1 to 4")
        try:
            self.config = {"level": level, "version": version(PACKAGE)}
            """The level and the package's version."""
        except PackageNotFoundError as error:
            raise SottovoceError("webrtc: not installed; pip install 'sottovoce[listeners]' brings it") from error
        self.level = level

    @classmethod
    def pretrained(cls) -> Self:
        """At the level "high", as browsers have it.

        Raises:
            SottovoceError: the package is not installed.
        """
        return cls()

    def enhance(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = -(-(len(waveform) + LAG) // FRAME)
        samples = np.clip(np.rint(waveform * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
        heard = np.pad(samples, (0, frames * FRAME - len(samples))).reshape(-1, FRAME)
        processor = import_module(PACKAGE).AudioProcessor(0, self.level)
        said = b"".join(processor.Process10ms(frame.tobytes()).audio for frame in heard)
        delayed = np.frombuffer(said, dtype=np.int16)[LAG : LAG + len(waveform)]
        return delayed.astype(np.float32) / np.float32(FULL_SCALE)
