"""How a command on many files ends."""

import csv
import errno
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from sottovoce.cli.batch import Remark, for_each
from sottovoce.cli.display import DEBUG
from sottovoce.cli.places import Work, places
from sottovoce.cli.summary import Outcome
from sottovoce.errors import SottovoceError
from sottovoce.journal import note
from sottovoce.writing import Staged


def on_all(work: Work, output: Path, do=lambda source, target: source.name, **options) -> None:
    """Runs work that gives a line for each file."""
    for_each(work, output, lambda: lambda source, target, tell: Outcome(do(source, target), "done"), "done", **options)


def end_of(*work, **options) -> int:
    """The exit status after work of several files."""
    try:
        on_all(*work, **options)
    except typer.Exit as end:
        return end.exit_code
    return 0


def test_hidden_files_and_those_in_the_output_are_passed_over_and_counted(tmp_path: Path, touch, capsys) -> None:
    touch("in/a.wav", "in/._a.wav", "in/.trash/b.wav", "in/.DS_Store", "in/out/a.wav")
    work = places([tmp_path / "in"], tmp_path / "in" / "out")
    assert [source.name for source, _ in work.pairs] == ["a.wav"] and (work.hidden, work.inside) == (2, 1)
    on_all(work, tmp_path / "in" / "out")
    assert capsys.readouterr().err == "sottovoce: 2 hidden files and 1 file in the output passed over\n"


def test_a_folder_without_sound_does_not_stop_the_others(tmp_path: Path, touch, capsys) -> None:
    touch("a/a.wav", "b/notes.txt", "c/c.wav")
    work = places([tmp_path / name for name in "abc"], tmp_path / "out")
    assert end_of(work, tmp_path / "out") == 1
    captured = capsys.readouterr()
    assert captured.out == "a.wav\nc.wav\n"
    problem = f"sottovoce: {tmp_path / 'b'}: holds no sound files; name another folder"
    assert captured.err.splitlines() == [problem, "sottovoce: 2 of 3 files done; 1 failed:", problem]


def test_a_batch_goes_on_and_ends_with_1_but_the_only_file_fails_at_once(tmp_path: Path, touch, capsys) -> None:
    seen: list[str] = []

    def do(source: Path, target: Path) -> str:
        seen.append(source.name)
        if source.name == "a.wav":
            raise SottovoceError("a.wav: no")
        return "yes"

    work = places(touch("a.wav", "b.wav"), tmp_path / "out")
    assert end_of(work, tmp_path / "out", do) == 1 and seen == ["a.wav", "b.wav"]
    assert capsys.readouterr().err.splitlines() == [
        "sottovoce: a.wav: no",
        "sottovoce: 1 of 2 files done; 1 failed:",
        "sottovoce: a.wav: no",
    ]
    with pytest.raises(SottovoceError, match="no"):
        on_all(Work(work.pairs[:1]), tmp_path / "out", do)


def test_a_batch_that_succeeds_is_summed_up(tmp_path: Path, touch, capsys) -> None:
    assert end_of(places(touch("a.wav", "b.wav"), tmp_path / "out"), tmp_path / "out") == 0
    captured = capsys.readouterr()
    assert captured.out == "a.wav\nb.wav\n" and captured.err == "sottovoce: 2 of 2 files done\n"


ERRORS = [
    (ValueError("frames must be\nspecified."), "unexpected ValueError: frames must be specified; --debug shows where"),
    (KeyError(), "unexpected KeyError; --debug shows where"),
    (MemoryError("Unable to allocate 4 GiB"), "out of memory"),
    (OSError(28, "No space left on device", "x.tmp"), "No space left on device (x.tmp); --debug shows where"),
]


@pytest.mark.parametrize(("error", "line"), ERRORS)
def test_an_unforeseen_error_is_one_line_and_the_batch_goes_on(tmp_path: Path, touch, capsys, error, line) -> None:
    def do(source: Path, target: Path) -> str:
        if source.name == "a.wav":
            raise error
        return "yes"

    work = places(touch("a.wav", "b.wav", "c.wav"), tmp_path / "out")
    assert end_of(work, tmp_path / "out", do) == 1
    out, err = capsys.readouterr()
    assert out == "yes\nyes\n"
    first, summed_up, again = err.splitlines()
    assert first.startswith(f"sottovoce: {tmp_path / 'a.wav'}: {line}") and again == first
    assert summed_up == "sottovoce: 2 of 3 files done; 1 failed:"
    with pytest.raises(SottovoceError) as alone:
        on_all(Work(work.pairs[:1]), tmp_path / "out", do)
    assert line in str(alone.value) and alone.value.__cause__ is error


def test_a_traceback_is_shown_on_request(tmp_path: Path, touch, capsys) -> None:
    def do(source: Path, target: Path) -> str:
        raise ValueError("odd")

    work, token = places(touch("a.wav", "b.wav"), tmp_path / "out"), DEBUG.set(True)
    try:
        assert end_of(work, tmp_path / "out", do) == 1
    finally:
        DEBUG.reset(token)
    err = capsys.readouterr().err
    assert err.count('raise ValueError("odd")') == 2 and "0 of 2 files done; 2 failed" in err


def test_an_interruption_ends_a_batch(tmp_path: Path, touch) -> None:
    def do(source: Path, target: Path) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        on_all(places(touch("a.wav", "b.wav"), tmp_path / "out"), tmp_path / "out", do)


def test_what_cannot_be_written_or_found_is_named_before_the_work(tmp_path: Path, touch, capsys) -> None:
    long = tmp_path / f"{'n' * 300}.wav"
    sources = [*touch("b.wav", "rec.wmv", "c.WMA"), tmp_path / "none.wav", long]
    assert end_of(places(sources, tmp_path / "out"), tmp_path / "out") == 1
    out, err = capsys.readouterr()
    reason = "convert it, or name it alone with -o NAME.wav"
    assert out == "b.wav\n"
    failed = [
        f"sottovoce: {tmp_path / 'rec.wmv'}: not done: no format is written under .wmv; {reason}",
        f"sottovoce: {tmp_path / 'c.WMA'}: not done: no format is written under .wma; {reason}",
        f"sottovoce: {tmp_path / 'none.wav'}: no such file; check the name",
        f"sottovoce: {long}: cannot be read ({os.strerror(errno.ENAMETOOLONG)}); check its name and permissions",
    ]
    assert err.splitlines() == [*failed, "sottovoce: 1 of 5 files done; 4 failed:", *failed]


def test_a_lone_recording_that_cannot_be_written_is_an_error_but_not_with_a_name_to_write(
    tmp_path: Path, touch
) -> None:
    (source,) = touch("in/rec.wmv")
    with pytest.raises(SottovoceError, match=r"rec\.wmv: not done: no format is written under \.wmv"):
        on_all(places([source.parent], tmp_path / "out"), tmp_path / "out")
    assert end_of(places([source], tmp_path / "x.wav"), tmp_path / "x.wav") == 0


def test_nothing_is_created_for_a_source_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"none\.wav: no such file"):
        on_all(places([tmp_path / "none.wav"], tmp_path / "out"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_sottovoce_wrote_is_remarked_on_and_still_done(tmp_path: Path, touch, capsys) -> None:
    sources = touch("a.wav", "p.wav")
    sources[1].write_bytes(b"protected")
    note(sources[1], {})
    work = places(sources, tmp_path / "out")
    assert end_of(work, tmp_path / "out") == 0
    out, err = capsys.readouterr()
    assert out == "a.wav\np.wav\n"
    assert err.splitlines()[0].startswith(f"sottovoce: {sources[1]}: sottovoce wrote this file;")
    assert end_of(work, tmp_path / "out", of_originals=False) == 0
    assert capsys.readouterr().err == "sottovoce: 2 of 2 files done\n"


def test_failures_that_are_the_last_lines_are_not_said_again(tmp_path: Path, touch, capsys) -> None:
    def do(source: Path, target: Path) -> str:
        if source.name == "b.wav":
            raise SottovoceError("b.wav: no")
        return "yes"

    assert end_of(places(touch("a.wav", "b.wav"), tmp_path / "out"), tmp_path / "out", do) == 1
    assert capsys.readouterr().err == "sottovoce: b.wav: no\nsottovoce: 1 of 2 files done; 1 failed\n"


def summary_of(folder: Path) -> list[list[str]]:
    with (folder / "summary.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_a_summary_has_a_row_for_every_file_in_their_order_and_lies_in_the_report_alone(tmp_path: Path, touch) -> None:
    def do(source: Path, target: Path) -> str:
        if source.name == "b.wav":
            raise SottovoceError("b.wav: no")
        return "yes"

    a, b, c = touch("a.wav", "b.wav", "c.wma")
    (tmp_path / "empty").mkdir()
    out, report = tmp_path / "out", tmp_path / "report"
    work = places([c, tmp_path / "empty", a, b], out)
    assert end_of(work, out, do, report=report) == 1
    header, *rows = summary_of(report)
    assert header == ["source", "target", "status", "snr", "seconds", "reason"]
    assert [(row[0], row[2]) for row in rows] == [
        (str(c), "failed"),
        (str(a), "done"),
        (str(b), "failed"),
        ("", "failed"),
    ]
    assert rows[2][5] == "b.wav: no" and "holds no sound files" in rows[3][5] and not list(out.rglob("*.csv"))
    assert end_of(work, out, do, report=report) == 1  # it is ours, and may be replaced
    (report / "summary.csv").write_text("mine")
    with pytest.raises(SottovoceError, match="did not write"):
        on_all(work, out, do, report=report)
    on_all(Work(work.pairs[1:2]), out, do, report=tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_what_a_killed_run_left_of_a_target_is_removed(tmp_path: Path, touch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with Staged() as other:
        other.write(out / "z.wav", b"in the making")
        left = Staged().write(out / "a.wav", b"killed")
        on_all(places(touch("a.wav", "b.wav"), out), out)
        assert not left.exists() and len(list(out.iterdir())) == 1


def test_what_is_said_about_the_same_is_said_once(tmp_path: Path, touch, capsys) -> None:
    def build():
        def step(source, target, tell):
            tell(Remark(f"takes long, says {source.name}", about="cost"))
            return Outcome(source.name, "done", sentences=("heard",))

        return step

    for_each(places(touch("a.wav", "b.wav"), tmp_path / "out"), tmp_path / "out", build, "done")
    assert capsys.readouterr().out == "takes long, says a.wav\na.wav\nheard\nb.wav\nheard\n"


@dataclass(frozen=True)
class Copying:
    """As several processes take it."""

    def __call__(self):
        def copy(source, target, tell):
            tell(0.5)
            target.write_bytes(source.read_bytes())
            return Outcome(source.name, "done")

        return copy


def test_several_processes_do_what_one_does(tmp_path: Path, touch, capsys, monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    sources, out = touch("a.wav", "b.wav", "c.wav"), tmp_path / "out"
    for source in sources:
        source.write_text(source.name)
    for_each(places(sources, out), out, Copying(), "done", jobs=2)
    assert {path.name: path.read_text() for path in out.iterdir()} == {each.name: each.name for each in sources}
    captured = capsys.readouterr()
    assert sorted(captured.out.split()) == ["a.wav", "b.wav", "c.wav"]
    assert captured.err == "sottovoce: 3 of 3 files done\n"
