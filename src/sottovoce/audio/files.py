"""Reading and writing of sound files.

libsndfile reads and writes the formats that it supports; `formats` says which subtype is written. Lossy formats are
written at their highest quality, to lose as little as possible in the second encoding.

Other containers (m4a, wma, mp4, ...) are read with ffmpeg if it is installed. Of these m4a is written, as lossless
ALAC, and the sound of videos, which `video` puts into a copy of the original.
"""

import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from sottovoce.audio import ffmpeg
from sottovoce.audio.decoding import BLOCK, Stored, open_sound, reason_of
from sottovoce.audio.formats import ALAC_SUFFIX, VIDEO_SUFFIXES, Layout, held_by, layout_for, quantized
from sottovoce.audio.headers import with_aiff_length
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.writing import write_bytes

_LOSSY = ("VORBIS", "OPUS", "MPEG_LAYER_III")
_EIGHT_BITS = ("PCM_S8", "PCM_U8", "ULAW", "ALAW")
_OPUS_RATE = 48_000
"""Hz at which Opus is decoded, whatever it was made from."""
_LONG = 1 << 24
"""Samples up to which a file is encoded in memory."""

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

    @property
    def low(self) -> NDArray[np.float64]:
        """The lowest sample of each channel."""
        return np.asarray(self.samples.min(0))

    @property
    def high(self) -> NDArray[np.float64]:
        """The highest sample of each channel."""
        return np.asarray(self.samples.max(0))

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean of each channel."""
        return np.asarray(self.samples.mean(0))

    def blocks(self, size: int = BLOCK) -> Iterator[NDArray[np.float64]]:
        """The samples, up to `size` frames at a time."""
        return (self.samples[start : start + size] for start in range(0, self.frames, size))


class Sound(Protocol):
    """A recording, in memory (`Recording`) or on disk (`opened`), whose attributes it describes."""

    @property
    def rate(self) -> int: ...
    @property
    def format(self) -> str: ...
    @property
    def subtype(self) -> str: ...
    @property
    def endian(self) -> str: ...
    @property
    def text(self) -> Mapping[str, str]: ...
    @property
    def frames(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def seconds(self) -> float: ...

    @property
    def low(self) -> NDArray[np.float64]:
        """The lowest sample of each channel."""
        ...

    @property
    def high(self) -> NDArray[np.float64]:
        """The highest sample of each channel."""
        ...

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean of each channel."""
        ...

    def blocks(self, size: int = BLOCK) -> Iterator[NDArray[np.float64]]:
        """The samples `(frames, channels)`, float64, up to `size` frames at a time."""
        ...


class Untitled:
    """A sound without its text, which is added to the written file with everything else that it holds."""

    def __init__(self, sound: Sound) -> None:
        self.rate, self.format, self.subtype, self.endian = sound.rate, sound.format, sound.subtype, sound.endian
        self.frames, self.channels, self.seconds = sound.frames, sound.channels, sound.seconds
        self.low, self.high, self.mean = sound.low, sound.high, sound.mean
        self.text = dict[str, str]()
        self.blocks = sound.blocks


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
    sound = opened(path)
    samples, done = np.empty((sound.frames, sound.channels)), 0
    for block in sound.blocks():
        samples[done : done + len(block)] = block
        done += len(block)
    return Recording(samples, sound.rate, sound.format, sound.subtype, sound.endian, sound.text)


def opened(path: str | os.PathLike[str]) -> Stored:
    """Open a sound file, whose samples are then read a block at a time; see `read`."""
    path = Path(path)
    sound = open_sound(path)
    highest, lowest = float(sound.high.max()), float(sound.low.min())
    if not np.isfinite([highest, lowest]).all():
        raise SottovoceError(f"{path}: the file has samples that are NaN or infinite; export it again")
    if (peak := max(highest, -lowest)) > LOUDEST:
        raise SottovoceError(f"{path}: samples reach {peak:.0f} times full scale; {_advice(peak)}")
    return sound


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


def check_target(path: str | os.PathLike[str], sound: Sound) -> None:
    """Raise the errors of `write` before hours of work instead of after: encode two frames and check the folder.

    Args:
        path: the target.
        sound: has the rate, channels, format and subtype to write; its samples are not used.

    Raises:
        SottovoceError: as for `write`, except for a full disk.
    """
    path = Path(path)
    check_folder(path)
    nothing = np.zeros((2, sound.channels))
    encoded(path, Recording(nothing, sound.rate, sound.format, sound.subtype, sound.endian, sound.text))


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


def encoded(path: Path, sound: Sound, blocks: Iterable[NDArray[np.float64]] | None = None) -> bytes:
    """The content of the file that `write` would write.

    Args:
        path: its name.
        sound: has the rate, channels, format, subtype and text to write.
        blocks: the samples, if they are others than those of `sound`; as many.

    Raises:
        SottovoceError: as `write`, except for a folder or disk that cannot take it.
    """
    try:
        source = Layout(sound.format, sound.subtype, sound.endian)
        samples = sound.blocks() if blocks is None else blocks
        layout = layout_for(path.suffix, source)
        if path.suffix.lower() in (ALAC_SUFFIX, *VIDEO_SUFFIXES):
            return _encoded_by_ffmpeg(path, sound, samples, layout)
        return _encoded_by_libsndfile(path, sound, samples, layout)
    except SottovoceError as error:
        raise SottovoceError(f"{path}: {error}; choose another suffix, such as .wav") from error


def _encoded_by_libsndfile(path: Path, like: Sound, blocks: Iterable[NDArray[np.float64]], layout: Layout) -> bytes:
    form = {"samplerate": like.rate, "channels": like.channels, **layout._asdict()}
    quality = 0.0 if layout.subtype in _LOSSY else None
    refusal = f"{layout.format} {layout.subtype} does not support {like.channels} channels at {like.rate} Hz"
    with _buffer(path, like) as file:
        try:
            with soundfile.SoundFile(file, "w", compression_level=quality, **form) as sound:
                for name, value in like.text.items():
                    with suppress(soundfile.LibsndfileError):  # the format has no such tag
                        setattr(sound, name, value)
                for block in blocks:
                    sound.write(np.ascontiguousarray(quantized(block, layout.subtype)))
            file.seek(0)
            content = file.read()
            if layout.format == "AIFF" and layout.subtype in _EIGHT_BITS:
                content = with_aiff_length(content, like.frames, like.channels)
            written = soundfile.info(io.BytesIO(content))
        except soundfile.LibsndfileError as error:
            raise SottovoceError(f"{refusal} ({reason_of(error)})") from error
    # libsndfile 1.2.2 loses the end of an Opus file on a full disk without an error.
    if (written.frames, written.channels, written.samplerate) != (like.frames, like.channels, like.rate):
        raise SottovoceError(f"{refusal} and {like.frames} frames")
    return content


def _buffer(path: Path, like: Sound) -> IO[bytes]:
    """A file without a name: in memory, or for long recordings on the disk of the target."""
    if like.frames * like.channels <= _LONG:
        return io.BytesIO()
    try:
        return tempfile.TemporaryFile(dir=path.parent)
    except OSError as error:
        raise SottovoceError(f"the folder cannot be written ({error.strerror})") from error


def _encoded_by_ffmpeg(path: Path, like: Sound, blocks: Iterable[NDArray[np.float64]], layout: Layout) -> bytes:
    wav = Layout("WAV", held_by(layout.subtype), "FILE")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.wav", Path(folder) / f"target{path.suffix.lower()}"
        source.write_bytes(_encoded_by_libsndfile(path, like, blocks, wav))
        ffmpeg.convert(source, target, *_codec(path.suffix.lower(), like.rate, like.channels))
        return target.read_bytes()


def _codec(suffix: str, rate: int, channels: int) -> list[str]:
    """ffmpeg's options for the sound under a suffix; the same samples give the same bytes."""
    bits = f"{channels * min(160_000, 6 * rate)}"  # AAC takes 6 bits a sample, and is clear far below
    ticks = ["-movie_timescale", f"{rate}"]  # of the edit lists, which say where the sound begins: whole samples
    options = {
        ALAC_SUFFIX: ["-c:a", "alac"],
        ".mp4": ["-c:a", "aac", "-b:a", bits, *ticks],
        ".mov": ["-c:a", "copy", *ticks],
        ".mkv": ["-c:a", "flac"],
        ".webm": ["-c:a", "libopus", "-b:a", bits] if rate == _OPUS_RATE else ["-c:a", "libvorbis", "-q:a", "10"],
    }[suffix]
    return options if suffix == ALAC_SUFFIX else [*options, "-fflags", "+bitexact", "-flags:a", "+bitexact"]
