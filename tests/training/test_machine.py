"""Where a training runs, and what is refused."""

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.training import Machine


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"workers": 0}, "--workers 0: must be at least 1"),
        ({"devices": -1}, "--devices -1: must be at least 1"),
        ({"device": "cuda:1", "devices": 2}, "cuda:1 is a single device"),
    ],
)
def test_impossible_machines_are_refused(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(SottovoceError, match=complaint):
        Machine(**settings)


def test_an_unknown_device_is_refused_in_one_line() -> None:
    with pytest.raises(SottovoceError, match="tpu") as error:
        Machine("tpu").fabric()
    assert "\n" not in str(error.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(SottovoceError, match="cuda"):
        Machine("cuda").fabric()


def test_an_index_is_the_one_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    class Noted:
        def __init__(self, **settings: object) -> None:
            asked.update(settings)

        def launch(self) -> None:
            pass

    monkeypatch.setattr("sottovoce.training.machine.Fabric", Noted)
    monkeypatch.setattr("sottovoce.training.machine.choose_device", torch.device)
    Machine("cuda:2").fabric()
    assert asked == {"accelerator": "cuda", "devices": [2], "precision": "32-true"}
    Machine("cuda", devices=3, bfloat16=True).fabric()
    assert asked == {"accelerator": "cuda", "devices": 3, "precision": "bf16-mixed"}


def test_fewer_devices_than_asked_for_get_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(**settings: object) -> None:
        raise RuntimeError("You requested gpu: [0, 1]\nBut your machine only has: [0]")

    monkeypatch.setattr("sottovoce.training.machine.Fabric", lacking)
    with pytest.raises(SottovoceError, match=r"^cannot train on 2 × cpu: You requested gpu: \[0, 1\]$"):
        Machine("cpu", devices=2).fabric()


def test_bfloat16_computes_in_fewer_digits() -> None:
    fabric = Machine("cpu", bfloat16=True).fabric()
    with fabric.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
