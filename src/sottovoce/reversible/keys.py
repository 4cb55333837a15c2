"""Keys that restore a voice: a file, or a passphrase."""

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sottovoce.errors import SottovoceError

SIZE = 32
"""Bytes of a key."""
HEADER = "sottovoce-key-1"
SCRYPT_COST = 2**17
"""Scrypt's N: 128 MiB and some tenths of a second for each guess at a passphrase."""


@dataclass(frozen=True)
class Key:
    """A secret from a file.

    Attributes:
        secret: 32 random bytes.
    """

    secret: bytes

    kind = 0

    def derived(self, salt: bytes) -> bytes:
        """The AES-256 key of one companion, by HKDF-SHA256."""
        return HKDF(SHA256(), SIZE, salt, b"sottovoce companion 1").derive(self.secret)


@dataclass(frozen=True)
class Passphrase:
    """A secret that a person remembers.

    Attributes:
        text: of any length but none.
    """

    text: str

    kind = 1

    def derived(self, salt: bytes) -> bytes:
        """The AES-256 key of one companion, by scrypt."""
        return Scrypt(salt, SIZE, SCRYPT_COST, 8, 1).derive(self.text.encode())


Secret = Key | Passphrase


def keygen(path: Path) -> Key:
    """Write a new key to a file that only its owner can read.

    Raises:
        SottovoceError: the file exists (a key that is overwritten restores nothing any more) or cannot be written.
    """
    key = Key(secrets.token_bytes(SIZE))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{HEADER} {base64.b64encode(key.secret).decode()}\n")
    except FileExistsError as error:
        raise SottovoceError(
            f"{path}: there is a key already, which files may depend on; choose another name"
        ) from error
    except OSError as error:
        raise SottovoceError(f"{path}: the key cannot be written ({error.strerror}); choose another place") from error
    return key


def load_key(path: Path) -> tuple[Key, str | None]:
    """Read a key.

    Returns:
        The key, and a warning if others can read its file.

    Raises:
        SottovoceError: the file cannot be read or holds no key.
    """
    try:
        text, mode = path.read_text(encoding="ascii"), path.stat().st_mode
    except FileNotFoundError as error:
        raise SottovoceError(f"{path}: there is no such key; make one with sottovoce keygen") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SottovoceError(f"{path}: not a key that can be read; check the name") from error
    header, _, encoded = text.strip().partition(" ")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except ValueError:
        secret = b""
    if header != HEADER or len(secret) != SIZE:
        raise SottovoceError(f"{path}: not a key made by sottovoce keygen; check the name")
    warning = f"{path}: others can read this key; chmod 600 it" if os.name == "posix" and mode & 0o077 else None
    return Key(secret), warning
