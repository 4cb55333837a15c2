"""What a command took, as far as the system tells."""

import re
import sys
from pathlib import Path

import pytest

from sottovoce.cli import cost


def test_it_tells_the_seconds_since_the_program_began(monkeypatch):
    monkeypatch.setattr(cost.time, "monotonic", lambda: cost.STARTED + 125.4)
    assert re.match(r"Took 125 s[ .]", cost.cost())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="not Linux")
def test_the_memory_is_what_linux_says():
    told = re.fullmatch(r"Took \d+ s and at most (\d+) MiB of memory\.", cost.cost())
    assert told is not None
    most = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert most is not None and int(told[1]) == pytest.approx(int(most[1]) / 1024, rel=0.02)


def test_a_mac_counts_in_bytes(monkeypatch):
    resource = pytest.importorskip("resource")
    used = resource.getrusage(resource.RUSAGE_SELF)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(resource, "getrusage", lambda who: type(used)([used[0], used[1], 300 * 2**20, *used[3:]]))
    assert cost.cost().endswith(" and at most 300 MiB of memory.")


def test_windows_does_not_tell(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "resource", None)  # as if it were not there
    assert re.fullmatch(r"Took \d+ s\.", cost.cost())
