"""The companion of a protected file: with the key, everything it takes to restore the original."""

import hashlib
import secrets
import struct
from pathlib import Path
from typing import Self

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from sottovoce.audio.files import Recording
from sottovoce.audio.formats import Layout, keeps, layout_for
from sottovoce.errors import SottovoceError
from sottovoce.reversible import difference
from sottovoce.reversible.keys import Secret
from sottovoce.writing import write_bytes

MAGIC, VERSION = b"sottovoce-veil", 2
SALT, NONCE = 16, 12


class Contents(BaseModel):
    """What a companion says about the original; sealed with the rest.

    Attributes:
        protected: digest of the protected samples, see `digest`.
        original: the same of the original samples.
        rate, format, subtype, endian, text: of the original, see `Recording`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    protected: str
    original: str
    rate: int
    format: str
    subtype: str
    endian: str
    text: dict[str, str]


class Companion:
    """What is known of the original, and its samples in terms of the protected ones.

    Args:
        contents: what the original file was.
        coded: its samples, as coded by `difference.encode`.
    """

    def __init__(self, contents: Contents, coded: bytes) -> None:
        self.contents, self.coded = contents, coded

    @classmethod
    def of(cls, original: Recording, protected: Recording) -> Self:
        """The companion of a protected recording."""
        contents = Contents(
            protected=digest(protected.samples, protected.rate),
            original=digest(original.samples, original.rate),
            rate=original.rate,
            format=original.format,
            subtype=original.subtype,
            endian=original.endian,
            text=dict(original.text),
        )
        return cls(contents, difference.encode(original.samples, protected.samples, original.subtype))

    def belongs_to(self, protected: Recording) -> bool:
        """Whether these are the protected samples that it was made for, in any lossless file."""
        return digest(protected.samples, protected.rate) == self.contents.protected

    def original_of(self, protected: Recording) -> Recording:
        """The original, bit for bit.

        Raises:
            ValueError: the protected recording is another one, or its samples have been changed.
        """
        if not self.belongs_to(protected):
            raise ValueError("not the file that its companion belongs to, or its sound has been changed")
        known = self.contents
        samples = difference.decode(self.coded, protected.samples, known.subtype)
        if digest(samples, known.rate) != known.original:
            raise ValueError("the original does not come out of its companion; please report this")
        return Recording(samples, known.rate, known.format, known.subtype, known.endian, known.text)

    def seal(self, secret: Secret) -> bytes:
        """Encrypt under AES-256-GCM, with a key of its own derived from the secret and a new salt."""
        salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
        prefix = MAGIC + bytes([VERSION, secret.kind]) + salt + nonce
        head = self.contents.model_dump_json().encode()
        plain = struct.pack("<I", len(head)) + head + self.coded
        return prefix + AESGCM(secret.derived(salt)).encrypt(nonce, plain, prefix)

    def write(self, path: Path, secret: Secret) -> int:
        """Seal into a file, whole or not at all, and return its size in bytes.

        Raises:
            SottovoceError: the file cannot be written.
        """
        sealed = self.seal(secret)
        write_bytes(path, sealed)
        return len(sealed)

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
            raise SottovoceError(
                f"{path}: there is no such companion; it was written beside the protected file"
            ) from error
        except OSError as error:
            raise SottovoceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
        start = len(MAGIC) + 2
        prefix = sealed[: start + SALT + NONCE]
        if not sealed.startswith(MAGIC) or len(prefix) < start + SALT + NONCE:
            raise SottovoceError(f"{path}: not a companion that sottovoce protect writes; check the name")
        version, kind = prefix[len(MAGIC)], prefix[len(MAGIC) + 1]
        if version != VERSION:
            raise SottovoceError(f"{path}: a companion of version {version}; this sottovoce reads version {VERSION}")
        if kind != secret.kind:
            raise SottovoceError(f"{path}: sealed with a {('key file', 'passphrase')[kind & 1]}; give that instead")
        salt, nonce = prefix[start : start + SALT], prefix[start + SALT :]
        try:
            plain = AESGCM(secret.derived(salt)).decrypt(nonce, sealed[len(prefix) :], prefix)
        except InvalidTag as error:
            raise SottovoceError(
                f"{path}: the key is not the one it was sealed with, or it has been changed"
            ) from error
        (size,) = struct.unpack_from("<I", plain)
        return cls(Contents.model_validate_json(plain[4 : 4 + size]), plain[4 + size :])


def digest(samples: NDArray[np.float64], rate: int) -> str:
    """Hexadecimal SHA-256 of rate, channels and samples `(frames, channels)`, whatever file they lie in."""
    head = struct.pack("<QQ", rate, samples.shape[1])
    return hashlib.sha256(head + np.ascontiguousarray(samples, dtype="<f8").tobytes()).hexdigest()


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
