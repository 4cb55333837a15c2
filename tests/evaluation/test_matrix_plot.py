"""The picture of the matrix."""

import math

from matplotlib.figure import Figure

from sottovoce.evaluation.matrix import Cell
from sottovoce.evaluation.matrix_plot import draw_matrix
from sottovoce.evaluation.verification import Missing, Verification


def test_every_cell_is_drawn_and_what_is_missing_has_a_column(tmp_path, monkeypatch):
    def cell(listener, channel, kind, original, protected, threshold=math.nan):
        return Cell(
            view="channel 1",
            listener=listener,
            kind=kind,
            channel=channel,
            original=original,
            protected=protected,
            threshold=threshold,
        )

    result = Verification(
        original_file="a",
        protected_file="b",
        seconds=1.0,
        snr=20.0,
        quality={},
        views={},
        listeners=["reader", "halves"],
        channels=["as it is", "echo"],
        attacked=["halves", "echo", "far"],
        cells=[
            cell("reader", "as it is", "words", 0.1, 0.25),
            cell("reader", "echo", "words", math.nan, math.nan),
            cell("halves", "as it is", "voice", 1.0, 0.5, 0.6),
            cell("halves", "echo", "voice", 1.0, 0.7, 0.6),
        ],
        missing={
            "far": Missing(kind="enhancer", reason="pip install far"),
            "deaf": Missing(kind="recogniser", reason="pip install deaf"),
        },
    )
    figures, savefig = [], Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (figures.append(self), savefig(self, *a, **k)))
    draw_matrix(tmp_path / "matrix.png", result)
    words, voices = figures[0].axes
    assert [text.get_text() for text in words.texts] == ["25\n(10)", "–"]
    assert [text.get_text() for text in voices.texts] == ["0.50\n(1.00)", "0.70\n(1.00)"]
    assert [label.get_text() for label in voices.get_xticklabels()] == ["as it is", "echo (attacked)", "far (attacked)"]
    assert [label.get_text() for label in words.get_yticklabels()] == ["reader", "deaf"]
    assert [label.get_text() for label in voices.get_yticklabels()] == ["halves (attacked)"]
    assert words.patches  # the cell without figures
    shades = voices.images[0].get_array()
    assert shades[0, 0] > 0.5 > shades[0, 1]  # not recognised, recognised
    assert (tmp_path / "matrix.png").read_bytes().startswith(b"\x89PNG")
