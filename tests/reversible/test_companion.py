"""A companion opens with its secret alone, and only as it was written."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio.files import Recording
from sottovoce.errors import SottovoceError
from sottovoce.reversible.companion import VERSION, Companion, Contents, digest
from sottovoce.reversible.keys import Key, Passphrase

KEY = Key(bytes(range(32)))
CONTENTS = Contents(
    protected="a", original="b", rate=16000, format="WAV", subtype="PCM_16", endian="FILE", text={"title": "Größe"},
)  # fmt: skip


@pytest.mark.parametrize("secret", [KEY, Passphrase("correct horse")])
def test_what_is_sealed_comes_back(tmp_path: Path, secret: Key | Passphrase) -> None:
    size = Companion(CONTENTS, b"residual").write(tmp_path / "x.veil", secret)
    assert size == (tmp_path / "x.veil").stat().st_size
    opened = Companion.read(tmp_path / "x.veil", secret)
    assert (opened.contents, opened.coded) == (CONTENTS, b"residual")


def test_nothing_of_it_can_be_read_and_no_two_are_alike() -> None:
    first, second = (Companion(CONTENTS, b"residual" * 99).seal(KEY) for _ in range(2))
    assert b"residual" not in first and b"PCM_16" not in first
    assert first[16:] != second[16:]


def test_another_key_and_another_kind_of_secret_are_refused(tmp_path: Path) -> None:
    Companion(CONTENTS, b"").write(tmp_path / "x.veil", KEY)
    with pytest.raises(SottovoceError, match="key is not the one"):
        Companion.read(tmp_path / "x.veil", Key(bytes(32)))
    with pytest.raises(SottovoceError, match="sealed with a key file"):
        Companion.read(tmp_path / "x.veil", Passphrase("x"))


@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_no_byte_can_be_changed(tmp_path_factory: pytest.TempPathFactory, place: int, change: int) -> None:
    sealed = bytearray(Companion(CONTENTS, b"residual").seal(KEY))
    sealed[place % len(sealed)] ^= change
    path = tmp_path_factory.getbasetemp() / "changed.veil"
    path.write_bytes(bytes(sealed))
    with pytest.raises(SottovoceError):
        Companion.read(path, KEY)


@pytest.mark.parametrize("size", [0, 10, 20, 43, 60])
def test_a_truncated_one_is_refused(tmp_path: Path, size: int) -> None:
    (tmp_path / "x.veil").write_bytes(Companion(CONTENTS, b"residual").seal(KEY)[:size])
    with pytest.raises(SottovoceError, match=r"x\.veil"):
        Companion.read(tmp_path / "x.veil", KEY)
    with pytest.raises(SottovoceError, match="no such companion"):
        Companion.read(tmp_path / "y.veil", KEY)


def test_another_version_says_so(tmp_path: Path) -> None:
    sealed = bytearray(Companion(CONTENTS, b"").seal(KEY))
    sealed[14] = VERSION + 1
    (tmp_path / "x.veil").write_bytes(bytes(sealed))
    with pytest.raises(SottovoceError, match="of version 3"):
        Companion.read(tmp_path / "x.veil", KEY)


def test_the_original_comes_out_of_the_protected_recording_alone() -> None:
    original = Recording(np.arange(12.0)[:, None] / 16, 8000, text={"title": "Größe"})
    protected = Recording(original.samples + 2.0**-10, 8000)
    companion = Companion.of(original, protected)
    restored = companion.original_of(protected)
    assert restored.samples.tobytes() == original.samples.tobytes()
    assert (restored.rate, restored.text) == (8000, {"title": "Größe"})
    edited = Recording(protected.samples + np.eye(12, 1) * 2.0**-10, 8000)
    assert companion.belongs_to(protected) and not companion.belongs_to(edited)
    with pytest.raises(ValueError, match="has been changed"):
        companion.original_of(edited)


def test_the_digest_sees_samples_rate_and_channels() -> None:
    samples = np.arange(12.0)[:, None] / 12
    found = {
        digest(samples, 8000),
        digest(samples, 16000),
        digest(samples.reshape(6, 2), 8000),
        digest(samples + 1e-9, 8000),
    }
    assert len(found) == 4 and digest(samples.copy(), 8000) in found
