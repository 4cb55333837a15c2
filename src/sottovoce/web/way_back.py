"""The secret of the way back, as chosen on the page."""

from pathlib import Path

from sottovoce.errors import SottovoceError
from sottovoce.reversible.keys import Passphrase, Secret, keygen, load_key
from sottovoce.web.uploads import Upload

NEW_KEY, OWN_KEY, PASSPHRASE, NONE = "new", "own", "passphrase", "none"

WAYS = {
    NEW_KEY: "With a new key file, which you download",
    PASSPHRASE: "With a passphrase",
    OWN_KEY: "With a key file that you have",
    NONE: "No way back",
}
KEY_SUFFIXES = ("", ".key", ".txt")


def chosen(way: str, folder: Path, *, key: Upload | None, passphrase: str, again: str) -> Secret | None:
    """The secret to protect with; a new key is written to a folder, once.

    Raises:
        SottovoceError: something is missing, or the two passphrases differ.
    """
    if way == NEW_KEY:
        path = new_key(folder)
        return load_key(path)[0] if path.is_file() else keygen(path)
    if way == PASSPHRASE and passphrase != again:
        raise SottovoceError("the two passphrases differ; type the same twice")
    return None if way == NONE else given(way, key=key, passphrase=passphrase)


def new_key(folder: Path) -> Path:
    """Where the key of a page lies, once it was made."""
    return folder / "sottovoce.key"


def given(way: str, *, key: Upload | None, passphrase: str) -> Secret:
    """The secret to restore with.

    Raises:
        SottovoceError: there is no key file, it holds no key, or the passphrase is empty.
    """
    if way == PASSPHRASE:
        return Passphrase(passphrase)
    if key is None:
        raise SottovoceError("there is no key file yet; choose it")
    return load_key(key.path)[0]
