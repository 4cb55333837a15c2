"""Some hundred damaged files for everything that reads files from outside; `python -m tests.fuzz` reads many more."""

import shutil
import sys
from pathlib import Path

import pytest

from sottovoce.errors import SottovoceError
from tests.fuzz import campaign
from tests.fuzz.campaign import inputs, run
from tests.fuzz.readers import READERS
from tests.fuzz.regressions import REGRESSIONS

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:Detected pickle protocol")
BY_FFMPEG = {"containers", "streams", "edit-lists"}


def read(reader: str, name: str, content: bytes, folder: Path) -> bool:
    """Whether a file is read; if it is refused, in one line."""
    folder.mkdir()
    path = folder / f"given{Path(name).suffix}"
    path.write_bytes(content)
    try:
        READERS[reader].read(path)
    except SottovoceError as error:
        assert str(error) and str(error).isprintable()
        return False
    finally:
        shutil.rmtree(folder)
    return True


@pytest.mark.parametrize(
    "reader", [pytest.param(name, marks=needs_ffmpeg if name in BY_FFMPEG else ()) for name in READERS]
)
def test_valid_files_are_read_and_damaged_ones_read_or_refused(reader, tmp_path, monkeypatch) -> None:
    valid = READERS[reader].seeds()
    if not READERS[reader].uses_ffmpeg:
        monkeypatch.setenv("PATH", "")
    for name, content in list(valid.items())[:: 5 if READERS[reader].uses_ffmpeg else 1]:
        assert read(reader, name, content, tmp_path / "folder"), name
    given = inputs(reader, valid, 0, range(6 if READERS[reader].uses_ffmpeg else 60))
    outcomes = [read(reader, name, content, tmp_path / "folder") for name, content in given]
    assert not all(outcomes)


@pytest.mark.parametrize("what", REGRESSIONS)
def test_what_once_failed_is_refused(what, tmp_path, monkeypatch) -> None:
    reader, suffix, make = REGRESSIONS[what]
    content = make()
    monkeypatch.setenv("PATH", "")
    assert not read(reader, f"a{suffix}", content, tmp_path / "folder")


def test_the_same_seed_gives_the_same_files() -> None:
    valid = {"a.bin": bytes(range(256)), "b.bin": b"text, 12\n" * 9}
    one, again, other = ([*inputs("keys", valid, seed, range(50))] for seed in (1, 1, 2))
    assert one == again != other and one[20:30] == [*inputs("keys", valid, 1, range(20, 30))]
    assert sum(content not in valid.values() for _, content in one) > 40


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_faults_are_seen_and_their_files_kept(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(campaign, "SECONDS", 1.5)
    deeds = {
        "crash": "signal 11",
        "nothing": None,
        "memory": "MemoryError",
        "outside": "did what it may not: open",
        "leave": "left temporary files",
        "connect": "did what it may not: socket.connect",
        "unpickle": "did what it may not: pickle.find_class",
        "raise": "ZeroDivisionError",
        "hang": "more than 1.5 s",
    }
    tally = run("faulty", [(f"{name}.bin", name.encode()) for name in deeds], tmp_path)
    assert tally.outcomes == {"fault": len(deeds) - 1, "refused": 1}
    found = {fault.file.read_text(): fault.said for fault in tally.faults if fault.file is not None}
    assert all(found[name].startswith(said) for name, said in deeds.items() if said is not None), found
