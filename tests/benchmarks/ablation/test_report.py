"""The report of an ablation."""

from pathlib import Path

from benchmarks.ablation.figures import draw_courses
from benchmarks.ablation.plan import Plan, slug
from benchmarks.ablation.report import write_report

PLAN = Plan("advgan", (Path("somewhere/commands.csv"),), ("epochs=2", "victims=mine"))
LOG = [
    {"epoch": 0.0, "score": 0.9, "valid_success": 0.75, "valid_snr": 20.0},
    {"epoch": 1.0, "score": 0.5, "valid_success": 0.8, "valid_snr": 19.0},
]


def test_the_best_epoch_is_the_one_with_the_best_score(tmp_path) -> None:
    write_report(tmp_path, PLAN, {slug(variant): LOG for variant in PLAN.ablation.variants})
    text = (tmp_path / "ablation.md").read_text()
    assert text.count("| 0.750 | 20.000 | 1 of 2 |") == len(PLAN.ablation.variants)
    assert "python -m benchmarks ablation advgan --speech commands.csv --set epochs=2 --set victims=mine" in text
    assert (tmp_path / "ablation.png").stat().st_size > 1000


def test_a_line_per_variant_over_the_epochs() -> None:
    figure = draw_courses(PLAN.ablation, {"all": LOG, "no hinge": LOG})
    assert [len(axes.lines) for axes in figure.axes] == [2, 2]
    x, y = figure.axes[0].lines[0].get_data()
    assert list(x) == [1, 2] and list(y) == [0.75, 0.8]
