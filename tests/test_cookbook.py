"""Every recipe of the cookbook works, on a second of speech.

Small networks with random weights stand for Whisper and for our Deep Speech, and searches are short.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import soundfile
import torch
from torch import Tensor

from sottovoce import load
from sottovoce.channels import Codec, Room
from sottovoce.exporting import onnx
from sottovoce.live import BLOCK
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.perturbers import SSED
from sottovoce.protections import dictation
from tests.listeners import babbler
from tests.live.test_device import Devices, Playing
from tests.pages import recipes, run
from tests.whispers import save_tiny

RATE, SAMPLES = 16_000, 19_200
PAGE = "docs/cookbook.md"
TESTED = set[str]()


def recipe(title: str) -> pytest.MarkDecorator:
    """Gives a test the lines of a recipe."""
    TESTED.add(title)
    return pytest.mark.parametrize("lines", [recipes(PAGE)[title]], ids=[""])


def test_every_recipe_is_tested() -> None:
    assert recipes(PAGE).keys() == TESTED


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    samples, rate = soundfile.read(files("sottovoce.data") / "demo.wav", start=4 * RATE, frames=SAMPLES)
    assert rate == RATE
    return samples


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speech: np.ndarray) -> Path:
    """The current folder, with the recordings that the cookbook names."""
    for name in ("talk.wav", "talk.flac", "call.wav", "command.wav"):
        soundfile.write(tmp_path / name, speech, RATE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def brief(low_effort: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches take few steps."""
    monkeypatch.setattr(dictation, "STEPS", 100)
    monkeypatch.setattr(dictation, "STEPS_IN_ROOMS", 8)


@pytest.fixture
def whisper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a tiny Whisper with random weights where a fetched one lies."""
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    return lambda name: save_tiny(tmp_path / "cache" / name, multilingual=True, seed=2)


@pytest.fixture
def deep_speech(monkeypatch: pytest.MonkeyPatch) -> DeepSpeech:
    """A small one with random weights, in place of ours."""
    network = babbler(64)
    monkeypatch.setattr(DeepSpeech, "load", lambda name: network)
    return network


@pytest.fixture
def two_copies() -> None:
    """Two originals, which pocketsphinx understands, with copies that have noise."""
    speech, _ = soundfile.read(files("sottovoce.data") / "demo.wav", frames=SAMPLES)
    for number in range(2):
        noise = 0.02 * np.random.default_rng(number).normal(size=len(speech))
        for folder, samples in (("originals", speech), ("protected", speech + noise)):
            path = Path(folder) / f"speaker-{number}" / "a.wav"
            path.parent.mkdir(parents=True)
            soundfile.write(path, samples, RATE)


def snr(source: str, target: str) -> float:
    """In dB, of two files of one format, rate and length."""
    for one, other in zip(*map(_form, (source, target)), strict=True):
        assert one == other
    original, protected = (soundfile.read(name)[0] for name in (source, target))
    return float(10 * np.log10(np.square(original).sum() / np.square(protected - original).sum()))


def _form(name: str) -> tuple[object, ...]:
    info = soundfile.info(name)
    return info.format, info.subtype, info.samplerate, info.channels, info.frames


def heard(name: str) -> Tensor:
    """A file's waveform as protections hear it, without its mean, `(1, samples)`."""
    waveform = torch.from_numpy(soundfile.read(name, dtype="float32")[0])[None]
    return waveform - waveform.mean()


@recipe("Hardly audible, and long to search")
def test_a_light_protection_is_quiet(lines: list[str]) -> None:
    run(*lines)
    assert 33 - 0.1 < snr("talk.flac", "out.flac") < 40


@recipe("A video")
def test_a_video_keeps_its_pictures(lines: list[str], video: Callable[..., Path], speech: np.ndarray) -> None:
    video("talk.mp4", rate=RATE, samples=speech)
    run(*lines)

    def of(name: str, stream: str, *coding: str) -> bytes:
        command = ["ffmpeg", "-v", "error", "-i", name, "-map", f"0:{stream}", *coding, "-"]
        return subprocess.run(command, capture_output=True, check=True).stdout

    pictures, sounds = (
        [of(name, stream, *coding) for name in ("talk.mp4", "out.mp4")]
        for stream, coding in (("v", ("-c", "copy", "-f", "framemd5")), ("a", ("-f", "s16le")))
    )
    assert pictures[0] == pictures[1]
    assert len(sounds[0]) == len(sounds[1]) and sounds[0] != sounds[1]


@recipe("So that one program still understands")
def test_a_friend_is_told_of(lines: list[str], whisper: Callable[[str], None], capsys: Any) -> None:
    whisper("whisper-base")
    run(*lines)
    assert "whisper-base, who should understand" in capsys.readouterr().out
    assert 28 - 0.1 < snr("talk.wav", "out.wav") < 35


@recipe("So that an enhancer removes the words")
def test_an_enhancer_gives_less(lines: list[str]) -> None:
    run(*lines)
    enhancer = load("metricgan-plus")
    before, after = (enhancer(heard(name)).square().sum() for name in ("call.wav", "out.wav"))
    assert after < before / 10 and snr("call.wav", "out.wav") >= 20 - 0.1


@recipe("On several listeners")
def test_several_listeners_are_attacked(lines: list[str], whisper: Callable[[str], None]) -> None:
    whisper("whisper-base")
    run(*lines)
    listener = load("whisper-base")
    assert listener.transcribe(heard("call.wav")) != listener.transcribe(heard("out.wav"))
    assert snr("call.wav", "out.wav") >= 25 - 0.1


@recipe("So that a recogniser writes your text")
def test_a_recogniser_writes_the_text(lines: list[str], deep_speech: DeepSpeech) -> None:
    in_the_file, in_rooms = lines
    run(in_the_file)
    assert deep_speech.transcribe(heard("out.wav")) == ["OPEN THE DOOR"] != deep_speech.transcribe(heard("call.wav"))
    run(in_rooms)
    assert 10 - 0.1 < snr("call.wav", "out.wav") < 20
    likelihood = [deep_speech.likelihood(heard(name), ["OPEN THE DOOR"]) for name in ("call.wav", "out.wav")]
    assert likelihood[0] < likelihood[1]


@recipe("What is said and who speaks")
def test_neither_words_nor_voice_are_recognised(lines: list[str]) -> None:
    run(*lines)
    encoder, recogniser = load("ecapa-tdnn"), load("pocketsphinx")
    voices = [encoder(heard(name)) for name in ("talk.wav", "out.wav")]
    assert torch.cosine_similarity(*voices).item() < encoder.threshold
    assert recogniser.transcribe(heard("talk.wav")) != recogniser.transcribe(heard("out.wav"))


@recipe("For a voice assistant to hear another keyword")
def test_another_keyword_is_heard(lines: list[str], capsys: Any) -> None:
    run(*lines)
    assert "heard as no" in capsys.readouterr().out
    assert snr("command.wav", "out.wav") > 0


class Ended(Devices):
    """Devices at which somebody presses Ctrl-C once everything is recorded."""

    def RawStream(self, *, callback: Any, **settings: Any) -> Playing:  # noqa: N802
        class Pressed(Playing):
            @property
            def active(self) -> bool:
                if self.thread.is_alive():
                    return True
                raise KeyboardInterrupt

            @active.setter
            def active(self, _: bool) -> None: ...

        return Pressed(self, callback)


@recipe("A voice that is hidden while it speaks")
def test_a_voice_is_hidden_live(lines: list[str], here: Path, speech: np.ndarray, monkeypatch: Any) -> None:
    """`arecord` plays a file, `aplay` writes one, and nobody waits."""
    between_devices, between_programs = lines
    samples = np.rint(speech * 32_767).astype("<i2")
    samples = samples[: len(samples) // BLOCK * BLOCK]

    devices = Ended(samples)
    monkeypatch.setitem(sys.modules, "sounddevice", devices)
    run(between_devices, status=130)
    played = np.frombuffer(b"".join(devices.played), "<i2")
    assert len(played) == len(samples) and played.any()

    (here / "talk.raw").write_bytes(samples.tobytes())
    for program, body in {"arecord": "cat talk.raw", "aplay": "cat > played.raw", "sleep": ":"}.items():
        (here / program).write_text(f"#!/bin/sh\n{body}\n")
        (here / program).chmod(0o755)
    path = os.pathsep.join([str(here), str(Path(sys.executable).parent), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)
    subprocess.run(["bash", "-o", "pipefail", "-c", between_programs], check=True)
    written = np.fromfile(here / "played.raw", "<i2")
    assert len(written) == len(samples) and np.corrcoef(written, samples)[0, 1] > 0.9 and (written != samples).any()


@recipe("A network as an ONNX graph")
def test_a_graph_gives_what_the_network_gives(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A small network; the whole one is exported for the example in the browser."""
    torch.manual_seed(0)
    network = SSED(channels=4, blocks=1).eval()
    monkeypatch.setattr(onnx, "load", lambda name: network)
    logging.getLogger("torch.__trace").setLevel(logging.CRITICAL)  # pytest listens, which triples the time
    run(*lines)
    (found,) = onnxruntime.InferenceSession("hide.onnx").run(None, {"waveforms": heard("talk.wav").numpy()})
    with torch.inference_mode():
        torch.testing.assert_close(torch.from_numpy(found), network(heard("talk.wav")), atol=1e-4, rtol=0)


@recipe("What survives a telephone, codecs, filters and a room")
@pytest.mark.usefixtures("few_listeners", "two_copies", "no_dnsmos")
def test_a_matrix_a_picture_and_a_file_are_written(lines: list[str]) -> None:
    shutil.copy("protected/speaker-0/a.wav", "out.wav")
    run(*lines)
    result = json.loads(Path("report/out.wav.json").read_text())
    assert result["listeners"][:2] == ["deep-speech", "ecapa-tdnn"]
    assert {"as it is", "metricgan-plus", "8 bit"} <= {cell["channel"] for cell in result["cells"]}
    assert Path("report/out.wav-matrix.png").read_bytes().startswith(b"\x89PNG")


@recipe("What a folder of protections is worth")
@pytest.mark.usefixtures("two_copies", "no_dnsmos")
def test_a_folder_is_measured(lines: list[str]) -> None:
    run(*lines)
    rows = pd.read_csv("measured/evaluation.csv")
    assert rows["file"].nunique() == 2 and set(rows["kind"]) == {"file", "words", "voice"}
    assert rows["problem"].isna().all()
    assert len(pd.read_csv("measured/summary.csv"))


@recipe("A passphrase instead of a key file")
def test_a_passphrase_gives_the_original_back(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "correct horse")
    for line in lines:
        run(line)
    original, protected, restored = (Path(name).read_bytes() for name in ("talk.wav", "out.wav", "again.wav"))
    assert original == restored != protected


@recipe("A fast pass that others hardly take off")
def test_only_the_key_takes_the_pass_of_a_keyed_generator_off(lines: list[str]) -> None:
    for line in lines[:2]:
        run(line)
    soundfile.write("out.wav", 0.98 * soundfile.read("out.wav")[0], RATE)  # as a codec might
    run(lines[2])
    assert snr("out.wav", "close.wav") > 20.0 and snr("talk.wav", "close.wav") > 20.0


def script(lines: list[str], **names: object) -> dict[str, Any]:
    """Run a script with what it takes for granted; what it leaves."""
    found = dict(names)
    exec("\n".join(lines), found)
    return found


@recipe("Protect, and read what came of it")
def test_a_script_protects(lines: list[str], capsys: Any) -> None:
    report = script(lines)["report"]
    assert report.snr == pytest.approx(snr("talk.wav", "out.wav"), abs=0.05)
    assert capsys.readouterr().out.count("\n") > 1


@recipe("Your own recogniser as the one to mislead")
def test_a_recogniser_of_ones_own_is_attacked(lines: list[str]) -> None:
    network = babbler(64)
    protection = script(lines, network=network, alphabet=network.alphabet)["protection"]
    assert list(protection.aim.ears) == ["mine"]


@recipe("A recogniser behind a room and an MP3 encoder")
def test_a_recogniser_hears_what_a_room_and_an_encoder_leave(lines: list[str], whisper: Callable[[str], None]) -> None:
    whisper("whisper-tiny.en")
    responses = torch.rand(1, 400) * torch.linspace(1, 0, 400)
    listener = script(lines, responses=responses)["listener"]
    through = Codec("mp3", 64)(Room(responses)(heard("talk.wav")))
    torch.testing.assert_close(listener(heard("talk.wav")), load("whisper-tiny.en")(through))


@recipe("Several listeners with an objective each")
def test_an_enemy_writes_other_words(lines: list[str], whisper: Callable[[str], None], deep_speech: DeepSpeech) -> None:
    whisper("whisper-base")
    found = script(lines, waveforms=heard("talk.wav"))
    result = found["result"]
    assert (result.snr >= 25 - 1e-3).all() and result.adversarial.shape == heard("talk.wav").shape
    assert deep_speech.transcribe(result.adversarial) != deep_speech.transcribe(heard("talk.wav"))
