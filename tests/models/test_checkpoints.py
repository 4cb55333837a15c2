"""Checkpoints of other projects: read as tensors only, fetched only if asked, refused in one line."""

import sys
from pathlib import Path

import huggingface_hub
import pytest
import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.checkpoints import load_checkpoint

FILE = "model.ckpt"


def build(state: dict[str, Tensor]) -> nn.Linear:
    network = nn.Linear(3, 2)
    network.load_state_dict(state)
    return network


def load(name: str | Path, download: bool = False) -> nn.Linear:
    return load_checkpoint(name, FILE, build, "the small network", download=download)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.save(nn.Linear(3, 2).state_dict(), tmp_path / FILE)
    return tmp_path


@pytest.mark.parametrize("damage", ["text", "empty", "other network", "not a state", "too little", "code"])
def test_anything_else_in_its_place_is_named_in_one_line(damage: str, tmp_path: Path) -> None:
    path = tmp_path / FILE
    match damage:
        case "text":
            path.write_text("not found")
        case "empty":
            path.touch()
        case "other network":
            torch.save(nn.Linear(2, 2).state_dict(), path)
        case "not a state":
            torch.save([1, 2], path)
        case "too little":
            torch.save({"weight": torch.zeros(2, 3)}, path)
        case "code":
            torch.save(nn.Linear(3, 2), path)  # a pickled module, which would have to be run
    with pytest.raises(SottovoceError, match="not the weights of the small network") as error:
        load(tmp_path)
    assert "\n" not in str(error.value)


def test_nothing_is_fetched_unless_asked(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    asked = []

    def hub(repository: str, name: str, *, local_files_only: bool) -> str:
        asked.append((repository, name, local_files_only))
        if local_files_only:
            raise FileNotFoundError("not in the cache")
        return str(folder / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub)
    with pytest.raises(SottovoceError, match="download=True"):
        load("someone/model")
    assert isinstance(load("someone/model", download=True), nn.Linear)
    assert asked == [("someone/model", FILE, True), ("someone/model", FILE, False)]


def test_a_hub_that_cannot_be_reached_and_one_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> str:
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", unreachable)
    with pytest.raises(SottovoceError, match=r"cannot be downloaded from the hub: no route$"):
        load("someone/model", download=True)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(SottovoceError, match="sottovoce\\[hub\\]"):
        load("someone/model", download=True)


def test_a_folder_without_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"model\.ckpt: cannot be read"):
        load(tmp_path)
