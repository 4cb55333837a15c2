"""The committed companions open with a reader that is written from docs/companion-format.md alone, and with ours."""

import base64
import hashlib
import io
import json
import struct
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from sottovoce.reversible.keys import Key, Passphrase
from sottovoce.reversible.restore import restore_file

VECTORS: list[dict[str, str]] = json.loads((Path(__file__).parent / "vectors" / "companions.json").read_bytes())
BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}


def derived(vector: dict[str, str], kind: int, salt: bytes) -> bytes:
    if kind == 0:
        return HKDF(SHA256(), 32, salt, b"sottovoce companion 1").derive(bytes.fromhex(vector["key"]))
    secret = unicodedata.normalize("NFC", vector["passphrase"]).encode()
    return hashlib.scrypt(secret, salt=salt, n=131072, r=8, p=1, maxmem=2**28, dklen=32)


def unsealed(vector: dict[str, str]) -> tuple[dict[str, Any], bytes, bytes]:
    sealed = base64.b64decode(vector["companion"])
    assert sealed[:14] == b"sottovoce-veil" and sealed[14] == 2
    key = derived(vector, sealed[15], sealed[16:32])
    assert key.hex() == vector["derived"]
    plain = AESGCM(key).decrypt(sealed[32:44], sealed[44:], sealed[:44])
    head, code = struct.unpack_from("<IQ", plain)
    end = 12 + head + code
    return json.loads(plain[12 : 12 + head]), plain[12 + head : end], zstandard.decompress(plain[end:])


def ordered(samples: NDArray[np.float64], encoding: str) -> list[int]:
    """The integers that stand for samples."""
    if encoding in BITS:
        return [round(each * 2 ** (BITS[encoding] - 1)) for each in samples.flat]
    size, own, unsigned = (4, "<f", "<I") if encoding == "FLOAT" else (8, "<d", "<Q")
    patterns = [struct.unpack(unsigned, struct.pack(own, each))[0] for each in samples.flat]
    sign = 2 ** (8 * size - 1)
    return [pattern if pattern < sign else sign - pattern - 1 for pattern in patterns]


def raw(values: list[int], encoding: str, stored: str, big: bool) -> bytes:
    """Integers as the samples of a file; its encoding is `stored`."""
    order = ">" if big else "<"
    if encoding == "FLOAT":
        patterns = [value if value >= 0 else 2**31 - value - 1 for value in values]
        return b"".join(struct.pack(order + "I", pattern) for pattern in patterns)
    if stored == "FLOAT":
        return b"".join(struct.pack(order + "f", value / 2 ** (BITS[encoding] - 1)) for value in values)
    size = BITS[encoding] // 8
    return b"".join(value.to_bytes(size, "big" if big else "little", signed=True) for value in values)


def steps(form: bytes) -> tuple[list[int], int]:
    """The integers of a packed block, and its number of frames."""
    if form[:1] == b"Z":
        (channels,) = struct.unpack_from("<H", form, 1)
        planes = zstandard.decompress(form[3:])
        count = len(planes) // 8
        values = [int.from_bytes(planes[place::count], "little", signed=True) for place in range(count)]
        return values, count // channels
    assert form[:1] == b"F"
    with soundfile.SoundFile(io.BytesIO(form[1:])) as sound:
        shift = {"PCM_16": 16, "PCM_24": 8}[sound.subtype]
        # what FLAC holds at 24 bits are the steps themselves: libsndfile gives them at the top of 32 bits
        values = [int(each) >> shift for each in sound.read(dtype="int32", always_2d=True).flat]
        return values, sound.frames


def restored(vector: dict[str, str]) -> bytes:
    head, code, rest = unsealed(vector)
    protected = base64.b64decode(vector["protected"])
    if head["is_video"]:
        assert head["protected"] == hashlib.sha256(protected).hexdigest()
        out = b""
        for before, place, size in struct.iter_unpack("<QQQ", code):
            out, rest = out + rest[:before] + protected[place : place + size], rest[before:]
        return out + rest
    samples, rate = soundfile.read(io.BytesIO(protected), always_2d=True)
    heard = hashlib.sha256(struct.pack("<QQ", rate, samples.shape[1]) + samples.astype("<f8").tobytes())
    assert head["protected"] == heard.hexdigest()
    if head["before"] is None:
        return rest
    big = head["endian"] == "BIG" or (head["endian"] == "FILE" and head["format"] == "AIFF")
    out, place, done = rest[: head["before"]], 0, 0
    while place < len(code):
        (size,) = struct.unpack_from("<I", code, place)
        tag, form = code[place + 4 : place + 5], code[place + 5 : place + 4 + size]
        place += 4 + size
        values, frames = steps(form)
        encoding = "PCM_24" if tag in b"da" else head["subtype"]
        if tag in b"Dd":
            theirs = ordered(samples[done : done + frames], encoding)
            values = [value + their for value, their in zip(values, theirs, strict=True)]
        out, done = out + raw(values, encoding, head["subtype"], big), done + frames
    return out + rest[head["before"] :]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_a_reader_written_from_the_document_restores_it(vector: dict[str, str]) -> None:
    original = restored(vector)
    assert original == base64.b64decode(vector["original"])
    assert hashlib.sha256(original).hexdigest() == unsealed(vector)[0]["sha256"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_sottovoce_restores_it(vector: dict[str, str], tmp_path: Path) -> None:
    protected = tmp_path / f"protected{vector['suffix']}"
    protected.write_bytes(base64.b64decode(vector["protected"]))
    protected.with_name(protected.name + ".veil").write_bytes(base64.b64decode(vector["companion"]))
    secret = Key(bytes.fromhex(vector["key"])) if "key" in vector else Passphrase(vector["passphrase"])
    target = tmp_path / f"original{unsealed(vector)[0]['suffix']}"
    assert restore_file(protected, target, secret) == "restored, identical to the byte"
    assert target.read_bytes() == base64.b64decode(vector["original"])


def test_every_form_that_the_document_knows_is_among_them() -> None:
    opened = [unsealed(vector) for vector in VECTORS]
    forms = {bytes(code[4:6]) for head, code, _ in opened if head["before"] is not None}
    assert forms >= {b"DF", b"AZ", b"DZ", b"dF"}
    assert {"key", "passphrase"} <= {name for vector in VECTORS for name in vector}
