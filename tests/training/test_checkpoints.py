"""Checkpoints come back as they were, to the layout in memory; others are refused, and nothing in them is run."""

import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sottovoce.errors import SottovoceError
from sottovoce.training import checkpoints


def same(one: object, other: object) -> bool:
    """Equal in kind, value, and layout."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        layout = (one.dtype, one.shape, one.stride()) == (other.dtype, other.shape, other.stride())
        return layout and torch.equal(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and type(one) is type(other):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def test_everything_comes_back_as_it_was(tmp_path: Path) -> None:
    path, shared = tmp_path / "last.ckpt", torch.randn(4, 3)
    state = {
        "tensors": [torch.zeros(()), torch.zeros(0, 2), torch.arange(5, dtype=torch.uint8), torch.tensor([True])],
        "halves": torch.randn(3).half(),
        "permuted": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "twice": (shared, shared),
        "numbers": {0: 1, 1: 2.5, 2: float("-inf"), 3: True, "none": None, "empty": [], "pair": ()},
    }
    checkpoints.save(path, state)
    assert same(checkpoints.load(path), state) and [each.name for each in tmp_path.iterdir()] == ["last.ckpt"]
    assert len(load_file(path)) == 8, "any reader of safetensors can open it"


def test_an_optimiser_goes_on_to_the_bit(tmp_path: Path) -> None:
    def make() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(0)
        network = torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
        return network, torch.optim.Adam(network.parameters(), amsgrad=True)

    def step(network: torch.nn.Module, optimizer: torch.optim.Optimizer, number: int) -> None:
        optimizer.zero_grad()
        network(torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(number))).square().sum().backward()
        optimizer.step()

    network, optimizer = make()
    step(network, optimizer, 0)
    checkpoints.save(tmp_path / "a.ckpt", {"network": network.state_dict(), "optimizer": optimizer.state_dict()})
    step(network, optimizer, 1)
    again, other = make()
    saved = checkpoints.load(tmp_path / "a.ckpt")
    again.load_state_dict(saved["network"])
    other.load_state_dict(saved["optimizer"])
    step(again, other, 1)
    assert same(again.state_dict(), network.state_dict()) and same(other.state_dict(), optimizer.state_dict())


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "last.ckpt", tmp_path / "mark"
    for content in (pickle.dumps(Payload(mark)), b"", b"\0" * 64):
        path.write_bytes(content)
        with pytest.raises(SottovoceError, match="delete it to start again"):
            checkpoints.load(path)
    torch.save({"payload": Payload(mark)}, path)
    with pytest.raises(SottovoceError, match="delete it to start again"):
        checkpoints.load(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    "said",
    [
        *([], 3, ["tensor", "9", []], ["tensor", "0", [1]], ["tensor", "0"], ["set", []], ["list", [1]]),
        *(["dict", [["a"]]], ["dict", [[["list", []], 1]]], ["dict", {"a": 1}]),
    ],
)
def test_another_description_is_refused(tmp_path: Path, said: object) -> None:
    path = tmp_path / "last.ckpt"
    save_file({"0": torch.zeros(2)}, path, {"sottovoce-checkpoint-1": json.dumps(said)})
    with pytest.raises(SottovoceError, match="delete it to start again"):
        checkpoints.load(path)


def test_a_description_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    for said in ('["list", [' * 100_000, '["list", [' * 5_000 + "]]" * 5_000):
        save_file({}, path, {"sottovoce-checkpoint-1": said})
        with pytest.raises(SottovoceError, match="delete it to start again"):
            checkpoints.load(path)


def test_what_is_no_plain_value_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="does not hold set"):
        checkpoints.save(tmp_path / "last.ckpt", {"labels": {"a"}})
    assert not list(tmp_path.iterdir())
