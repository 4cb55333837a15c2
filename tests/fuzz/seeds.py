"""Small valid files of every kind that sottovoce reads, made by the programs that make such files."""

import csv
import io
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import mutagen.flac
import mutagen.id3
import numpy as np
import onnx
import soundfile
import torch
from onnx import TensorProto, helper

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.corpora.manifest import COLUMNS
from sottovoce.models.enhancers import DNN, SEGAN
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.reversible.companion import Companion
from sottovoce.reversible.keys import Key, keygen
from sottovoce.training import checkpoints
from sottovoce.weights import Card, store

KEY = Key(bytes(range(32)))
"""Of all companions here: who damages them knows the secret."""
RATE = 16_000
_BY_LIBSNDFILE = (
    *(("WAV", each, ".wav") for each in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")),
    *(("WAV", each, ".wav") for each in ("IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32", "NMS_ADPCM_16")),
    *(("WAVEX", "PCM_16", ".wav"), ("RF64", "PCM_16", ".rf64")),
    *(("W64", "PCM_16", ".w64"), ("AIFF", "PCM_16", ".aiff"), ("AIFF", "FLOAT", ".aiff"), ("AIFF", "DWVW_16", ".aiff")),
    *(("CAF", "PCM_16", ".caf"), ("CAF", "ALAC_16", ".caf"), ("AU", "PCM_16", ".au"), ("NIST", "PCM_16", ".nist")),
    *(("AVR", "PCM_16", ".avr"), ("VOC", "PCM_16", ".voc"), ("IRCAM", "PCM_16", ".sf"), ("SVX", "PCM_16", ".svx")),
    *(("PAF", "PCM_24", ".paf"), ("PVF", "PCM_16", ".pvf"), ("SDS", "PCM_16", ".sds"), ("FLAC", "PCM_16", ".flac")),
    *(
        ("FLAC", "PCM_24", ".flac"),
        ("OGG", "VORBIS", ".ogg"),
        ("OGG", "OPUS", ".opus"),
        ("MP3", "MPEG_LAYER_III", ".mp3"),
    ),
)
_MONO = ("GSM610", "G721_32", "NMS_ADPCM_16", "DWVW_16")
_PICTURE = ("-f", "lavfi", "-i", "testsrc=size=32x32:rate=10:duration=0.3")
_BY_FFMPEG = {
    "alac.m4a": ("-c:a", "alac"),
    "aac.m4a": ("-c:a", "aac"),
    "a.mp4": (*_PICTURE, "-map", "1", "-map", "0", "-c:v", "mpeg4", "-c:a", "aac", "-movie_timescale", f"{RATE}"),
    "a.mov": (*_PICTURE, "-map", "1", "-map", "0", "-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    "a.mkv": (*_PICTURE, "-map", "1", "-map", "0", "-c:v", "mpeg4", "-c:a", "flac"),
    "a.webm": (*_PICTURE, "-map", "1", "-map", "0", "-c:v", "libvpx", "-c:a", "libopus"),
    "mp3.wav": ("-c:a", "libmp3lame"),
    "a.avi": ("-c:a", "pcm_s16le"),
    "a.wma": (),
    "a.wv": (),
    "a.tta": (),
    "a.ac3": (),
    "a.aac": ("-c:a", "aac"),
}


@cache
def _samples() -> np.ndarray:
    """A fifth of a second that swells, stereo."""
    time = np.arange(RATE // 5) / RATE
    hum = sum(np.sin(2 * np.pi * 130 * k * time) / k for k in range(1, 8)) * 0.2 * np.sin(2 * np.pi * 3 * time)
    return np.stack([hum, 0.5 * hum], axis=1)


def _written(form: str, subtype: str, *, channels: int = 2) -> bytes:
    target = io.BytesIO()
    channels = 1 if form in ("SVX", "SDS") or subtype in _MONO else channels
    with soundfile.SoundFile(target, "w", RATE, channels, subtype, format=form) as sound:
        for name, text in (("title", "Interview"), ("artist", "Anna"), ("comment", "Grüße")):
            try:
                setattr(sound, name, text)
            except soundfile.LibsndfileError:  # the format has no such tag
                break
        sound.write(_samples()[:, :channels])
    return target.getvalue()


def sounds() -> dict[str, bytes]:
    """What libsndfile reads, with tags and pictures, and recordings that follow each other."""
    found = {f"{subtype}-{form}{suffix}": _written(form, subtype) for form, subtype, suffix in _BY_LIBSNDFILE}
    wav, flac = found["PCM_16-WAV.wav"], found["PCM_16-FLAC.flac"]
    chunk = b"bext" + (8).to_bytes(4, "little") + b"original" + b"cue " + (4).to_bytes(4, "little") + bytes(4)
    tag = _id3()
    found["chunks.wav"] = wav + chunk + b"id3 " + len(tag).to_bytes(4, "little") + tag + bytes(len(tag) % 2)
    found["two.wav"], found["two.flac"], found["two.ogg"] = wav * 2, flac * 2, found["VORBIS-OGG.ogg"] * 2
    found["tagged.mp3"] = tag + found["MPEG_LAYER_III-MP3.mp3"] + b"TAG" + bytes(125)
    found["tagged.flac"] = _with_picture(flac)
    return found


def _id3() -> bytes:
    tags, target = mutagen.id3.ID3(), io.BytesIO()
    tags.add(mutagen.id3.TIT2(text="Interview"))
    tags.add(mutagen.id3.COMM(lang="eng", text="Grüße"))
    tags.add(mutagen.id3.APIC(mime="image/png", data=bytes(64)))
    tags.save(target, padding=lambda info: 16)
    return target.getvalue()


def _with_picture(content: bytes) -> bytes:
    file = io.BytesIO(content)
    tagged = mutagen.flac.FLAC(file)
    picture = mutagen.flac.Picture()
    picture.data = bytes(64)
    tagged.add_picture(picture)
    file.seek(0)
    tagged.save(file)
    return file.getvalue()


def containers() -> dict[str, bytes]:
    """What ffmpeg reads, sound and video."""
    found = {}
    with TemporaryDirectory() as folder:
        sound = Path(folder, "sound.wav")
        sound.write_bytes(_written("WAV", "PCM_16"))
        for name, options in _BY_FFMPEG.items():
            late = ("-itsoffset", "0.1") if name == "a.mp4" else ()
            command = ["ffmpeg", "-v", "error", "-y", *late, "-i", str(sound), *options, "-metadata", "title=Interview"]
            subprocess.run([*command, "-fflags", "+bitexact", f"{folder}/{name}"], check=True)
            found[name] = Path(folder, name).read_bytes()
    return found


def videos() -> dict[str, bytes]:
    """Videos."""
    return {name: content for name, content in containers().items() if name.endswith((".mp4", ".mov", ".mkv", ".webm"))}


def edit_lists() -> dict[str, bytes]:
    """A video whose sound begins after its picture."""
    return {"a.mp4": containers()["a.mp4"]}


def companions() -> dict[str, bytes]:
    """Companions as they lie beside protected files."""
    return {f"{name}.veil": companion.seal(KEY) for name, companion in _companions()}


def contents() -> dict[str, bytes]:
    """What is sealed in companions."""
    return {f"{name}.plain": companion._plain() for name, companion in _companions()}


def _companions() -> Iterator[tuple[str, Companion]]:
    protected = Recording(*protected_sound())
    with TemporaryDirectory() as folder:
        for name, form, subtype in (("wav", "WAV", "PCM_16"), ("float", "WAV", "FLOAT"), ("flac", "FLAC", "PCM_16")):
            path = Path(folder, f"{name}.{form.lower()}")
            path.write_bytes(_written(form, subtype, channels=1))
            yield name, Companion.of(path, files.read(path), protected)[0]


def protected_sound() -> tuple[np.ndarray, int]:
    """The protected samples that all companions here belong to, and their rate."""
    return np.round(0.9 * _samples()[:, :1] * 2**15) / 2**15 + 0.0, RATE  # no −0, which WAV does not know


def keys() -> dict[str, bytes]:
    """Key files."""
    with TemporaryDirectory() as folder:
        keygen(Path(folder, "a.key"))
        content = Path(folder, "a.key").read_bytes()
    return {"a.key": content, "more.key": b"\xef\xbb\xbf# mine\n\n" + content}


def weights() -> dict[str, bytes]:
    """Weights of small networks: before them their card and its length, so that both are damaged together."""
    torch.manual_seed(0)
    networks = {
        "segan": ("enhancer", SEGAN(width=1 / 64), {"width": 1 / 64}),
        "dnn": ("enhancer", DNN(hidden=4), {"hidden": 4}),
        "deep-speech": ("recognizer", DeepSpeech(hidden=4, layers=1), {"hidden": 4, "layers": 1}),
    }
    found = {}
    with TemporaryDirectory() as folder:
        for architecture, (kind, network, config) in networks.items():
            card = Card(
                name=architecture,
                kind=kind,
                architecture=architecture,
                config=config,
                data="none",
                recipe="none",
                seed=0,
                metrics={"score": 1.0},
                licence="CC0-1.0",
            )
            store.save(Path(folder, architecture), network.state_dict(), card)
            written, data = (Path(folder, architecture + suffix).read_bytes() for suffix in (".json", ".safetensors"))
            found[f"{architecture}.weights"] = len(written).to_bytes(4, "little") + written + data
    return found


def manifests() -> dict[str, bytes]:
    """Manifests as different programs write them."""
    found = {}
    rows = [["a.wav", "train", "14", "F", "4.2", "HELLO WORLD", "rain"], ["b/c.flac", "test", "", "M", "", "", ""]]
    for name, delimiter, coding in (("plain", ",", "utf-8"), ("excel", ";", "utf-8-sig"), ("tabs", "\t", "utf-16")):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerows([COLUMNS, *rows])
        found[f"{name}.csv"] = text.getvalue().encode(coding)
    return found


def graphs() -> dict[str, bytes]:
    """Enhancers as ONNX graphs."""
    given, gain, said = (f"{name}" for name in ("waveform", "gain", "enhanced"))
    free = [1, "samples"]
    node = [helper.make_node("Mul", [given, gain], ["louder"]), helper.make_node("Tanh", ["louder"], [said])]
    held = helper.make_tensor(gain, TensorProto.FLOAT, [1], [0.5])
    ends = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, free)] for name in (given, said))
    graph = helper.make_graph(node, "graph", *ends, [held])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return {"a.onnx": model.SerializeToString()}


def pickles() -> dict[str, bytes]:
    """Checkpoints of third parties, as torch writes them."""
    torch.manual_seed(0)
    found = {}
    for name, zipped in (("zip.ckpt", True), ("old.ckpt", False)):
        target = io.BytesIO()
        torch.save(torch.nn.Linear(3, 2).state_dict(), target, _use_new_zipfile_serialization=zipped)
        found[name] = target.getvalue()
    return found


def trainings() -> dict[str, bytes]:
    """Checkpoints of a training of ours."""
    torch.manual_seed(0)
    network = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    state = {"recipe": {"network": network.state_dict(), "optimizer": optimizer.state_dict()}, "epoch": 3}
    with TemporaryDirectory() as folder:
        checkpoints.save(Path(folder, "last.ckpt"), state)
        return {"last.ckpt": Path(folder, "last.ckpt").read_bytes()}
