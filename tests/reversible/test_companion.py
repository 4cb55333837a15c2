"""A companion opens with its secret alone, and only as it was written."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.errors import SottovoceError
from sottovoce.reversible import zstd
from sottovoce.reversible.companion import MAGIC, NONCE, SALT, VERSION, Companion, Contents, digest
from sottovoce.reversible.keys import Key, Passphrase

KEY = Key(bytes(range(32)))
CONTENTS = Contents(
    protected="a", sha256="c", suffix=".wav", rate=16000, format="WAV", subtype="PCM_16", endian="FILE", before=44,
)  # fmt: skip


def write(path: Path, companion: Companion, secret: Key | Passphrase) -> None:
    path.write_bytes(companion.seal(secret))


@pytest.mark.parametrize("secret", [KEY, Passphrase("correct horse")])
def test_what_is_sealed_comes_back(tmp_path: Path, secret: Key | Passphrase) -> None:
    write(tmp_path / "x.veil", Companion(CONTENTS, b"coded", b"rest"), secret)
    opened = Companion.read(tmp_path / "x.veil", secret)
    assert (opened.contents, opened.coded, opened.rest) == (CONTENTS, b"coded", b"rest")


def test_nothing_of_it_can_be_read_and_no_two_are_alike() -> None:
    first, second = (Companion(CONTENTS, b"residual" * 99, b"title").seal(KEY) for _ in range(2))
    assert all(word not in first for word in (b"residual", b"title", b"PCM_16"))
    assert first[16:] != second[16:]


def test_another_key_and_another_kind_of_secret_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "x.veil", Companion(CONTENTS, b"", b""), KEY)
    with pytest.raises(SottovoceError, match="key is not the one"):
        Companion.read(tmp_path / "x.veil", Key(bytes(32)))
    with pytest.raises(SottovoceError, match="sealed with a key file"):
        Companion.read(tmp_path / "x.veil", Passphrase("x"))


@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_no_byte_can_be_changed(tmp_path_factory: pytest.TempPathFactory, place: int, change: int) -> None:
    sealed = bytearray(Companion(CONTENTS, b"residual", b"").seal(KEY))
    sealed[place % len(sealed)] ^= change
    path = tmp_path_factory.getbasetemp() / "changed.veil"
    path.write_bytes(bytes(sealed))
    with pytest.raises(SottovoceError):
        Companion.read(path, KEY)


@pytest.mark.parametrize("size", [0, 10, 20, 43, 60])
def test_a_truncated_one_is_refused(tmp_path: Path, size: int) -> None:
    (tmp_path / "x.veil").write_bytes(Companion(CONTENTS, b"residual", b"").seal(KEY)[:size])
    with pytest.raises(SottovoceError, match=r"x\.veil"):
        Companion.read(tmp_path / "x.veil", KEY)
    with pytest.raises(SottovoceError, match="no such companion"):
        Companion.read(tmp_path / "y.veil", KEY)


def test_another_version_says_so(tmp_path: Path) -> None:
    sealed = bytearray(Companion(CONTENTS, b"", b"").seal(KEY))
    sealed[14] = VERSION + 1
    (tmp_path / "x.veil").write_bytes(bytes(sealed))
    with pytest.raises(SottovoceError, match="of version 3"):
        Companion.read(tmp_path / "x.veil", KEY)


def sealed_by_another_program(plain: bytes) -> bytes:
    prefix = MAGIC + bytes([VERSION, KEY.kind]) + bytes(SALT + NONCE)
    return prefix + AESGCM(KEY.derived(bytes(SALT))).encrypt(bytes(NONCE), plain, prefix)


def plain_of(head: bytes | dict[str, object] = b"", claimed: int | None = None, rest: bytes = b"") -> bytes:
    """What is sealed, with a head that may be changed, a claimed size of the code, and any frame of the rest."""
    if not isinstance(head, bytes):
        head = json.dumps(CONTENTS.model_dump() | head).encode()
    return (
        struct.pack("<IQ", len(head), 4 if claimed is None else claimed) + head + b"code" + (rest or zstd.compress(b""))
    )


@pytest.mark.parametrize(
    "plain",
    [
        b"short",
        plain_of(b"not JSON"),
        plain_of({}, claimed=2**63),
        plain_of({"before": -1}),
        plain_of({"suffix": "/../../.bashrc"}),
        plain_of({"more": 1}),
        plain_of({}, rest=b"no frame"),
        plain_of({}, rest=bytes.fromhex("28b52ffd e0 0000a0724e180900 010000")),  # 2.6 PB in 16 bytes
    ],
)
def test_what_another_program_seals_is_checked_before_it_is_believed(plain: bytes) -> None:
    with pytest.raises(ValueError, match="not as sottovoce protect does"):
        Companion.opened(sealed_by_another_program(plain), KEY)


def test_the_same_program_may_seal_what_is_right() -> None:
    assert Companion.opened(sealed_by_another_program(plain_of({})), KEY).coded == b"code"


@pytest.fixture
def noise(tmp_path: Path):
    """Writes noise in a format, and gives its path, what it holds, and the same recording a little louder."""

    def make(name: str, subtype: str, **form: str) -> tuple[Path, Recording, Recording]:
        path = tmp_path / name
        samples = 0.2 * np.random.default_rng(0).standard_normal((20_000, 2))
        soundfile.write(path, samples, 16_000, subtype, **form)
        original = files.read(path)
        steps = np.random.default_rng(1).integers(-9, 10, original.samples.shape) / 2**15
        return path, original, Recording(original.samples + steps, original.rate)

    return make


@pytest.mark.parametrize(
    ("name", "subtype", "form"),
    [
        ("a.wav", "PCM_16", {}),
        ("a.wav", "PCM_24", {}),
        ("a.wav", "PCM_U8", {}),
        ("a.wav", "FLOAT", {}),
        ("a.wav", "ULAW", {}),
        ("a.wav", "PCM_16", {"endian": "BIG"}),
        ("a.aiff", "PCM_16", {}),
        ("a.aiff", "PCM_24", {"endian": "LITTLE"}),
        ("a.flac", "PCM_16", {}),
        ("a.ogg", "VORBIS", {}),
        ("a.mp3", "MPEG_LAYER_III", {}),
    ],
)
def test_every_file_comes_out_of_the_protected_recording_to_the_byte(noise, name, subtype, form) -> None:
    path, original, protected = noise(name, subtype, **form)
    companion, alone = Companion.of(path, original, protected)
    assert b"".join(companion.original_file(protected)) == path.read_bytes()
    assert len(companion.coded or companion.rest) <= alone + 4
    edited = Recording(protected.samples + np.eye(20_000, 2) * 2.0**-10, 16_000)
    assert companion.belongs_to(protected) and not companion.belongs_to(edited)
    with pytest.raises(ValueError, match="has been changed"):
        list(companion.original_file(edited))


def test_chunks_around_the_samples_come_back_as_well(noise) -> None:
    path, original, protected = noise("a.wav", "PCM_16")
    chunk = b"note" + (5).to_bytes(4, "little") + b"quiet\0"
    content = path.read_bytes()
    path.write_bytes(content[:4] + (len(content) + len(chunk) - 8).to_bytes(4, "little") + content[8:] + chunk)
    companion, _ = Companion.of(path, original, protected)
    assert companion.contents.before is not None and chunk in companion.rest
    assert b"".join(companion.original_file(protected)) == path.read_bytes()


def test_the_digest_sees_samples_rate_and_channels() -> None:
    samples = np.arange(12.0)[:, None] / 12
    found = {
        digest(Recording(samples, 8000)),
        digest(Recording(samples, 16000)),
        digest(Recording(samples.reshape(6, 2), 8000)),
        digest(Recording(samples + 1e-9, 8000)),
    }
    assert len(found) == 4 and digest(Recording(samples.copy(), 8000, "FLAC", "PCM_24")) in found
