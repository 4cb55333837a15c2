"""A run that is killed goes on where it stopped, and ends with the files of one that is not."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sottovoce.writing import Staged

PROGRAM = [sys.executable, "-c", "from sottovoce.cli import main; main()"]


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.skipif(os.name != "posix", reason="kills a process group")
def test_a_killed_batch_in_two_processes_ends_with_the_files_of_one_process(tmp_path, sound, run) -> None:
    for number in range(6):
        sound(f"in/p{number % 2}/{number}.wav", seconds=0.5 + 0.1 * number)
    command = ["protect", "keyword", str(tmp_path / "in"), "--as", "right", "-o"]
    assert run(*command, tmp_path / "whole")[0] == 0
    whole = digests(tmp_path / "whole")
    assert len(whole) == 6

    output = tmp_path / "killed"
    state = tmp_path / "state"  # or else the journal would know the files already
    environment = {**os.environ, "SOTTOVOCE_STATE": str(state)}
    again = [*command, str(output), "--jobs", "2", "--report", str(tmp_path / "report")]
    with subprocess.Popen(
        [*PROGRAM, *again], stdout=subprocess.PIPE, text=True, start_new_session=True, env=environment
    ) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        os.killpg(killed.pid, signal.SIGKILL)
    left = Staged().write(output / "p0" / "4.wav", b"half")
    finished = digests(output)
    assert 0 < len(finished.keys() & whole.keys()) < 6

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTTOVOCE_STATE", str(state))
        code, out, err = run(*again)
    assert (code, err) == (0, "sottovoce: 6 of 6 files protected\n")
    assert out.count("done before") >= 1
    assert digests(output) == whole and not left.exists()
    summary = (tmp_path / "report" / "summary.csv").read_text().splitlines()
    assert [Path(line.split(",")[0]).name for line in summary[1:]] == [f"{n}.wav" for n in (0, 2, 4, 1, 3, 5)]
