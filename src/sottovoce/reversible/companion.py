"""The companion of a protected file: with the key, everything it takes to restore the original."""

import hashlib
import io
import secrets
import struct
from pathlib import Path
from typing import Self

import numpy as np
import soundfile
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from sottovoce.audio.extras import sample_span
from sottovoce.audio.files import Recording
from sottovoce.audio.formats import Layout, keeps, layout_for
from sottovoce.errors import SottovoceError
from sottovoce.reversible import difference
from sottovoce.reversible.keys import Secret

MAGIC, VERSION = b"sottovoce-veil", 2
SALT, NONCE = 16, 12


class Contents(BaseModel):
    """What a companion says about the original; sealed with the rest.

    Attributes:
        protected: digest of the protected samples, see `digest`.
        original: the same of the original samples.
        sha256: hexadecimal digest of the original file.
        suffix: of the original file, in lower case.
        rate, format, subtype, endian, text: of the original, see `Recording`.
        before: length of what precedes the samples in the original file; None where the file is stored as a whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    protected: str
    original: str
    sha256: str
    suffix: str
    rate: int
    format: str
    subtype: str
    endian: str
    text: dict[str, str]
    before: int | None


class Companion:
    """Everything of the original file, in terms of the protected samples.

    Either the difference of the samples and what else the file holds, or the file itself where that is smaller or the
    samples do not lie in it as they are.

    Args:
        contents: what the original file was.
        coded: its samples, as coded by `difference.encode`; empty where the file is stored as a whole.
        rest: what precedes and what follows the samples; or the whole file.
    """

    def __init__(self, contents: Contents, coded: bytes, rest: bytes) -> None:
        self.contents, self.coded, self.rest = contents, coded, rest

    @classmethod
    def of(cls, path: Path, original: Recording, protected: Recording) -> Self:
        """The companion of a protected recording.

        Args:
            path: the original file.
            original: what it holds.
            protected: what the protected file holds.
        """
        stored = cls.whole(path, original, protected)
        span = sample_span(path)
        if span is None or stored.rest[slice(*span)] != _raw(original.samples, original):
            return stored
        start, end = span
        contents = stored.contents.model_copy(update={"before": start})
        coded = difference.encode(original.samples, protected.samples, original.subtype)
        parts = cls(contents, coded, stored.rest[:start] + stored.rest[end:])
        return min(stored, parts, key=lambda each: each.plain_size)

    @classmethod
    def whole(cls, path: Path, original: Recording, protected: Recording) -> Self:
        """The companion that holds the original file itself; the arguments are those of `of`."""
        content = path.read_bytes()
        contents = Contents(
            protected=digest(protected.samples, protected.rate),
            original=digest(original.samples, original.rate),
            sha256=hashlib.sha256(content).hexdigest(),
            suffix=path.suffix.lower(),
            rate=original.rate,
            format=original.format,
            subtype=original.subtype,
            endian=original.endian,
            text=dict(original.text),
            before=None,
        )
        return cls(contents, b"", content)

    @property
    def plain_size(self) -> int:
        """Bytes before encryption."""
        return len(self._plain())

    def belongs_to(self, protected: Recording) -> bool:
        """Whether these are the protected samples that it was made for, in any lossless file."""
        return digest(protected.samples, protected.rate) == self.contents.protected

    def original_file(self, protected: Recording) -> bytes:
        """The original file, to the byte.

        Raises:
            ValueError: the protected recording is another one, or its samples have been changed.
        """
        if not self.belongs_to(protected):
            raise ValueError("not the file that its companion belongs to, or its sound has been changed")
        known, found = self.contents, self.rest
        if known.before is not None:
            samples = difference.decode(self.coded, protected.samples, known.subtype)
            raw = _raw(samples, Recording(samples, known.rate, known.format, known.subtype, known.endian))
            found = self.rest[: known.before] + raw + self.rest[known.before :]
        if hashlib.sha256(found).hexdigest() != known.sha256:
            raise ValueError("the original does not come out of its companion; please report this")
        return found

    def _plain(self) -> bytes:
        head, rest = self.contents.model_dump_json().encode(), zstandard.compress(self.rest, 19)
        return struct.pack("<II", len(head), len(self.coded)) + head + self.coded + rest

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
        head, coded = struct.unpack_from("<II", plain)
        contents = Contents.model_validate_json(plain[8 : 8 + head])
        rest = zstandard.decompress(plain[8 + head + coded :])
        return cls(contents, plain[8 + head : 8 + head + coded], rest)


def digest(samples: NDArray[np.float64], rate: int) -> str:
    """Hexadecimal SHA-256 of rate, channels and samples `(frames, channels)`, whatever file they lie in."""
    head = struct.pack("<QQ", rate, samples.shape[1])
    return hashlib.sha256(head + np.ascontiguousarray(samples, dtype="<f8").tobytes()).hexdigest()


def _raw(samples: NDArray[np.float64], layout: Recording) -> bytes:
    """The samples as they lie in a WAV or AIFF file of that layout."""
    own = "BIG" if layout.format == "AIFF" else "LITTLE"
    buffer = io.BytesIO()
    form = {"format": "RAW", "subtype": layout.subtype, "endian": own if layout.endian == "FILE" else layout.endian}
    try:
        soundfile.write(buffer, samples, layout.rate, **form)
    except (soundfile.LibsndfileError, ValueError):  # a codec that has no raw form
        return b""
    return buffer.getvalue()


def companion_path(protected: Path) -> Path:
    """Where the companion of a protected file lies."""
    return protected.with_name(protected.name + ".veil")


def check_lossless(target: Path, recording: Recording) -> None:
    """Make sure that a file keeps the samples of a recording exactly.

    Raises:
        SottovoceError: it does not.
    """
    layout = layout_for(target.suffix, Layout(recording.format, recording.subtype, recording.endian))
    if not keeps(layout.subtype, recording.subtype):
        raise SottovoceError(
            f"{target}: {layout.format} does not keep {recording.subtype} samples exactly; choose .wav or .flac"
        )
