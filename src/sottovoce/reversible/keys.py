"""Secrets that companions are sealed with: a key file, or a passphrase."""

import base64
import hashlib
import os
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sottovoce.errors import SottovoceError

SIZE = 32
"""Bytes of a key."""
HEADER = "sottovoce-key-1"
SCRYPT_COST = 2**17
"""Scrypt's N: each guess at a passphrase takes 128 MiB and some tenths of a second."""


@dataclass(frozen=True)
class Key:
    """A secret from a file.

    Attributes:
        secret: 32 random bytes.

    Example:
        >>> len(Key(bytes(32)).derived(salt=b"16 bytes of salt"))
        32
    """

    secret: bytes

    kind = 0

    def derived(self, salt: bytes) -> bytes:
        """The AES-256 key of one companion, by HKDF-SHA256."""
        return HKDF(SHA256(), SIZE, salt, b"sottovoce companion 1").derive(self.secret)


@dataclass(frozen=True)
class Passphrase:
    """A secret that a person remembers.

    Keyboards and systems write the same letters in different ways ("ä" is one character or two), so the passphrase is
    brought to Unicode's normalisation form C before the key is derived from it.

    Attributes:
        text: not empty.

    Raises:
        SottovoceError: it is empty, or holds bytes that are not text.

    Example:
        >>> Passphrase("ka\u0308se") == Passphrase("k\u00e4se")
        True
    """

    text: str

    kind = 1

    def __post_init__(self) -> None:
        if not self.text:
            raise SottovoceError("the passphrase is empty; type one, or use a key file (sottovoce keygen)")
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            raise SottovoceError(
                "the passphrase holds bytes that this terminal's encoding does not explain; type it in a UTF-8 terminal"
            ) from error
        object.__setattr__(self, "text", unicodedata.normalize("NFC", self.text))

    def derived(self, salt: bytes) -> bytes:
        """The AES-256 key of one companion, by scrypt."""
        return Scrypt(salt, SIZE, SCRYPT_COST, 8, 1).derive(self.text.encode())


Secret = Key | Passphrase


def perturbation_key(secret: Secret, original: str) -> bytes:
    """The key under which a generator perturbs one recording, 16 bytes.

    Every recording has its own, so that whoever knows one recording with its protected file can tell nothing about
    others. The salt is a digest of the original, which whoever opens the companion knows.

    Args:
        secret: the companion's.
        original: SHA-256 of the original file, hexadecimal.

    Example:
        >>> first, second = (perturbation_key(Key(bytes(32)), digit * 64) for digit in "12")
        >>> len(first), first == second
        (16, False)
    """
    label = b"sottovoce perturbation 1"
    salt = hashlib.sha256(label + bytes.fromhex(original)).digest()[:16]
    return HKDFExpand(SHA256(), 16, label).derive(secret.derived(salt))


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
    """Read a key. A byte order mark, blank lines and comments (#) around it do not matter.

    Returns:
        The key, and a warning if other users can read its file.

    Raises:
        SottovoceError: the file cannot be read or holds no key.
    """
    try:
        text, mode = path.read_text(encoding="utf-8-sig"), path.stat().st_mode
    except FileNotFoundError as error:
        raise SottovoceError(f"{path}: there is no such key; make one with sottovoce keygen") from error
    except OSError as error:
        raise SottovoceError(f"{path}: the key cannot be read ({error.strerror}); check its permissions") from error
    except UnicodeDecodeError as error:
        raise SottovoceError(f"{path}: not a key made by sottovoce keygen; check the name") from error
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    header, _, encoded = found[0].partition(" ") if len(found) == 1 else ("", "", "")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except ValueError:
        secret = b""
    if header != HEADER or len(secret) != SIZE:
        raise SottovoceError(f"{path}: not a key made by sottovoce keygen; check the name")
    warning = f"{path}: others can read this key; chmod 600 it" if os.name == "posix" and mode & 0o077 else None
    return Key(secret), warning
