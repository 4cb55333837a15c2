"""Where each file goes, and how a batch ends."""

from pathlib import Path

import pytest
import typer

from sottovoce.cli.places import for_each, jobs
from sottovoce.errors import SottovoceError


def test_one_file_goes_to_the_output_and_several_below_it(tmp_path: Path) -> None:
    a, b = tmp_path / "a.wav", tmp_path / "b.wav"
    assert jobs([a], tmp_path / "x.wav") == [(a, tmp_path / "x.wav")]
    assert jobs([a], tmp_path / "new") == [(a, tmp_path / "new" / "a.wav")]
    (tmp_path / "folder").mkdir()
    assert jobs([a], tmp_path / "folder") == [(a, tmp_path / "folder" / "a.wav")]
    assert jobs([a, b], tmp_path / "new") == [(a, tmp_path / "new" / "a.wav"), (b, tmp_path / "new" / "b.wav")]


def test_files_of_a_folder_keep_their_paths_in_it(tmp_path: Path) -> None:
    for name in ("in/deep/a.wav", "in/b.FLAC", "in/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = [target.relative_to(tmp_path / "out").as_posix() for _, target in jobs([tmp_path / "in"], tmp_path / "out")]
    assert found == ["b.FLAC", "deep/a.wav"]


def test_two_files_never_go_to_one_place(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="would go there"):
        jobs([tmp_path / "x" / "a.wav", tmp_path / "y" / "a.wav"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SottovoceError, match="no sound files"):
        jobs([tmp_path / "empty"], tmp_path / "out")


def test_a_batch_goes_on_and_ends_with_1_but_the_only_file_fails_at_once(tmp_path: Path, capsys) -> None:
    seen: list[str] = []

    def do(source: Path, target: Path) -> str:
        seen.append(source.name)
        if source.name == "a.wav":
            raise SottovoceError("a.wav: no")
        return "yes"

    work = jobs([tmp_path / "a.wav", tmp_path / "b.wav"], tmp_path / "out")
    with pytest.raises(typer.Exit) as end:
        for_each(work, tmp_path / "out", do, "done")
    assert end.value.exit_code == 1 and seen == ["a.wav", "b.wav"]
    assert "1 of 2 files were not done" in capsys.readouterr().err
    with pytest.raises(SottovoceError, match="no"):
        for_each(work[:1], tmp_path / "out", do, "done")
