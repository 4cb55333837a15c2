"""Decoding of whole sound files by libsndfile, and by ffmpeg where libsndfile does not suffice."""

import tempfile
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from sottovoce.audio import ffmpeg, flac, headers, mpeg, ogg
from sottovoce.audio.formats import quantized
from sottovoce.audio.parts import NeedsFFmpegError, Part, TruncatedError, View, bytes_at, size_of
from sottovoce.errors import SottovoceError

_UNKNOWN_FRAMES = 2**48
_SLACK = 2 * 1152
"""Samples that decoders of MPEG audio leave out: their delay, and a frame that was cut."""
_TOLERANCE = 0.1
"""Seconds by which two programs may disagree about the length of a compressed recording."""
_BLOCK = 65_536


class Decoded(NamedTuple):
    """The samples and the format of a file, as in `files.Recording`."""

    samples: NDArray[np.float64]
    rate: int
    format: str
    subtype: str
    endian: str
    text: dict[str, str]


def decode(path: Path) -> Decoded:
    """All the sound in a file; recordings that follow each other in it are joined.

    Raises:
        SottovoceError: the file cannot be read, or not all of it.
    """
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise SottovoceError("the file is empty (0 bytes); use another copy")
            if path.suffix.lower() == ".raw":
                raise SottovoceError("a .raw file states neither its rate nor its channels; convert it to .wav")
            return _joined([_decode(file, part) for part in parts(file)])
    except NeedsFFmpegError as error:
        return _decode_with_ffmpeg(path, error)
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
        return mpeg.parts(file, 0, stop)
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


def _decode(file: BinaryIO, part: Part) -> Decoded:
    try:
        sound = soundfile.SoundFile(View(file, part))
    except soundfile.LibsndfileError as error:
        raise NeedsFFmpegError(f"not audio, or its header is wrong ({reason_of(error)})") from error
    with sound:
        if sound.frames > _UNKNOWN_FRAMES:
            raise NeedsFFmpegError("its header does not state its length")
        if sound.frames < part.frames - _SLACK:
            read, all_of_it = sound.frames / sound.samplerate, part.frames / sound.samplerate
            raise NeedsFFmpegError(f"not all of it can be read ({read:.1f} of {all_of_it:.1f} s)")
        samples = _samples(sound)
        form = part.format or sound.format
        return Decoded(samples, sound.samplerate, form, sound.subtype, sound.endian, sound.copy_metadata())


def _samples(sound: soundfile.SoundFile) -> NDArray[np.float64]:
    """All samples, also of files in which libsndfile cannot seek."""
    if sound.frames == 0:
        raise SottovoceError("the file has no samples; use another copy")
    try:
        samples = np.full((sound.frames, sound.channels), np.nan)
    except (MemoryError, ValueError) as error:
        raise SottovoceError(f"{sound.frames} frames do not fit into memory; split the file") from error
    try:
        read: NDArray[np.float64] = sound.read(out=samples)
    except soundfile.LibsndfileError as error:
        # libsndfile cannot seek in DWVW, which soundfile does after reading.
        if not sound.subtype.startswith("DWVW") or np.isnan(samples).any():
            raise SottovoceError(f"damaged or truncated ({reason_of(error)}); use another copy") from error
        read = samples
    if len(read) < sound.frames - (_SLACK if sound.subtype.startswith("MPEG") else 0):
        raise TruncatedError
    return read


def _joined(recordings: list[Decoded]) -> Decoded:
    first = recordings[0]
    if len(recordings) == 1:
        return first
    if len({(each.rate, each.samples.shape[1]) for each in recordings}) > 1:
        seconds = [len(each.samples) / each.rate for each in recordings]
        raise NeedsFFmpegError(
            f"not all of it can be read ({seconds[0]:.1f} of {sum(seconds):.1f} s: the rate or the number of channels "
            "changes)",
            sum(seconds),
        )
    return first._replace(samples=np.concatenate([each.samples for each in recordings]))


def _decode_with_ffmpeg(path: Path, reason: NeedsFFmpegError) -> Decoded:
    if not ffmpeg.is_installed():
        raise SottovoceError(
            f"{path}: {reason}, and ffmpeg, which reads more formats, is not installed (see ffmpeg.org); install it, "
            "or convert the file to .wav"
        )
    with tempfile.TemporaryDirectory() as folder:
        decoded = Path(folder) / "decoded.wav"
        try:
            ffmpeg.convert(path, decoded, "-map", "0:a:0", "-c:a", "pcm_f32le", "-rf64", "auto")
            with decoded.open("rb") as file:
                whole = _decode(file, Part(0, size_of(file)))
        except SottovoceError as error:
            raise SottovoceError(f"{path}: {reason}, and {error}; check the file, or convert it to .wav") from error
    if len(whole.samples) / whole.rate < reason.seconds - _TOLERANCE:
        raise SottovoceError(f"{path}: {reason}; split it, or convert it to .wav")
    return whole._replace(format=path.suffix[1:].upper(), subtype=_smallest_subtype(whole.samples))


def _smallest_subtype(samples: NDArray[np.float64]) -> str:
    """PCM of 16 or 24 bits if it holds the samples exactly, as those of ALAC; otherwise FLOAT."""
    blocks = [samples[start : start + _BLOCK] for start in range(0, len(samples), _BLOCK)]
    for subtype in ("PCM_16", "PCM_24"):
        if all(np.array_equal(quantized(block, subtype), block) for block in blocks):
            return subtype
    return "FLOAT"


def reason_of(error: soundfile.LibsndfileError) -> str:
    """What libsndfile says."""
    return str(error.error_string).removeprefix("Error : ").rstrip(".")
