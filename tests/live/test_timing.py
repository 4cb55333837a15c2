"""Latencies from times that are made up."""

import numpy as np
import pytest

from sottovoce.live import Timing
from sottovoce.live.timing import BLOCK_MS

BLOCK_S = BLOCK_MS / 1000


def test_who_waits_gets_a_block_when_it_arrives() -> None:
    timing = Timing()
    for place in range(5):
        assert timing.arrived(place * BLOCK_S + 0.004, (place + 1) * BLOCK_S) == pytest.approx((place + 1) * BLOCK_S)


def test_a_block_that_was_there_has_been_waiting() -> None:
    timing = Timing()
    assert timing.arrived(0.0, 1.0) == 1.0
    assert timing.arrived(1.5, 1.5) == pytest.approx(1.0 + BLOCK_S)  # 0.5 s were spent on the first
    assert timing.arrived(1.5, 1.5) == pytest.approx(1.0 + 2 * BLOCK_S)
    assert timing.arrived(1.6, 9.0) == 9.0  # the source paused


def test_a_source_that_is_faster_than_sound_arrives_when_it_is_read() -> None:
    timing = Timing()
    times = np.arange(20) * BLOCK_S / 3
    assert [timing.arrived(time, time) for time in times] == times.tolist()


def test_shares_of_the_latency() -> None:
    timing, random = Timing(), np.random.default_rng(0)
    timing.fixed = 36.0
    behind = random.gamma(2.0, 0.003, 5000)
    for each in behind:
        timing.note(160, 0.002, each)
    latencies = 36.0 + 1000 * behind
    for share in (0.5, 0.99):
        assert timing.latency(share) == pytest.approx(np.quantile(latencies, share), abs=0.2)
    assert timing.latency(1.0) == latencies.max()
    assert timing.seconds == pytest.approx(50.0) and "real-time factor 0.20" in timing.line()


def test_before_anything_has_come_it_says_so() -> None:
    assert Timing().line().startswith("0.0 s of sound") and Timing().latency(0.5) == 0.0
