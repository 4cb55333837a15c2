"""Keys are private, kept, and recognised."""

import stat
from hashlib import sha256
from hmac import digest
from pathlib import Path

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.reversible.keys import Key, Passphrase, keygen, load_key, perturbation_key


def test_a_key_is_its_owners_and_comes_back(tmp_path: Path) -> None:
    key = keygen(tmp_path / "alice.key")
    assert stat.S_IMODE((tmp_path / "alice.key").stat().st_mode) == 0o600
    assert load_key(tmp_path / "alice.key") == (key, None)
    assert len(key.secret) == 32 and key != keygen(tmp_path / "bob.key")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    keygen(tmp_path / "alice.key")
    before = (tmp_path / "alice.key").read_bytes()
    with pytest.raises(SottovoceError, match="a key already"):
        keygen(tmp_path / "alice.key")
    assert (tmp_path / "alice.key").read_bytes() == before


def test_a_key_that_others_can_read_is_taken_with_a_warning(tmp_path: Path) -> None:
    keygen(tmp_path / "alice.key")
    (tmp_path / "alice.key").chmod(0o644)
    _, warning = load_key(tmp_path / "alice.key")
    assert warning is not None and "others can read" in warning


@pytest.mark.parametrize(
    "content", [b"", b"sottovoce-key-1 AAAA", b"sottovoce-key-1 not base64!", b"\xff\xfe", b"x" * 99]
)
def test_what_is_no_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.key").write_bytes(content)
    with pytest.raises(SottovoceError, match=r"x\.key: not a key"):
        load_key(tmp_path / "x.key")
    with pytest.raises(SottovoceError, match="no such key"):
        load_key(tmp_path / "none.key")


def test_each_companion_has_a_key_of_its_own() -> None:
    for secret in (Key(bytes(32)), Passphrase("correct horse")):
        first, again, other = (secret.derived(salt * 16) for salt in (b"a", b"a", b"b"))
        assert first == again != other and len(first) == 32
    assert Passphrase("correct horse").derived(b"a" * 16) != Passphrase("battery").derived(b"a" * 16)


def test_each_recording_has_a_perturbation_of_its_own() -> None:
    first, second = (perturbation_key(Key(bytes(32)), digit * 64) for digit in "12")
    assert first != second != perturbation_key(Key(bytes(31) + b"1"), "2" * 64) and len(first) == 16
    label = b"sottovoce perturbation 1"
    salt = sha256(label + bytes.fromhex("1" * 64)).digest()[:16]  # HKDF-Expand of RFC 5869, one block of it
    assert first == digest(Key(bytes(32)).derived(salt), label + b"\x01", "sha256")[:16]


def test_what_an_editor_adds_to_a_key_does_not_matter(tmp_path: Path) -> None:
    key = keygen(tmp_path / "k.key")
    line = (tmp_path / "k.key").read_bytes()
    for content in (b"\xef\xbb\xbf" + line, b"# interviews\n\n" + line + b"\n", line.replace(b"\n", b"\r\n")):
        (tmp_path / "edited.key").write_bytes(content)
        (tmp_path / "edited.key").chmod(0o600)
        assert load_key(tmp_path / "edited.key") == (key, None)
    (tmp_path / "two.key").write_bytes(line + line)
    with pytest.raises(SottovoceError, match="not a key"):
        load_key(tmp_path / "two.key")


def test_a_passphrase_is_the_same_however_its_letters_are_written() -> None:
    composed, decomposed = Passphrase("k\u00e4se"), Passphrase("ka\u0308se")
    assert composed.derived(b"0" * 16) == decomposed.derived(b"0" * 16) != Passphrase("kase").derived(b"0" * 16)
    with pytest.raises(SottovoceError, match="UTF-8 terminal"):
        Passphrase(b"k\xe4se".decode("utf-8", "surrogateescape"))
    with pytest.raises(SottovoceError, match="empty"):
        Passphrase("")
