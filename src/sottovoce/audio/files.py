"""Reading and writing of sound files.

libsndfile reads and writes the formats that it supports; `formats` says which subtype is written. Lossy formats are
written at their highest quality, to lose as little as possible in the second encoding.

Other containers (m4a, wma, webm, ...) are read with ffmpeg if it is installed. Of these only m4a is written, as
lossless ALAC.
"""

import io
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sottovoce.audio import ffmpeg
from sottovoce.audio.decoding import decode, reason_of
from sottovoce.audio.formats import ALAC_SUFFIX, Layout, layout_for, quantized, written_subtype
from sottovoce.audio.headers import with_aiff_length
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.writing import write_bytes

_LOSSY = ("VORBIS", "OPUS", "MPEG_LAYER_III")
_EIGHT_BITS = ("PCM_S8", "PCM_U8", "ULAW", "ALAW")
_BLOCK = 65_536

LOUDEST = 4.0
"""Files with samples beyond this are refused: 12 dB over full scale."""
_PERHAPS_LOUD = 128.0


@dataclass(frozen=True, eq=False)
class Recording:
    """The samples of a sound file, and the format to write them back in.

    Example:
        >>> recording = Recording(np.zeros((8_000, 2)), rate=16_000)
        >>> recording.frames, recording.channels, recording.seconds
        (8000, 2, 0.5)

    Attributes:
        samples: float64 `(frames, channels)`, full scale ±1; lossy and float files may exceed it.
        rate: sample rate in Hz.
        format: libsndfile's major format ("WAV", "FLAC", "OGG", ...), or the suffix ("M4A") if ffmpeg decoded the file.
        subtype: libsndfile's name of the encoding ("PCM_16", "VORBIS", ...); if ffmpeg decoded the file, the
            smallest of "PCM_16", "PCM_24" and "FLOAT" that holds its samples.
        endian: libsndfile's byte order ("FILE" for the format's default, "LITTLE", "BIG").
        text: tags of the file under libsndfile's names (title, artist, comment, date, ...).

    Raises:
        ValueError: `samples` is not two-dimensional.
    """

    samples: NDArray[np.float64]
    rate: int
    format: str = "WAV"
    subtype: str = "PCM_16"
    endian: str = "FILE"
    text: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.samples.ndim != 2:
            raise ValueError(f"samples must be (frames, channels), not {self.samples.shape}")

    @property
    def frames(self) -> int:
        """Number of samples in each channel."""
        return len(self.samples)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.frames / self.rate


def as_mono_16k(recording: Recording) -> NDArray[np.float32]:
    """Mean of the channels at 16 kHz, the input of the models: float32 `(samples,)`.

    Example:
        >>> as_mono_16k(Recording(np.zeros((44_100, 2)), rate=44_100)).shape
        (16000,)
    """
    return resample(recording.samples.mean(axis=1), recording.rate, MODEL_RATE).astype(np.float32)


def read(path: str | os.PathLike[str]) -> Recording:
    """Read a sound file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(f"{folder}/a.flac", Recording(np.zeros((8_000, 1)), rate=16_000))
        ...     recording = read(f"{folder}/a.flac")
        >>> recording.format, recording.subtype, recording.samples.shape
        ('FLAC', 'PCM_16', (8000, 1))

    Args:
        path: a file in any format that libsndfile or the installed ffmpeg supports.

    Returns:
        The recording: at least one frame, all samples finite.

    Raises:
        SottovoceError: the file does not exist, is a folder, empty, damaged, truncated or not audio, cannot be opened,
            has no samples or some that are NaN, infinite or beyond 12 dB over full scale, or needs ffmpeg, which is not
            installed.
    """
    path = Path(path)
    decoded = decode(path)
    highest, lowest = float(decoded.samples.max()), float(decoded.samples.min())
    if not np.isfinite([highest, lowest]).all():
        raise SottovoceError(f"{path}: the file has samples that are NaN or infinite; export it again")
    if (peak := max(highest, -lowest)) > LOUDEST:
        raise SottovoceError(f"{path}: samples reach {peak:.0f} times full scale; {_advice(peak)}")
    return Recording(*decoded)


def _advice(peak: float) -> str:
    if peak <= _PERHAPS_LOUD:
        return f"lower the level by {20 * np.log10(peak):.0f} dB"
    bits = next((bits for bits in (16, 24, 32) if peak <= 2 ** (bits - 1)), None)
    return f"{bits}-bit values in a float file? divide by {2 ** (bits - 1)}" if bits else "export it again"


def write(path: str | os.PathLike[str], recording: Recording) -> None:
    """Write a sound file completely or not at all.

    The suffix selects the format (see `formats`). The file is encoded in memory, written beside the target under a
    temporary name and renamed. Read it back to see how the format changed the samples.

    Args:
        path: the target; an existing file is replaced.
        recording: what to write.

    Raises:
        SottovoceError: the suffix is unknown, its format does not support the rate, the number of channels or the
            length, or the target cannot be written (no such folder, no permission, disk full).
    """
    path = Path(path)
    check_folder(path)
    write_bytes(path, encoded(path, recording))


def check_target(path: str | os.PathLike[str], recording: Recording) -> None:
    """Raise the errors of `write` before hours of work instead of after: encode two frames and check the folder.

    Args:
        path: the target.
        recording: has the rate, channels, format and subtype to write; its samples are not used.

    Raises:
        SottovoceError: as for `write`, except for a full disk.
    """
    path = Path(path)
    check_folder(path)
    encoded(path, replace(recording, samples=np.zeros((2, recording.channels))))


def check_folder(path: Path) -> None:
    """Make sure that a file can be written at a place.

    Raises:
        SottovoceError: it is a folder, or its folder does not exist or cannot be written.
    """
    if path.is_dir():
        raise SottovoceError(f"{path}: this is a folder; choose a file name")
    if not path.parent.is_dir():
        raise SottovoceError(f"{path}: the folder {path.parent} does not exist; create it or choose another")
    if not os.access(path.parent, os.W_OK):
        raise SottovoceError(f"{path}: the folder {path.parent} is not writable; choose another")


def encoded(path: Path, recording: Recording) -> bytes:
    """The content of the file that `write` would write.

    Raises:
        SottovoceError: as `write`, except for a folder or disk that cannot take it.
    """
    try:
        source = Layout(recording.format, recording.subtype, recording.endian)
        if path.suffix.lower() == ALAC_SUFFIX:
            return _encoded_as_alac(recording, written_subtype(ALAC_SUFFIX, source))
        return _encoded_by_libsndfile(recording, layout_for(path.suffix, source))
    except SottovoceError as error:
        raise SottovoceError(f"{path}: {error}; choose another suffix, such as .wav") from error


def _encoded_by_libsndfile(recording: Recording, layout: Layout) -> bytes:
    # In memory, because libsndfile 1.2.2 loses the end of an Opus file on a full disk without an error.
    file = io.BytesIO()
    form = {"samplerate": recording.rate, "channels": recording.channels, **layout._asdict()}
    quality = 0.0 if layout.subtype in _LOSSY else None
    refusal = f"{layout.format} {layout.subtype} does not support {recording.channels} channels at {recording.rate} Hz"
    try:
        with soundfile.SoundFile(file, "w", compression_level=quality, **form) as sound:
            for name, value in recording.text.items():
                with suppress(soundfile.LibsndfileError):  # the format has no such tag
                    setattr(sound, name, value)
            for start in range(0, recording.frames, _BLOCK):
                block = quantized(recording.samples[start : start + _BLOCK], layout.subtype)
                sound.write(np.ascontiguousarray(block))
        if layout.format == "AIFF" and layout.subtype in _EIGHT_BITS:
            file = io.BytesIO(with_aiff_length(file.getvalue(), recording.frames, recording.channels))
        file.seek(0)
        written = soundfile.info(file)
    except soundfile.LibsndfileError as error:
        raise SottovoceError(f"{refusal} ({reason_of(error)})") from error
    if (written.frames, written.channels, written.samplerate) != (recording.frames, recording.channels, recording.rate):
        raise SottovoceError(f"{refusal} and {recording.frames} frames")
    return file.getvalue()


def _encoded_as_alac(recording: Recording, subtype: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.wav", Path(folder) / "target.m4a"
        source.write_bytes(_encoded_by_libsndfile(recording, Layout("WAV", subtype, "FILE")))
        ffmpeg.convert(source, target, "-c:a", "alac")
        return target.read_bytes()
