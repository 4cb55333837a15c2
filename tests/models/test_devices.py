"""Devices by name."""

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.devices import choose_device


def test_auto_is_a_gpu_if_there_is_one(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == torch.device("cuda")


def test_a_gpu_must_be_there(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == torch.device("cuda", 1) and choose_device("cuda") == torch.device("cuda")
    with pytest.raises(SottovoceError, match="has 2 GPUs"):
        choose_device("cuda:2")


@pytest.mark.parametrize("name", ["", "gpu", "cpu:1", "cuda:", "cuda:-1", "cuda:one", "CPU"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(SottovoceError, match="choose auto, cpu, cuda or cuda:N"):
        choose_device(name)
