"""The command line of the benchmarks."""

import sys
from pathlib import Path

import pytest

import benchmarks.dong2022.plan as dong2022
import benchmarks.guo2024.plan as guo2024
import benchmarks.wang2020.plan as wang2020
import benchmarks.yang2020.plan as yang2020
from benchmarks.__main__ import main
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
    save_rows(rows, "quality", dong2022.Plan(tmp_path), [{"file": "a", "noisy": 2.0}])
    options = ("--data", tmp_path, "--rows", rows, "-o", out)
    status, err = run("dong2022", *options, "--count", 3, "--seed", 9)
    assert status == 2 and err.count("\n") == 1
    assert str(rows / "quality.json") in err and "--rows" in err
    assert "count 25, seed 0" in err and "count 3, seed 9" in err
    assert not out.exists() and len(list(rows.iterdir())) == 1


@pytest.mark.parametrize(
    ("command", "folder", "plan"),
    [
        ("dong2022", "", dong2022.Plan(Path("data"))),
        ("yang2020", "", yang2020.Plan(Path("data"))),
        (
            "wang2020",
            "commands",
            wang2020.Plan(
                "commands",
                Path("commands"),
                "wide-resnet",
                "advgan",
                attacked=("wide-resnet", "res8"),
                left_out=("ds-cnn",),
            ),
        ),
        ("guo2024", "", guo2024.Plan(Path("data"))),
    ],
)
def test_options_left_out_give_the_usual_plan(run, command, folder, plan, tmp_path) -> None:
    """Of two runs, only the one with another seed finds rows of another plan."""
    rows = tmp_path / "rows" / folder
    rows.mkdir(parents=True)
    save_rows(rows, "job", plan, [])
    (rows / "z.json").touch()  # stops a run whose plan is right
    options = (command, "--data", tmp_path / "data", "--rows", tmp_path / "rows", "-o", tmp_path / "out")
    status, err = run(*options)
    assert status == 2 and "z.json" in err and err.count("\n") == 1
    status, err = run(*options, "--seed", 9)
    assert status == 2 and "job.json" in err and "seed 0, but" in err and "seed 9;" in err


def test_a_missing_corpus_is_one_line(run, tmp_path) -> None:
    status, err = run("dong2022", "--data", tmp_path, "--rows", tmp_path / "rows", "-o", tmp_path, "--workers", 1)
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
