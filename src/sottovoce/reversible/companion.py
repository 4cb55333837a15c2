"""The companion of a protected file: with the key, everything it takes to restore the original."""

import hashlib
import io
import secrets
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import numpy as np
import soundfile
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from sottovoce.audio import files
from sottovoce.audio.blocks import paired
from sottovoce.audio.extras import sample_span
from sottovoce.audio.files import Sound
from sottovoce.audio.formats import Layout, keeps, layout_for
from sottovoce.errors import SottovoceError
from sottovoce.journal import sha256
from sottovoce.reversible import difference, shared, zstd
from sottovoce.reversible.keys import Secret

MAGIC, VERSION = b"sottovoce-veil", 2
SALT, NONCE = 16, 12
_SIZES = struct.Struct("<IQ")
_FOREIGN = "sealed with this secret, but not as sottovoce protect does; ask who made it"


class Contents(BaseModel):
    """What a companion says about the original; sealed with the rest.

    Attributes:
        protected: digest of the protected samples, see `digest`; of a video, of the protected file.
        sha256: hexadecimal digest of the original file.
        suffix: of the original file, in lower case.
        rate, format, subtype, endian: of the original, see `Recording`.
        before: length of what precedes the samples in the original file; None where the file is stored as a whole.
        is_video: whether the protected file is a copy of a video, in which most of the original lies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    protected: str
    sha256: str
    suffix: str
    rate: int
    format: str
    subtype: str
    endian: str
    before: int | None = Field(ge=0)
    is_video: bool = False

    @field_validator("suffix")
    @classmethod
    def _of_one_name(cls, suffix: str) -> str:
        if Path(f"x{suffix}").name != f"x{suffix}":  # it becomes part of a path
            raise ValueError("not a suffix")
        return suffix


class Companion:
    """Everything of the original file, in terms of the protected one.

    Either the difference of the samples and what else the file holds; or, of a video, what does not lie in the
    protected file as well; or the file itself, where its samples do not lie in it as they are (FLAC, MP3, ...).

    Args:
        contents: what the original file was.
        coded: its samples, as coded by `difference.encode`, or the runs of a video, as from `shared.split`; empty where
            the file is stored itself.
        rest: what precedes and what follows the samples, or lies between the runs; or the whole file.

    Example:
        >>> import tempfile
        >>> from sottovoce.audio.files import Recording, read, write
        >>> from sottovoce.reversible.keys import Key
        >>> key = Key(bytes(32))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "original.wav")
        ...     write(path, Recording(np.full((800, 1), 0.25), rate=16_000))
        ...     protected = Recording(np.full((800, 1), 0.26), rate=16_000)
        ...     companion, _ = Companion.of(path, read(path), protected)
        ...     opened = Companion.opened(companion.seal(key), key)
        ...     b"".join(opened.original_file(protected)) == path.read_bytes()
        True
    """

    def __init__(self, contents: Contents, coded: bytes, rest: bytes) -> None:
        self.contents, self.coded, self.rest = contents, coded, rest

    @classmethod
    def of(cls, path: Path, original: Sound, protected: Sound | Path) -> tuple[Self, int]:
        """The companion of a protected recording, and how many bytes the original alone would take in its place.

        Args:
            path: the original file.
            original: what it holds.
            protected: what the protected file holds; of a video, that file itself.
        """
        contents = Contents(
            protected=digest(protected),
            sha256=sha256(path),
            suffix=path.suffix.lower(),
            rate=original.rate,
            format=original.format,
            subtype=original.subtype,
            endian=original.endian,
            before=None,
            is_video=isinstance(protected, Path),
        )
        if isinstance(protected, Path):
            return cls(contents, *shared.split(path, protected)), path.stat().st_size
        span = sample_span(path)
        if span is None or not _lie_as_they_are(path, span, original):
            content = path.read_bytes()
            return cls(contents, b"", content), len(content)
        coded, alone = difference.encode(paired(original.blocks(), protected.blocks()), original.subtype)
        with path.open("rb") as file:
            before = file.read(span[0])
            file.seek(span[1])
            rest = before + file.read()
        return cls(contents.model_copy(update={"before": span[0]}), coded, rest), alone

    def protected_in(self, path: Path) -> Sound | Path:
        """What of a protected file it builds on: the samples, or of a video the file.

        Raises:
            SottovoceError: the file cannot be read.
        """
        if self.contents.is_video and path.is_file():
            return path
        return files.opened(path)

    def belongs_to(self, protected: Sound | Path) -> bool:
        """Whether these are the protected samples that it was made for, in any lossless file; or the same video."""
        return digest(protected) == self.contents.protected

    def original_file(self, protected: Sound | Path) -> Iterator[bytes]:
        """The original file, to the byte, in pieces.

        Raises:
            ValueError: the protected recording is another one, or its samples have been changed; or, at the end, what
                came out is not the original.
        """
        if not self.belongs_to(protected):
            raise ValueError("not the file that its companion belongs to, or its sound has been changed")
        found = hashlib.sha256()
        try:
            for piece in self._pieces(protected):
                found.update(piece)
                yield piece
        except (struct.error, soundfile.LibsndfileError) as error:
            raise ValueError(_FOREIGN) from error
        if found.hexdigest() != self.contents.sha256:
            raise ValueError("the original does not come out of its companion; please report this")

    def _pieces(self, protected: Sound | Path) -> Iterator[bytes]:
        known = self.contents
        if isinstance(protected, Path):
            yield from shared.joined(self.coded, self.rest, protected)
            return
        if known.before is None:
            yield self.rest
            return
        yield self.rest[: known.before]
        for block in difference.decode(self.coded, protected.blocks(), known.subtype):
            yield _raw(block, known)
        yield self.rest[known.before :]

    def _plain(self) -> bytes:
        head, rest = self.contents.model_dump_json().encode(), zstd.compress(self.rest)
        return _SIZES.pack(len(head), len(self.coded)) + head + self.coded + rest

    def seal(self, secret: Secret) -> bytes:
        """Encrypt under AES-256-GCM, with a key of its own derived from the secret and a new salt."""
        salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
        prefix = MAGIC + bytes([VERSION, secret.kind]) + salt + nonce
        return prefix + AESGCM(secret.derived(salt)).encrypt(nonce, self._plain(), prefix)

    @classmethod
    def read(cls, path: Path, secret: Secret) -> Self:
        """Open a companion.

        Raises:
            SottovoceError: there is no such file, it is no companion or one of another version, or the secret is not
                the one it was sealed with, or it has been changed since.
        """
        try:
            sealed = path.read_bytes()
        except FileNotFoundError as error:
            raise SottovoceError(f"{path}: no such companion; it was written beside the protected file") from error
        except OSError as error:
            raise SottovoceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
        try:
            return cls.opened(sealed, secret)
        except ValueError as error:
            raise SottovoceError(f"{path}: {error}") from error

    @classmethod
    def opened(cls, sealed: bytes, secret: Secret) -> Self:
        """Undo `seal`.

        Raises:
            ValueError: it is no companion, one of another version, sealed with another secret, or it has been changed.
        """
        start = len(MAGIC) + 2
        prefix = sealed[: start + SALT + NONCE]
        if not sealed.startswith(MAGIC) or len(prefix) < start + SALT + NONCE:
            raise ValueError("not a companion that sottovoce protect writes; check the name")
        version, kind = prefix[len(MAGIC)], prefix[len(MAGIC) + 1]
        if version != VERSION:
            raise ValueError(f"a companion of version {version}; this sottovoce reads version {VERSION}")
        if kind != secret.kind:
            raise ValueError(f"sealed with a {('key file', 'passphrase')[kind & 1]}; give that instead")
        salt, nonce = prefix[start : start + SALT], prefix[start + SALT :]
        try:
            plain = AESGCM(secret.derived(salt)).decrypt(nonce, sealed[len(prefix) :], prefix)
        except InvalidTag as error:
            raise ValueError("the key is not the one it was sealed with, or it has been changed") from error
        try:
            head, coded = _SIZES.unpack_from(plain)
            start, end = _SIZES.size + head, _SIZES.size + head + coded
            contents = Contents.model_validate_json(plain[_SIZES.size : start])
            return cls(contents, plain[start:end], zstd.decompress(plain[end:]))
        except (struct.error, ValueError) as error:
            raise ValueError(_FOREIGN) from error


def digest(sound: Sound | Path) -> str:
    """Hexadecimal SHA-256 of rate, channels and samples, whatever file they lie in; or of a file."""
    if isinstance(sound, Path):
        return sha256(sound)
    found = hashlib.sha256(struct.pack("<QQ", sound.rate, sound.channels))
    for block in sound.blocks():
        found.update(np.ascontiguousarray(block, dtype="<f8").tobytes())
    return found.hexdigest()


def _lie_as_they_are(path: Path, span: tuple[int, int], original: Sound) -> bool:
    """Whether the bytes of the samples in a file are those that they are written as."""
    with path.open("rb") as file:
        file.seek(span[0])
        left = span[1] - span[0]
        for block in original.blocks():
            raw = _raw(block, original)
            left -= len(raw)
            if left < 0 or not raw or file.read(len(raw)) != raw:
                return False
    return left == 0


def _raw(samples: NDArray[np.float64], layout: "Sound | Contents") -> bytes:
    """Samples as they lie in a WAV or AIFF file of that layout; nothing for a codec that has no raw form."""
    own = "BIG" if layout.format == "AIFF" else "LITTLE"
    endian = own if layout.endian == "FILE" else layout.endian
    buffer = io.BytesIO()
    with suppress(soundfile.LibsndfileError, ValueError):
        soundfile.write(buffer, samples, layout.rate, layout.subtype, endian, "RAW")
    return buffer.getvalue()


def companion_path(protected: Path) -> Path:
    """Where the companion of a protected file lies."""
    return protected.with_name(protected.name + ".veil")


def check_lossless(target: Path, recording: Sound) -> None:
    """Make sure that a file keeps the samples of a recording exactly.

    Raises:
        SottovoceError: it does not.
    """
    layout = layout_for(target.suffix, Layout(recording.format, recording.subtype, recording.endian))
    if not keeps(layout.subtype, recording.subtype):
        raise SottovoceError(
            f"{target}: {layout.format} does not keep {recording.subtype} samples exactly; choose .wav or .flac"
        )
