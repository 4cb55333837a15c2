"""Batches in the actors of a local Ray: the files of one process, also if an actor is killed."""

import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from sottovoce import cluster
from sottovoce.cli.batch import for_each
from sottovoce.cli.places import places
from sottovoce.cli.protecting import Protecting
from sottovoce.cli.secret import secret_from
from sottovoce.protections.keyword import Keyword
from tests.cli.test_resuming import digests


class Deadly:
    """Makes what is killed once, with half of a file done."""

    def __init__(self, build, mark: Path) -> None:
        self.build, self.mark = build, mark

    def __call__(self):
        step = self.build()

        def deadly(source, target, tell):
            def told(message):
                if source.stem == "2" and not self.mark.exists():
                    self.mark.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                tell(message)

            return step(source, target, told)

        return deadly


@pytest.mark.usefixtures("local_ray")
def test_a_batch_whose_actor_is_killed_gives_the_files_of_one_process(tmp_path, sound, run, capsys) -> None:
    for number in range(4):
        sound(f"in/p{number % 2}/{number}.wav", seconds=0.5 + 0.1 * number)
    key, sources = tmp_path / "a.key", tmp_path / "in"
    assert run("keygen", key)[0] == 0
    assert run("protect", "keyword", sources, "-o", tmp_path / "one", "--as", "right", "--jobs", "1")[0] == 0

    output, mark = tmp_path / "ray", tmp_path / "killed"
    protecting = Protecting(partial(Keyword, "right"), output, secret=secret_from(key, False, new=True))
    work = places([sources], output)
    for_each(work, output, Deadly(protecting, mark), "protected", run=cluster.each, jobs=2)
    captured = capsys.readouterr()
    assert captured.err == "sottovoce: 4 of 4 files protected\n" and captured.out.count("dB") == 4
    assert mark.exists()
    made = digests(output)
    assert {name: made[name] for name in made if not name.endswith(".veil")} == digests(tmp_path / "one")
    assert len(made) == 8

    code, out, _ = run("restore", output, "-o", tmp_path / "again", "--key", key, "--engine", "ray", "--jobs", "1")
    assert code == 0 and out.count("identical to the byte") == 4
    assert digests(tmp_path / "again") == digests(sources)


@pytest.mark.usefixtures("local_ray")
def test_a_folder_is_measured_as_by_one_process(tmp_path, sound, run) -> None:
    sound("in/a.wav", seconds=1.5)
    assert run("protect", "voice", tmp_path / "in", "-o", tmp_path / "out", "--effort", "low")[0] == 0
    tables = []
    for name, engine in (("one", ("--jobs", 1)), ("ray", ("--engine", "ray"))):
        command = ("evaluate", tmp_path / "in", tmp_path / "out", "-o", tmp_path / name, "--listeners", "ecapa-tdnn")
        assert run(*command, *engine)[0] == 0
        tables.append(digests(tmp_path / name))
    assert tables[0] == tables[1]


def test_an_engine_that_is_not_there_is_one_line(tmp_path, sound, run, monkeypatch) -> None:
    command = ("protect", "voice", sound(), "-o", tmp_path / "out.wav", "--engine")
    assert run(*command, "spark")[::2] == (2, "sottovoce: --engine spark: no such engine; choose processes or ray\n")
    monkeypatch.setitem(sys.modules, "ray", None)
    line = "sottovoce: --engine ray needs the extra 'cluster': pip install 'sottovoce[cluster]'\n"
    assert run(*command, "ray") == (2, "", line)
    assert not (tmp_path / "out.wav").exists()
