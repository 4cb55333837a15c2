"""Everything that reads files from outside, each as a function of one file."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import torch
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sottovoce.audio import edit_list, files, streams
from sottovoce.audio.extras import Extras, sample_span
from sottovoce.corpora.selection import select
from sottovoce.errors import SottovoceError
from sottovoce.models.checkpoints import load_checkpoint
from sottovoce.models.loading import load_listener
from sottovoce.reversible.companion import MAGIC, NONCE, SALT, VERSION, Companion, companion_path
from sottovoce.reversible.keys import load_key
from sottovoce.reversible.restore import restore_file
from sottovoce.training import checkpoints
from tests.fuzz import seeds


class Reader(NamedTuple):
    """Something that reads files.

    Attributes:
        read: gets a damaged file in a folder of its own, where it may write; raises `SottovoceError` to refuse it.
        seeds: makes valid files by name.
        share: of all inputs, in parts of a thousand; quick readers get more.
        uses_ffmpeg: whether ffmpeg is within reach.
    """

    read: Callable[[Path], None]
    seeds: Callable[[], dict[str, bytes]]
    share: int
    uses_ffmpeg: bool = False


def _sound(path: Path) -> None:
    """All samples, where they lie, and everything else in a file; and that in other files."""
    extras = Extras.of(path)
    if extras.metadata is not None:
        with suppress(Exception):  # what is damaged is named, see `Extras.added_to`
            extras.metadata.fields()
    for suffix, encoded in _plain_files().items():
        extras.added_to(encoded, suffix)
    sample_span(path)
    sound = files.opened(path)
    frames = sum(len(block) for block in sound.blocks())
    assert frames == sound.frames, f"{frames} frames instead of {sound.frames}"


@cache
def _plain_files() -> dict[str, bytes]:
    return {f".{name.rpartition('.')[2]}": seeds.sounds()[name] for name in ("PCM_16-WAV.wav", "PCM_16-FLAC.flac")}


def _streams(path: Path) -> None:
    streams.streams(path)
    streams.tags(path)
    streams.sound(path)


def _delayed(path: Path) -> None:
    edit_list.delay(path, 16)


def _companion(path: Path) -> None:
    Companion.read(path, seeds.KEY)


def _restored(path: Path) -> None:
    """A way back, to the byte and in another container, where what is sealed is damaged."""
    salt, nonce = bytes(SALT), bytes(NONCE)
    prefix = MAGIC + bytes([VERSION, seeds.KEY.kind]) + salt + nonce
    protected = path.with_name("protected.wav")
    samples, rate = seeds.protected_sound()
    soundfile.write(protected, (samples * 2**15).astype(np.int16), rate)
    sealed = prefix + AESGCM(seeds.KEY.derived(salt)).encrypt(nonce, path.read_bytes(), prefix)
    companion_path(protected).write_bytes(sealed)
    refusals = []
    for target in (path.with_name("again.wav"), path.with_name("again.flac")):
        try:
            restore_file(protected, target, seeds.KEY)
        except SottovoceError as error:
            refusals.append(error)
            assert not target.exists(), f"{target.name} was written although it was refused"
    if len(refusals) == 2:
        raise refusals[0]


def _key(path: Path) -> None:
    load_key(path)


def _weights(path: Path) -> None:
    """A listener whose card states the digest of its weights, both damaged."""
    content = path.read_bytes()
    size = int.from_bytes(content[:4], "little") % (len(content) + 1)
    card, data = content[4 : 4 + size], content[4 + size :]
    with suppress(ValueError, RecursionError):
        said = json.loads(card)
        if isinstance(said, dict):
            card = json.dumps({**said, "sha256": hashlib.sha256(data).hexdigest()}).encode()
    path.with_name("given.json").write_bytes(card)
    path.with_name("given.safetensors").write_bytes(data)
    load_listener(str(path.with_name("given.safetensors")))


def _manifest(path: Path) -> None:
    select(path)


def _graph(path: Path) -> None:
    load_listener(str(path))


def _checkpoint(path: Path) -> None:
    def build(state: dict[str, torch.Tensor]) -> torch.nn.Module:
        network = torch.nn.Linear(3, 2)
        network.load_state_dict(state)
        return network

    load_checkpoint(path.parent, path.name, build, "a layer", download=False)


def _training(path: Path) -> None:
    checkpoints.load(path)


READERS = {
    "sounds": Reader(_sound, seeds.sounds, 340),
    "containers": Reader(_sound, lambda: seeds.sounds() | seeds.containers(), 10, uses_ffmpeg=True),
    "streams": Reader(_streams, seeds.videos, 10, uses_ffmpeg=True),
    "edit-lists": Reader(_delayed, seeds.edit_lists, 80),
    "companions": Reader(_companion, seeds.companions, 60),
    "sealed": Reader(_restored, seeds.contents, 100),
    "keys": Reader(_key, seeds.keys, 60),
    "weights": Reader(_weights, seeds.weights, 120),
    "manifests": Reader(_manifest, seeds.manifests, 80),
    "graphs": Reader(_graph, seeds.graphs, 20),
    "pickles": Reader(_checkpoint, seeds.pickles, 60),
    "trainings": Reader(_training, seeds.trainings, 60),
}
"""By name."""
