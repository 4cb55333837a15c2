"""Where each file goes, and how a batch ends."""

import errno
import os
import tempfile
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.cli.display import DEBUG
from sottovoce.cli.places import Work, for_each, jobs
from sottovoce.errors import SottovoceError
from sottovoce.journal import note


@pytest.fixture
def touch(tmp_path: Path):
    """Creates files that hold nothing, and gives their paths."""

    def make(*names: str) -> list[Path]:
        paths = [tmp_path / name for name in names]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return paths

    return make


def test_one_file_goes_to_the_output_and_several_below_it(tmp_path: Path) -> None:
    a, b = tmp_path / "a.wav", tmp_path / "b.wav"
    assert jobs([a], tmp_path / "x.wav").pairs == [(a, tmp_path / "x.wav")]
    assert jobs([a], tmp_path / "new").pairs == [(a, tmp_path / "new" / "a.wav")]
    (tmp_path / "folder.wav").mkdir()
    assert jobs([a], tmp_path / "folder.wav").pairs == [(a, tmp_path / "folder.wav" / "a.wav")]
    assert jobs([a, b], tmp_path / "folder.wav").pairs == [
        (each, tmp_path / "folder.wav" / each.name) for each in (a, b)
    ]
    assert jobs([a, b], tmp_path / "new").pairs == [(a, tmp_path / "new" / "a.wav"), (b, tmp_path / "new" / "b.wav")]


def test_files_of_a_folder_keep_their_paths_in_it(tmp_path: Path, touch) -> None:
    touch("in/deep/a.wav", "in/b.FLAC", "in/notes.txt")
    pairs = jobs([tmp_path / "in"], tmp_path / "out").pairs
    assert [target.relative_to(tmp_path / "out").as_posix() for _, target in pairs] == ["b.FLAC", "deep/a.wav"]


def test_two_files_never_go_to_one_place(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="would go there"):
        jobs([tmp_path / "x" / "a.wav", tmp_path / "y" / "a.wav"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SottovoceError, match="no sound files"):
        jobs([tmp_path / "empty"], tmp_path / "out")


def test_an_original_is_never_a_target(tmp_path: Path, touch) -> None:
    (a,) = touch("in/a.wav")
    with pytest.raises(SottovoceError, match="this is an original"):
        jobs([a], tmp_path / "in")
    for output in (tmp_path / "in", tmp_path):
        with pytest.raises(SottovoceError, match="lie in the output"):
            jobs([tmp_path / "in"], output)


def test_what_names_a_file_is_no_folder(tmp_path: Path, touch) -> None:
    a, b, existing = touch("in/a.wav", "in/b.wav", "existing")
    for sources in ([a, b], [tmp_path / "in"]):
        with pytest.raises(
            SottovoceError, match=r"two\.wav: this looks like a file; several sources, or a folder, need"
        ):
            jobs(sources, tmp_path / "two.wav")
        with pytest.raises(SottovoceError, match="existing: this is a file"):
            jobs(sources, existing)
    with pytest.raises(SottovoceError, match="existing: this is a file"):
        jobs([a], existing)


def test_hidden_files_and_those_in_the_output_are_passed_over_and_counted(tmp_path: Path, touch, capsys) -> None:
    touch("in/a.wav", "in/._a.wav", "in/.trash/b.wav", "in/.DS_Store", "in/out/a.wav")
    work = jobs([tmp_path / "in"], tmp_path / "in" / "out")
    assert [source.name for source, _ in work.pairs] == ["a.wav"] and (work.hidden, work.inside) == (2, 1)
    for_each(work, tmp_path / "in" / "out", lambda source, target: "yes", "done")
    assert capsys.readouterr().err == "sottovoce: 2 hidden files and 1 file in the output passed over\n"


def test_a_folder_without_sound_does_not_stop_the_others(tmp_path: Path, touch, capsys) -> None:
    touch("a/a.wav", "b/notes.txt", "c/c.wav")
    work = jobs([tmp_path / name for name in "abc"], tmp_path / "out")
    assert end_of(work, tmp_path / "out") == 1
    captured = capsys.readouterr()
    assert captured.out == "a.wav\nc.wav\n"
    assert captured.err.splitlines()[0].endswith("b: holds no sound files; name another folder")
    assert captured.err.splitlines()[1:] == ["sottovoce: 2 of 3 files done; 1 failed"]


TREE = st.dictionaries(
    st.lists(st.sampled_from(["a", "b", ".c", "out"]), min_size=1, max_size=3).map("/".join),
    st.sampled_from([".wav", ".FLAC", ".txt", ".webm"]),
)


@settings(max_examples=60)
@given(
    tree=TREE,
    chosen=st.lists(st.sampled_from(["", "a", "b", "a/b", "a.wav", "b.FLAC", "none.wav"]), min_size=1, unique=True),
    output=st.sampled_from(["out", "a", "a/out", "../out", "b/a", ".c"]),
)
def test_no_two_sources_share_a_target_and_no_source_is_one(
    tree: dict[str, str], chosen: list[str], output: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name, "top")
        for file, suffix in tree.items():
            (top / file).parent.mkdir(parents=True, exist_ok=True)
            (top / f"{file}{suffix}").touch()
        place = top / output
        try:
            work = jobs([top / each for each in chosen], place)
        except SottovoceError:
            return
        sources, targets = zip(*work.pairs, strict=True) if work.pairs else ((), ())
        assert len({target.resolve() for target in targets}) == len(targets)
        assert not {target.resolve() for target in targets} & {source.resolve() for source in sources}
        assert all(target.is_relative_to(place) for target in targets)


@settings(max_examples=40)
@given(tree=TREE, output=st.sampled_from(["out", "a/out", "../out"]))
def test_every_sound_file_of_a_folder_is_taken_or_counted(tree: dict[str, str], output: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name, "top")
        top.mkdir()
        for file, suffix in tree.items():
            (top / file).parent.mkdir(parents=True, exist_ok=True)
            (top / f"{file}{suffix}").touch()
        sounds = sum(suffix != ".txt" for suffix in tree.values())
        try:
            work = jobs([top], top / output)
        except SottovoceError as error:
            assert "holds no sound files" in str(error)
        else:
            assert len(work.pairs) + work.hidden + work.inside == sounds


def end_of(work: Work, output: Path, do=lambda source, target: source.name, **options) -> int:
    """The exit status after work of several files."""
    try:
        for_each(work, output, do, "done", **options)
    except typer.Exit as end:
        return end.exit_code
    return 0


def test_a_batch_goes_on_and_ends_with_1_but_the_only_file_fails_at_once(tmp_path: Path, touch, capsys) -> None:
    seen: list[str] = []

    def do(source: Path, target: Path) -> str:
        seen.append(source.name)
        if source.name == "a.wav":
            raise SottovoceError("a.wav: no")
        return "yes"

    work = jobs(touch("a.wav", "b.wav"), tmp_path / "out")
    assert end_of(work, tmp_path / "out", do) == 1 and seen == ["a.wav", "b.wav"]
    assert capsys.readouterr().err == "sottovoce: a.wav: no\nsottovoce: 1 of 2 files done; 1 failed\n"
    with pytest.raises(SottovoceError, match="no"):
        for_each(Work(work.pairs[:1]), tmp_path / "out", do, "done")


def test_a_batch_that_succeeds_is_summed_up(tmp_path: Path, touch, capsys) -> None:
    assert end_of(jobs(touch("a.wav", "b.wav"), tmp_path / "out"), tmp_path / "out") == 0
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

    work = jobs(touch("a.wav", "b.wav", "c.wav"), tmp_path / "out")
    assert end_of(work, tmp_path / "out", do) == 1
    out, err = capsys.readouterr()
    assert out == "yes\nyes\n"
    assert err.splitlines()[0].startswith(f"sottovoce: {tmp_path / 'a.wav'}: {line}")
    assert err.splitlines()[1:] == ["sottovoce: 2 of 3 files done; 1 failed"]
    with pytest.raises(SottovoceError) as alone:
        for_each(Work(work.pairs[:1]), tmp_path / "out", do, "done")
    assert line in str(alone.value) and alone.value.__cause__ is error


def test_a_traceback_is_shown_on_request(tmp_path: Path, touch, capsys) -> None:
    def do(source: Path, target: Path) -> str:
        raise ValueError("odd")

    work, token = jobs(touch("a.wav", "b.wav"), tmp_path / "out"), DEBUG.set(True)
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
        for_each(jobs(touch("a.wav", "b.wav"), tmp_path / "out"), tmp_path / "out", do, "done")


def test_what_cannot_be_written_or_found_is_named_before_the_work(tmp_path: Path, touch, capsys) -> None:
    long = tmp_path / f"{'n' * 300}.wav"
    sources = [*touch("b.wav", "rec.webm", "c.WMA"), tmp_path / "none.wav", long]
    assert end_of(jobs(sources, tmp_path / "out"), tmp_path / "out") == 1
    out, err = capsys.readouterr()
    reason = "convert it, or name it alone with -o NAME.wav"
    assert out == "b.wav\n"
    assert err.splitlines() == [
        f"sottovoce: {tmp_path / 'rec.webm'}: not done: no format is written under .webm; {reason}",
        f"sottovoce: {tmp_path / 'c.WMA'}: not done: no format is written under .wma; {reason}",
        f"sottovoce: {tmp_path / 'none.wav'}: no such file; check the name",
        f"sottovoce: {long}: cannot be read ({os.strerror(errno.ENAMETOOLONG)}); check its name and permissions",
        "sottovoce: 1 of 5 files done; 4 failed",
    ]


def test_a_lone_recording_that_cannot_be_written_is_an_error_but_not_with_a_name_to_write(
    tmp_path: Path, touch
) -> None:
    (source,) = touch("in/rec.webm")
    with pytest.raises(SottovoceError, match=r"rec\.webm: not done: no format is written under \.webm"):
        for_each(jobs([source.parent], tmp_path / "out"), tmp_path / "out", lambda source, target: "yes", "done")
    assert end_of(jobs([source], tmp_path / "x.wav"), tmp_path / "x.wav") == 0


def test_nothing_is_created_for_a_source_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"none\.wav: no such file"):
        for_each(jobs([tmp_path / "none.wav"], tmp_path / "out"), tmp_path / "out", lambda *_: "yes", "done")
    assert not (tmp_path / "out").exists()


def test_a_file_that_sottovoce_wrote_is_remarked_on_and_still_done(tmp_path: Path, touch, capsys) -> None:
    sources = touch("a.wav", "p.wav")
    sources[1].write_bytes(b"protected")
    note(sources[1], {})
    work = jobs(sources, tmp_path / "out")
    assert end_of(work, tmp_path / "out") == 0
    out, err = capsys.readouterr()
    assert out == "a.wav\np.wav\n"
    assert err.splitlines()[0].startswith(f"sottovoce: {sources[1]}: sottovoce wrote this file;")
    assert end_of(work, tmp_path / "out", of_originals=False) == 0
    assert capsys.readouterr().err == "sottovoce: 2 of 2 files done\n"
