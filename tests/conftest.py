"""What tests share: the data beside the repository, a cache folder of their own, a tiny model, a voice-like sound."""

import importlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import soundfile
import torch

from sottovoce.attacks import PGD
from sottovoce.channels import Quantization
from sottovoce.evaluation import panel
from sottovoce.evaluation.survival import Survival
from sottovoce.metrics import DNSMOS
from sottovoce.models.enhancers import SEGAN
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.models.registry import listeners
from sottovoce.protections import against_enhancers
from sottovoce.protections.presets import Effort
from sottovoce.threats.budgets import SNRFloor
from sottovoce.threats.objectives import Silence, Speech
from sottovoce.weights import Card
from sottovoce.weights.store import save
from tests.listeners import babbler

MODELS = Path(__file__).parents[1] / "build" / "models"
SHARED = Path(os.environ.get("SOTTOVOCE_SHARED", Path(__file__).parents[2] / "shared"))

hypothesis.settings.register_profile("sottovoce", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("sottovoce")


def pytest_configure(config: pytest.Config) -> None:
    """Let ART write its settings once: two workers that import it first at the same time read a file half written."""
    if not hasattr(config, "workerinput") and not (Path.home() / ".art" / "config.json").exists():
        importlib.import_module("art.config")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what uses the shared folder, so that `-m 'not shared_data'` leaves out all of it."""
    for item in items:
        if {"shared_data", "shared_models", "third_party"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.shared_data)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Results do not depend on what was tested before: more threads add up in another order."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps what the person running the tests has downloaded and written out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTTOVOCE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("SOTTOVOCE_STATE", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A storage on this machine that speaks S3, for actors too; the address of a bucket in it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        importlib.import_module("fsspec").filesystem("s3").mkdir("bucket")
        yield "s3://bucket"
    server.stop()


@pytest.fixture(scope="session")
def local_ray(own_cache: None, s3: str) -> Iterator[None]:
    """A Ray for all tests, which takes seconds to start; it has two processors, and believes in a GPU."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray = importlib.import_module("ray")
        ray.init("local", num_cpus=2, num_gpus=1, include_dashboard=False, log_to_driver=False, logging_level=50)
        yield
        ray.shutdown()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder `../shared/data` of real recordings, noises and rooms."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder `../shared/models` of published networks."""
    return _shared("models")


@pytest.fixture(scope="session")
def third_party() -> Callable[[str], Path]:
    """Gives the folder of a third party's network by name; skips the test where there is none.

    `.ci/run` makes those that are converted from packages in `build/models`.
    """

    def folder(name: str) -> Path:
        for parent in (MODELS, SHARED / "models"):
            if any((parent / name).glob("*.onnx")) or any((parent / name).glob("*.safetensors")):
                return parent / name
        pytest.skip(f"no {MODELS / name}")

    return folder


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The path of a SEGAN of one channel a layer, with random weights."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    card = Card(
        name="tiny",
        kind="enhancer",
        architecture="segan",
        config={"width": 1 / 64},
        data="none",
        recipe="none",
        seed=0,
        metrics={},
        licence="CC0-1.0",
    )
    save(path, SEGAN(width=1 / 64).state_dict(), card)
    return str(path)


@pytest.fixture(scope="session")
def babbling() -> DeepSpeech:
    return babbler(16)


@pytest.fixture
def quick_attack(monkeypatch):
    """Two steps against enhancers, whatever the settings say."""

    def erasing(name, snr, *, steps, progress):
        return PGD(steps=2, step=0.02, budget=SNRFloor(snr)), Silence()

    def targeted(name, snr, target, *, steps, progress):
        return PGD(steps=2, step=0.02, budget=SNRFloor(snr)), Speech(target)

    monkeypatch.setattr(against_enhancers, "erasing", erasing)
    monkeypatch.setattr(against_enhancers, "targeted", targeted)


@pytest.fixture
def low_effort(monkeypatch):
    """Searches take the steps of the lowest effort, and the estimates before them are of short recordings."""
    monkeypatch.setattr("sottovoce.speed.search.LONG", 2)
    steps = Effort.LOW.steps
    monkeypatch.setattr(Effort, "steps", property(lambda effort: steps))


@pytest.fixture
def no_dnsmos(monkeypatch):
    """DNSMOS is tested elsewhere and takes seconds."""
    monkeypatch.setattr("sottovoce.metrics.dnsmos", lambda *_: DNSMOS(*torch.full((3, 1), 3.0)))


@pytest.fixture
def few_listeners(monkeypatch):
    """Everybody, and all that a file goes through, are a few; all of them take minutes."""
    known = listeners()
    names = ("whisper-tiny.en", "deep-speech", "ecapa-tdnn", "metricgan-plus")
    monkeypatch.setattr(panel, "listeners", lambda: {name: known[name] for name in names})
    channels = Survival({"8 bit": Quantization(256)}, {})
    monkeypatch.setattr("sottovoce.evaluation.verify.survival_channels", lambda: channels)


@pytest.fixture
def sound(tmp_path):
    """Writes a hum with vowel-like harmonics and swelling loudness."""

    def write(name="in.wav", rate=16_000, channels=1, subtype="PCM_16", seconds=1.0, **form):
        time = np.arange(round(seconds * rate)) / rate
        hum = sum(np.sin(2 * np.pi * 130 * k * time + c * k) / k for k in range(1, 12) for c in [0.3]) * 0.2
        hum = hum * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time))
        samples = np.stack([hum * gain for gain in (1.0, 0.6)[:channels]], axis=1)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, rate, subtype=subtype, **form)
        return path

    return write


@pytest.fixture
def video(tmp_path):
    """Writes a second of a moving picture with noise, which has no sound that looks like another; needs ffmpeg.

    The noise is `noise` samples long in each of `tracks` sound tracks, and begins `offset` seconds after the picture.
    """
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")

    def write(name="in.mp4", *options, rate=48_000, frames=None, offset=0.0, tracks=1, samples=None, inputs=()):
        noise = np.random.default_rng(0).normal(size=(frames or rate, 1)) / 10
        soundfile.write(tmp_path / "noise.wav", noise if samples is None else samples, rate, subtype="FLOAT")
        picture = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1"]
        sound = ["-itsoffset", str(offset), "-i", str(tmp_path / "noise.wav")] * tracks
        codecs = {".webm": ["-c:v", "libvpx", "-c:a", "libvorbis" if rate == 44_100 else "libopus"]}
        coded = codecs.get(Path(name).suffix, ["-c:v", "mpeg4", "-c:a", "aac", "-movie_timescale", str(rate)])
        if Path(name).suffix == ".mkv":
            coded = coded[:4]
        maps = [each for number in range(tracks + 1) for each in ("-map", f"{number}")]
        arguments = [*picture, *sound, *inputs, *maps, *coded, *options, str(tmp_path / name)]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)
        return tmp_path / name

    return write
