"""The command line of the benchmarks."""

import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.dong2022.plan import Plan
from benchmarks.rows import save_rows


@pytest.fixture
def run(monkeypatch, capsys):
    """Run with words of a command line; gives the exit status and stderr."""

    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["benchmarks", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return call


def test_rows_of_another_plan_are_refused_and_not_reported(run, tmp_path) -> None:
    rows, out = tmp_path / "rows", tmp_path / "out"
    rows.mkdir()
    save_rows(rows, "quality", Plan(tmp_path), [{"file": "a", "noisy": 2.0}])
    options = ("--data", tmp_path, "--rows", rows, "-o", out)
    status, err = run("dong2022", *options, "--count", 3, "--seed", 9)
    assert status == 2 and err.count("\n") == 1
    assert str(rows / "quality.json") in err and "--rows" in err
    assert "count 25, seed 0" in err and "count 3, seed 9" in err
    assert not out.exists() and len(list(rows.iterdir())) == 1


@pytest.mark.parametrize("command", ["dong2022", "yang2020", "wang2020", "guo2024"])
def test_a_missing_corpus_is_one_line(run, command, tmp_path) -> None:
    status, err = run(command, "--data", tmp_path, "--rows", tmp_path / "rows", "-o", tmp_path, "--workers", 1)
    assert status == 2 and err.startswith("benchmarks: ") and err.count("\n") == 1


def test_an_ablation_that_does_not_exist_is_one_line(run, tmp_path) -> None:
    status, err = run("ablation", "segan", "--speech", tmp_path, "--rows", tmp_path / "rows", "-o", tmp_path)
    assert status == 2 and "choose advgan, ssed" in err and err.count("\n") == 1


def test_a_missing_soundfont_is_one_line(run, tmp_path: Path) -> None:
    status, err = run("render-music", "-o", tmp_path / "songs", "--soundfont", tmp_path / "none.sf2")
    assert status == 2 and "apt install fluidsynth" in err and err.count("\n") == 1


def test_a_song_count_below_one_is_a_usage_error(run, tmp_path: Path) -> None:
    status, err = run("render-music", "-o", tmp_path / "songs", "--songs", 0)
    assert status == 2 and "--songs" in err
