"""Decoding of sound files by libsndfile, and by ffmpeg where libsndfile does not suffice."""

import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from sottovoce.audio import ffmpeg, flac, headers, mpeg, ogg, streams
from sottovoce.audio.formats import quantized
from sottovoce.audio.parts import NeedsFFmpegError, Part, TruncatedError, View, bytes_at, size_of
from sottovoce.errors import SottovoceError

_UNKNOWN_FRAMES = 2**48
_SLACK = 2 * 1152
"""Samples that decoders of MPEG audio leave out: their delay, and a frame that was cut."""
_TOLERANCE = 0.1
"""Seconds by which two programs may disagree about the length of a compressed recording."""
BLOCK = 1 << 18
"""Frames that are read at once."""


class Stored:
    """The sound in a file, read a block at a time; recordings that follow each other in it are joined.

    All of it has been read once when it is made, so that nothing is missing afterwards.

    Attributes:
        rate, format, subtype, endian, text: as in `files.Recording`.
        frames, channels: number of samples in each channel, and of channels.
        low, high, mean: the lowest and the highest sample of each channel, and their mean.

    Args:
        path: the file with the sound.
        pieces: the recordings in it.
        named: format and subtype where `path` is a decoded copy of another file.

    Raises:
        SottovoceError: not all of the sound can be read. The message does not name the file.
        NeedsFFmpegError: libsndfile cannot read all of it.
    """

    def __init__(self, path: Path, pieces: list[Part], named: tuple[str, str | None] | None = None) -> None:
        self._path, self._pieces = path, pieces
        infos = []
        with path.open("rb") as file:
            for piece in pieces:
                with _opened(file, piece) as sound:
                    infos.append((sound.samplerate, sound.channels, sound.frames / sound.samplerate))
                    if len(infos) == 1:
                        self.format = piece.format or sound.format
                        self.subtype, self.endian = sound.subtype, sound.endian
                        self.text: dict[str, str] = sound.copy_metadata()
        self.rate, self.channels, _ = infos[0]
        if len({info[:2] for info in infos}) > 1:
            seconds = [info[2] for info in infos]
            raise NeedsFFmpegError(
                f"not all of it can be read ({seconds[0]:.1f} of {sum(seconds):.1f} s: the rate or the number of "
                "channels changes)",
                sum(seconds),
            )
        self._scan()
        if named is not None:
            self.format, self.subtype = named[0], named[1] or self._smallest_subtype()

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return float(self.frames / self.rate)

    def blocks(self, size: int = BLOCK) -> Iterator[NDArray[np.float64]]:
        """The samples `(frames, channels)`, float64, up to `size` frames at a time."""
        with self._path.open("rb") as file:
            for piece in self._pieces:
                with _opened(file, piece) as sound:
                    yield from _blocks(sound, size)

    def _scan(self) -> None:
        self.frames, total = 0, np.zeros(self.channels)
        self.low, self.high = np.full(self.channels, np.inf), np.full(self.channels, -np.inf)
        for block in self.blocks():
            self.frames += len(block)
            total += block.sum(0)
            self.low, self.high = np.minimum(self.low, block.min(0)), np.maximum(self.high, block.max(0))
        self.mean = total / max(1, self.frames)

    def _smallest_subtype(self) -> str:
        """PCM of 16 or 24 bits if it holds the samples exactly, as those of ALAC; otherwise FLOAT."""
        for subtype in ("PCM_16", "PCM_24"):
            if all(np.array_equal(quantized(block, subtype), block) for block in self.blocks()):
                return subtype
        return "FLOAT"


def open_sound(path: Path) -> Stored:
    """The sound in a file.

    Raises:
        SottovoceError: the file cannot be read, or not all of it.
    """
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise SottovoceError("the file is empty (0 bytes); use another copy")
            if path.suffix.lower() == ".raw":
                raise SottovoceError("a .raw file states neither its rate nor its channels; convert it to .wav")
            pieces = parts(file)
        return Stored(path, pieces)
    except NeedsFFmpegError as error:
        return _open_with_ffmpeg(path, error)
    except SottovoceError as error:
        raise SottovoceError(f"{path}: {error}") from error
    except FileNotFoundError as error:
        raise SottovoceError(f"{path}: no such file; check the name") from error
    except IsADirectoryError as error:
        raise SottovoceError(f"{path}: this is a folder; choose a sound file") from error
    except OSError as error:
        raise SottovoceError(f"{path}: the file cannot be opened ({error.strerror}); check its permissions") from error


def parts(file: BinaryIO) -> list[Part]:
    """The recordings in a file, at least one.

    Example:
        >>> import io
        >>> one = io.BytesIO()
        >>> soundfile.write(one, np.zeros(800), 8_000, format="WAV")
        >>> [(part.start, part.stop) for part in parts(io.BytesIO(one.getvalue() * 2))]
        [(0, 1644), (1644, 3288)]

    Args:
        file: opened in binary mode for reading; its position is changed.

    Raises:
        SottovoceError: the file is truncated or damaged. The message does not name it.
        NeedsFFmpegError: libsndfile cannot read all of it.
    """
    stop = size_of(file)
    if mpeg.is_mpeg(file, 0, stop):
        return mpeg.parts(file, 0, stop) or [Part(0, stop)]
    found, begin = list[Part](), mpeg.tag_size(bytes_at(file, 0, 10))
    while begin < stop:
        magic = bytes_at(file, begin, 4)
        if magic == b"OggS":
            return found + ogg.parts(file, begin, stop)
        if magic == b"fLaC":
            return found + flac.parts(file, begin, stop)
        sound = headers.sound_in(file, begin, stop)
        if sound is None:
            return [*found, Part(begin if found else 0, stop)]
        part, following = headers.part_of(file, begin, stop, sound)
        if sound.is_mpeg:
            end = following if sound.stated is None else min(following, sound.start + sound.stated)
            found += mpeg.parts(file, sound.start, end, "WAV") or [part]
        else:
            found.append(part)
        begin = following
    return found or [Part(0, stop)]


class _NoneOrSeveralError(SottovoceError):
    """A container without sound, or with several sound tracks."""


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """A file that is read from its start to its end.

    soundfile seeks after each block where it can; libsndfile fails at this in DWVW, and MP3 is decoded a little
    differently afterwards.
    """

    def seekable(self) -> bool:
        return False


def _opened(file: BinaryIO, part: Part) -> soundfile.SoundFile:
    try:
        sound = _Forward(View(file, part))
    except soundfile.LibsndfileError as error:
        raise NeedsFFmpegError(f"not audio, or its header is wrong ({reason_of(error)})") from error
    if sound.frames > _UNKNOWN_FRAMES:
        raise NeedsFFmpegError("its header does not state its length")
    if sound.frames < part.frames - _SLACK:
        read, all_of_it = sound.frames / sound.samplerate, part.frames / sound.samplerate
        raise NeedsFFmpegError(f"not all of it can be read ({read:.1f} of {all_of_it:.1f} s)")
    if sound.frames == 0:
        raise SottovoceError("the file has no samples; use another copy")
    return sound


def _blocks(sound: soundfile.SoundFile, size: int) -> Iterator[NDArray[np.float64]]:
    """All samples from the first to the last."""
    done = 0
    while done < sound.frames:
        wanted = min(size, sound.frames - done)
        try:
            read: NDArray[np.float64] = sound.read(out=np.empty((wanted, sound.channels)))
        except soundfile.LibsndfileError as error:
            raise SottovoceError(f"damaged or truncated ({reason_of(error)}); use another copy") from error
        done += len(read)
        if len(read):
            yield read
        if len(read) < wanted:
            break
    if done < sound.frames - (_SLACK if sound.subtype.startswith("MPEG") else 0):
        raise TruncatedError


def _open_with_ffmpeg(path: Path, reason: NeedsFFmpegError) -> Stored:
    if not ffmpeg.is_installed():
        raise SottovoceError(
            f"{path}: {reason}, and ffmpeg, which reads more formats, is not installed (see ffmpeg.org); install it, "
            "or convert the file to .wav"
        )
    folder = tempfile.TemporaryDirectory(prefix="sottovoce-")
    decoded = Path(folder.name) / "decoded.wav"
    try:
        tracks = streams.kinds(path).count("audio")
        if tracks == 0:
            raise _NoneOrSeveralError(f"{path}: holds no sound; choose a file with a sound track")
        if tracks > 1:
            raise _NoneOrSeveralError(
                f"{path}: holds {tracks} sound tracks, of which none may be passed over; make a file of each "
                "(ffmpeg -i IN -map 0:v? -map 0:a:0 -c copy OUT)"
            )
        ffmpeg.convert(path, decoded, "-map", "0:a:0", "-c:a", "pcm_f32le", "-rf64", "auto")
        stored = Stored(decoded, [Part(0, decoded.stat().st_size)], named=(path.suffix[1:].upper(), None))
    except _NoneOrSeveralError:
        raise
    except SottovoceError as error:
        raise SottovoceError(f"{path}: {reason}, and {error}; check the file, or convert it to .wav") from error
    if stored.seconds < reason.seconds - _TOLERANCE:
        raise SottovoceError(f"{path}: {reason}; split it, or convert it to .wav")
    weakref.finalize(stored, folder.cleanup)
    return stored


def reason_of(error: soundfile.LibsndfileError) -> str:
    """What libsndfile says."""
    return str(error.error_string).removeprefix("Error : ").rstrip(".")
