"""How `python -m tests.soak` tells a leak. A run that a test has time for would not show a small one."""

import mmap
import sys
import time

import pytest

from tests.soak import WARM, growth, watched


def test_a_leak_is_told_from_noise_and_from_what_is_loaded_first() -> None:
    loaded = {done: 500.0 if done > 20 else 100.0 for done in range(2001)}
    assert growth(loaded) == (500.0, 500.0)
    noisy = {done: 500.0 + 30.0 * (done % 7 == 0) for done in range(2001)}
    assert growth(noisy) == (500.0, 500.0)
    start, end = growth({done: 500.0 + 0.02 * done for done in range(2001)})
    assert 0.07 < end / start - 1 < 0.08, "20 KiB for each file"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_seen_while_files_appear(tmp_path) -> None:
    held = []
    with watched(tmp_path) as seen:
        for number in range(4):
            time.sleep(0.1)
            held.append(mmap.mmap(-1, 20 << 20))  # pages of its own, whatever has been freed before
            held[-1].write(b"\1" * (20 << 20))
            (tmp_path / f"{number}.wav").touch()
            (tmp_path / f".{number}").touch()
        time.sleep(0.1)
    assert sorted(seen) == [0, 1, 2, 3, 4] and 50 < seen[4] - seen[0] < 150 and WARM == 50
