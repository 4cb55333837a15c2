"""Sound files: read, written and read again without losing a sample.

libsndfile reads and writes what it knows, under the suffixes and subtypes of `formats`. Lossy formats are written at
their highest quality, because a second encoding must not take away what the first file held.

Other containers (m4a, wma, webm, ...) are read through an installed ffmpeg. Of these only ``.m4a`` is written, as ALAC
of 16 or 24 bits: AAC pads the length and would eat a perturbation.
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
from sottovoce.audio.formats import ALAC_SUFFIX, Layout, layout_for, quantized, written_subtype
from sottovoce.audio.headers import is_cut_short, is_mpeg_of_unknown_length
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.writing import write_bytes

_LOSSY = ("VORBIS", "OPUS", "MPEG_LAYER_III")
_BLOCK = 65_536
_UNKNOWN_FRAMES = 2**48


@dataclass(frozen=True, eq=False)
class Recording:
    """A sound file's samples, and what it takes to write them back the same way.

    Attributes:
        samples: float64 (frames, channels), full scale ±1; lossy and float files may exceed it.
        rate: the sample rate in Hz.
        format: libsndfile's major format ("WAV", "FLAC", "OGG", ...); the suffix ("M4A") where ffmpeg decoded.
        subtype: libsndfile's name of the encoding ("PCM_16", "VORBIS", ...); "FLOAT" where ffmpeg decoded.
        endian: libsndfile's byte order ("FILE" for the format's own, "LITTLE", "BIG").
        text: what the file says about itself, by libsndfile's names (title, artist, comment, date, ...).

    Raises:
        ValueError: ``samples`` are not two-dimensional.
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
        """The number of samples in one channel."""
        return len(self.samples)

    @property
    def channels(self) -> int:
        """The number of channels."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """The duration in seconds."""
        return self.frames / self.rate


def as_mono_16k(recording: Recording) -> NDArray[np.float32]:
    """The recording as models hear it: the mean of its channels at 16 kHz, float32 (samples,)."""
    return resample(recording.samples.mean(axis=1), recording.rate, MODEL_RATE).astype(np.float32)


def read(path: str | os.PathLike[str]) -> Recording:
    """Read a sound file whole.

    Args:
        path: any format that libsndfile knows, or that an installed ffmpeg knows.

    Returns:
        The recording; at least one frame, all samples finite.

    Raises:
        SottovoceError: the file is missing, a folder, not permitted, empty, not audio, damaged, cut short or without a
            single frame, holds NaN or infinite samples, or needs an ffmpeg that is not installed.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise SottovoceError(f"{path}: the file is empty (0 bytes); get it again from its source")
            cut_short, guessed_length = is_cut_short(file), is_mpeg_of_unknown_length(file)
    except FileNotFoundError as error:
        raise SottovoceError(f"{path}: there is no such file; check the name") from error
    except IsADirectoryError as error:
        raise SottovoceError(f"{path}: this is a folder; name a sound file") from error
    except OSError as error:
        raise SottovoceError(f"{path}: the file cannot be opened ({error.strerror}); check its permissions") from error
    if cut_short:
        raise _cut_short(path)
    if path.suffix.lower() == ".raw":
        raise SottovoceError(f"{path}: a .raw file says neither its rate nor its channels; convert it to .wav")
    if guessed_length:
        return _read_with_ffmpeg(path, "this MPEG file does not say how long it is")
    try:
        sound = soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        return _read_with_ffmpeg(path, f"not audio, or its header is wrong ({_reason(error)})")
    with sound:
        if sound.frames > _UNKNOWN_FRAMES:
            whole = _read_with_ffmpeg(path, "its header does not say how long it is")
            return replace(whole, format=sound.format, subtype=sound.subtype)
        return _decoded(sound, path)


def _read_with_ffmpeg(path: Path, reason: str) -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        decoded = Path(folder) / "decoded.wav"
        try:
            ffmpeg.convert(path, decoded, "-map", "0:a:0", "-c:a", "pcm_f32le", "-rf64", "auto")
        except SottovoceError as error:
            raise SottovoceError(f"{path}: {reason}, and {error}; check the file, or convert it to .wav") from error
        with soundfile.SoundFile(decoded) as sound:
            return replace(_decoded(sound, path), format=path.suffix[1:].upper())


def _decoded(sound: soundfile.SoundFile, path: Path) -> Recording:
    if sound.frames == 0:
        raise SottovoceError(f"{path}: the file holds no samples; get it again from its source")
    try:
        samples = sound.read(dtype="float64", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise SottovoceError(f"{path}: damaged or cut short ({_reason(error)}); get a whole copy") from error
    except MemoryError as error:
        raise SottovoceError(f"{path}: {sound.frames} frames do not fit into memory; split the file") from error
    if len(samples) < sound.frames:
        raise _cut_short(path)
    if not np.isfinite(samples).all():
        raise SottovoceError(f"{path}: the file holds samples that are NaN or infinite; export it again")
    return Recording(samples, sound.samplerate, sound.format, sound.subtype, sound.endian, sound.copy_metadata())


def _reason(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).removeprefix("Error : ").rstrip(".")


def _cut_short(path: Path) -> SottovoceError:
    return SottovoceError(
        f"{path}: the file is cut short; get a whole copy, or keep what there is by converting it with ffmpeg"
    )


def write(path: str | os.PathLike[str], recording: Recording) -> None:
    """Write a sound file, whole or not at all.

    The suffix decides the format (see `formats`). The file is encoded in memory, put beside the target under a
    temporary name, and renamed. What the format makes of the samples is seen by reading the file again.

    Args:
        path: the target; replaced if it exists.
        recording: what to write.

    Raises:
        SottovoceError: the suffix is unknown, its format cannot hold the rate, the channels or the length, or the
            target cannot be written (folder missing, not permitted, disk full).
    """
    path = Path(path)
    _check_folder(path)
    write_bytes(path, _encoded(path, recording))


def check_target(path: str | os.PathLike[str], recording: Recording) -> None:
    """Raise now what `write` would raise after hours of work: encode a little silence and look at the folder.

    Args:
        path: the target.
        recording: the recording whose rate, channels, format and subtype the target is to hold.

    Raises:
        SottovoceError: as for `write`, except for a disk that fills up later.
    """
    path = Path(path)
    _check_folder(path)
    _encoded(path, replace(recording, samples=np.zeros((1, recording.channels))))


def _check_folder(path: Path) -> None:
    if path.is_dir():
        raise SottovoceError(f"{path}: this is a folder; name the file to write")
    if not path.parent.is_dir():
        raise SottovoceError(f"{path}: the folder {path.parent} does not exist; make it or choose another")
    if not os.access(path.parent, os.W_OK):
        raise SottovoceError(f"{path}: the folder {path.parent} is not writable; choose another")


def _encoded(path: Path, recording: Recording) -> bytes:
    try:
        source = Layout(recording.format, recording.subtype, recording.endian)
        if path.suffix.lower() == ALAC_SUFFIX:
            return _encoded_as_alac(recording, written_subtype(ALAC_SUFFIX, source))
        return _encoded_by_libsndfile(recording, layout_for(path.suffix, source))
    except SottovoceError as error:
        raise SottovoceError(f"{path}: {error}; choose another suffix, such as .wav") from error


def _encoded_by_libsndfile(recording: Recording, layout: Layout) -> bytes:
    # In memory, because a full disk makes libsndfile 1.2.2 lose the end of an Opus file in silence.
    file = io.BytesIO()
    form = {"samplerate": recording.rate, "channels": recording.channels, **layout._asdict()}
    quality = 0.0 if layout.subtype in _LOSSY else None
    refusal = f"{layout.format} {layout.subtype} cannot hold {recording.channels} channels at {recording.rate} Hz"
    try:
        with soundfile.SoundFile(file, "w", compression_level=quality, **form) as sound:
            for name, value in recording.text.items():
                with suppress(soundfile.LibsndfileError):  # this format has no place for it
                    setattr(sound, name, value)
            for start in range(0, recording.frames, _BLOCK):
                block = quantized(recording.samples[start : start + _BLOCK], layout.subtype)
                sound.write(np.ascontiguousarray(block))
        file.seek(0)
        written = soundfile.info(file)
    except soundfile.LibsndfileError as error:
        raise SottovoceError(f"{refusal} ({_reason(error)})") from error
    if (written.frames, written.channels, written.samplerate) != (recording.frames, recording.channels, recording.rate):
        raise SottovoceError(f"{refusal} in {recording.frames} frames")
    return file.getvalue()


def _encoded_as_alac(recording: Recording, subtype: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.wav", Path(folder) / "target.m4a"
        source.write_bytes(_encoded_by_libsndfile(recording, Layout("WAV", subtype, "FILE")))
        ffmpeg.convert(source, target, "-c:a", "alac")
        return target.read_bytes()
