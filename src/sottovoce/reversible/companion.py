"""The companion of a protected file: what it takes, and who it takes, to have the original back."""

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

from sottovoce.errors import SottovoceError
from sottovoce.reversible.keys import Secret
from sottovoce.writing import write_bytes

MAGIC, VERSION = b"sottovoce-veil", 1
SALT, NONCE = 16, 12


class Contents(BaseModel):
    """What a companion says about the original; sealed with the rest.

    Attributes:
        protected: digest of the protected samples, see `digest`.
        original: the same of the original samples.
        rate, format, subtype, endian, text: of the original, see `Recording`.
        perturber: the model whose removal module predicts the original.
        weights: hexadecimal SHA-256 of that model's weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    protected: str
    original: str
    rate: int
    format: str
    subtype: str
    endian: str
    text: dict[str, str]
    perturber: str
    weights: str


class Companion:
    """Contents and residual, as they are before sealing.

    Args:
        contents: what is known of the original.
        residual: what the removal module leaves over, as coded by `residual.encode`.
    """

    def __init__(self, contents: Contents, residual: bytes) -> None:
        self.contents, self.residual = contents, residual

    def seal(self, secret: Secret) -> bytes:
        """Encrypt under AES-256-GCM, with a key of its own derived from the secret and a new salt."""
        salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
        prefix = MAGIC + bytes([VERSION, secret.kind]) + salt + nonce
        head = self.contents.model_dump_json().encode()
        plain = struct.pack("<I", len(head)) + head + self.residual
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
