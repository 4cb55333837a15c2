"""Verifications that tests make up."""

from sottovoce.evaluation.matrix import Cell
from sottovoce.evaluation.verification import Strength, Verification, View


def words(
    channel: str, original: float, protected: float, *, listener: str = "reader", view: str = "channel 1", **more
) -> Cell:
    return Cell(
        view=view, listener=listener, kind="words", channel=channel, original=original, protected=protected,
        texts=["what was said", "what is left", "noise", "noise"], **more,
    )  # fmt: skip


def voice(channel: str, protected: float, **more) -> Cell:
    return Cell(
        view="channel 1", listener="halves", kind="voice", channel=channel, original=1.0, protected=protected,
        threshold=0.6, **more,
    )  # fmt: skip


def view(worthless: str | None = None, **figures) -> View:
    gains = {"perturbation_gain": 3.0, "energy_drop": 9.0, "rpr": 1.0, "rpr_ill_posed": True, **figures}
    return View(reference="words", worthless=worthless, strengths={"echo": Strength(**gains)})


def verification(*cells: Cell, views: dict[str, View] | None = None, **more) -> Verification:
    return Verification(
        original_file="a", protected_file="b", seconds=1.0, quality={"pesq_wb": 3.5, "another": 1.25},
        views=views or {"channel 1": view()}, cells=list(cells),
        listeners=list(dict.fromkeys(cell.listener for cell in cells)),
        channels=list(dict.fromkeys(cell.channel for cell in cells)),
        **{"snr": 20.0, "reference_by": "reader", "notes": ["no stoi: too short"], **more},
    )  # fmt: skip
