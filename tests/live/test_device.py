"""Sound devices, played by a stand-in for sounddevice."""

import sys
import threading

import numpy as np
import pytest

from sottovoce.errors import SottovoceError
from sottovoce.live import BLOCK, LiveVoice, Timing, converse, device
from sottovoce.live.device import Desk
from sottovoce.perturbers import SSED

BLOCKS = 30


class Devices:
    """A module whose stream records and plays; its clock waits until what it recorded has been computed."""

    class PortAudioError(Exception):
        """As sounddevice's."""

    def __init__(self, samples: np.ndarray, *, patient: bool = True) -> None:
        self.samples, self.patient = samples.reshape(-1, BLOCK), patient
        self.played: list[bytes] = []

    def RawStream(self, *, callback, **settings):  # noqa: N802
        if settings["device"][0] == "nobody":
            raise ValueError("No input device matching 'nobody'")
        assert settings["samplerate"] == 16_000 and settings["blocksize"] == BLOCK and settings["dtype"] == "int16"
        return Playing(self, callback)


class Playing:
    latency, active = (0.005, 0.004), True

    def __init__(self, devices: Devices, callback) -> None:
        self.devices, self.callback = devices, callback
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_) -> None:
        self.thread.join()

    def run(self) -> None:
        for block in self.devices.samples:
            played = bytearray(2 * BLOCK)
            self.callback(memoryview(block.tobytes()), memoryview(played), BLOCK, None, 0)
            self.devices.played.append(bytes(played))
            if self.devices.patient:
                self.callback.__self__.recorded.join()
        self.active = False


@pytest.fixture
def conversation(generator: SSED, monkeypatch):
    monkeypatch.setattr(device, "_PATIENCE", 0.05)

    def held(devices, microphone=None) -> Timing:
        monkeypatch.setitem(sys.modules, "sounddevice", devices)
        timing = Timing()
        with pytest.raises(SottovoceError, match="has stopped"):
            converse(LiveVoice(generator), microphone, None, timing)
        return timing

    return held


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return np.rint(np.random.default_rng(0).normal(0, 3000, BLOCKS * BLOCK)).astype(np.int16)


def test_what_is_played_is_the_protected_voice_after_a_fixed_delay(conversation, generator, samples) -> None:
    devices = Devices(samples)
    timing = conversation(devices)
    played = np.frombuffer(b"".join(devices.played), np.int16).astype(int)
    wanted = LiveVoice(generator).push(samples)
    delay = 2 * BLOCK  # the context of this small network is less than a block
    assert not played[:delay].any() and np.abs(played[delay:] - wanted[: len(played) - delay]).max() <= 1
    assert timing.dropped == 0 and timing.blocks == BLOCKS
    assert timing.latency(1.0) == pytest.approx(1000 * delay / 16_000 + 9)


def test_what_comes_too_late_is_counted_and_silence_is_played(conversation, samples) -> None:
    devices = Devices(samples, patient=False)
    timing = conversation(devices)
    heard = [np.frombuffer(block, np.int16).any() for block in devices.played]
    assert timing.dropped <= heard[2:].count(False) and len(devices.played) == BLOCKS


def test_the_callback_keeps_the_delay_and_never_plays_what_it_recorded() -> None:
    desk, played = Desk(2), bytearray(2)

    def tick(status: int = 0) -> bytes:
        desk.callback(memoryview(b"ab"), memoryview(played), 1, None, status)
        return bytes(played)

    assert [tick(), tick()] == [b"\0\0"] * 2 and desk.dropped == 0  # nothing is due yet
    desk.ready.extend([(0, b"x0"), (1, b"x1")])
    assert tick() == b"x0"
    assert tick(status=1) == b"x1" and desk.dropped == 1  # PortAudio itself has lost something
    assert tick() == b"\0\0" and desk.dropped == 2
    desk.ready.extend([(2, b"x2"), (3, b"x3")])  # number 2 is too late
    assert tick() == b"x3" and desk.dropped == 2
    for _ in range(40):
        tick()
    assert desk.recorded.full() and desk.dropped == 42


def test_after_lost_blocks_a_new_recording_begins_in_its_place(generator, samples) -> None:
    desk, timing = Desk(2), Timing()
    for number in (0, 1, 2, 7, 8):
        desk.recorded.put((number, samples[:BLOCK].tobytes()))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SottovoceError, match="gives nothing"):
        patch.setattr(device, "_PATIENCE", 0.01)
        device._work(desk, LiveVoice(generator), timing, lambda: True, lambda: None)
    assert [number for number, _ in desk.ready] == [0, 1, 7]


def test_a_device_that_is_not_there_is_an_error(generator, samples, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", Devices(samples))
    with pytest.raises(SottovoceError, match="No input device matching 'nobody'"):
        converse(LiveVoice(generator), "nobody", None, Timing())


def test_without_the_extra_or_the_library_it_says_what_to_install(generator, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SottovoceError, match=r"sottovoce\[live\]"):
        converse(LiveVoice(generator), None, None, Timing())

    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(SottovoceError, match="libportaudio2"):
        converse(LiveVoice(generator), None, None, Timing())
