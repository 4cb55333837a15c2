import hashlib
import json
import pickle
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.weights import Card, available, cache_folder, load, save, store
from sottovoce.weights.store import architecture_of


def make_card(**changes: Any) -> Card:
    fields: dict[str, Any] = {
        "name": "tiny",
        "kind": "enhancer",
        "architecture": "tiny",
        "config": {"width": 4, "strides": [2, 2], "window": "hamming"},
        "data": "made up",
        "recipe": "sottovoce train tiny",
        "seed": 7,
        "metrics": {"pesq-wb": 2.5},
        "licence": "Apache-2.0",
    }
    return Card(**fields | changes)


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.PReLU(), nn.Linear(5, 2))


@pytest.fixture
def saved(tmp_path: Path, network: nn.Module) -> Path:
    save(tmp_path / "tiny", network.state_dict(), make_card())
    return tmp_path / "tiny.safetensors"


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(
        first[key].dtype == second[key].dtype and torch.equal(first[key], second[key]) for key in first
    )


def test_what_is_saved_comes_back(saved: Path, network: nn.Module) -> None:
    card, state = load(saved)
    assert same(state, network.state_dict())
    assert card.model_copy(update={"parameters": 0, "sha256": ""}) == make_card()


def test_the_file_is_what_the_safetensors_format_says(saved: Path, network: nn.Module) -> None:
    data = saved.read_bytes()
    (header_size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + header_size])
    start, end = header["0.weight"]["data_offsets"]
    values = struct.unpack("<15f", data[8 + header_size + start : 8 + header_size + end])
    assert header["0.weight"]["dtype"] == "F32"
    assert list(values) == network.state_dict()["0.weight"].flatten().tolist()


def test_digest_and_count_are_filled_in(saved: Path) -> None:
    card = json.loads(saved.with_suffix(".json").read_text())
    assert card["sha256"] == hashlib.sha256(saved.read_bytes()).hexdigest()
    assert card["parameters"] == (3 * 5 + 5) + (5 + 5 + 5 + 5) + 1 + (5 * 2 + 2)


def test_transposed_and_shared_tensors_can_be_saved(tmp_path: Path) -> None:
    matrix = torch.arange(6.0).reshape(2, 3)
    save(tmp_path / "tiny", {"a": matrix.T, "b": matrix, "c": matrix[0]}, make_card())
    _, state = load(tmp_path / "tiny")
    assert same(state, {"a": matrix.T, "b": matrix, "c": matrix[0]})


def test_loaded_weights_can_be_changed_without_touching_the_file(saved: Path) -> None:
    load(saved)[1]["0.weight"].zero_()
    assert load(saved)[1]["0.weight"].any()


def test_half_precision_costs_half_and_rounds_to_11_bits(tmp_path: Path) -> None:
    weights = torch.randn(200, 100, generator=torch.Generator().manual_seed(0))
    steps = torch.tensor([2**40 + 1])
    save(tmp_path / "full", {"w": weights, "steps": steps}, make_card())
    save(tmp_path / "half", {"w": weights, "steps": steps}, make_card(), half=True)
    _, state = load(tmp_path / "half")
    assert state["w"].dtype == torch.float32
    assert torch.equal(state["steps"], steps)
    normal = weights.abs() >= 2**-14
    relative = ((state["w"] - weights) / weights).abs()[normal]
    assert 0 < relative.max() <= 2**-11
    sizes = [(tmp_path / f"{name}.safetensors").stat().st_size for name in ("half", "full")]
    assert sizes[0] / sizes[1] == pytest.approx(0.5, abs=0.01)


def test_half_precision_refuses_what_would_overflow(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="scale has values too large"):
        save(tmp_path / "tiny", {"scale": torch.tensor([1e5])}, make_card(), half=True)
    assert not list(tmp_path.iterdir())


@given(data=st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("store") / "tiny.safetensors"
    save(path, {"w": torch.arange(8.0)}, make_card())
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with pytest.raises(SottovoceError, match="sha256"):
        load(path)


def test_a_truncated_file_is_noticed(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-1])
    with pytest.raises(SottovoceError, match="damaged"):
        load(saved)


TENSOR = b'{"w":{"dtype":"F32","shape":[2748779069440],"data_offsets":[0,10995116277760]}}'


@pytest.mark.parametrize("head", [struct.pack("<Q", 10 * 2**40) + b"{}", struct.pack("<Q", len(TENSOR)) + TENSOR])
def test_a_head_that_claims_10_terabytes_is_refused(saved: Path, head: bytes) -> None:
    saved.write_bytes(head)
    card = make_card(sha256=hashlib.sha256(head).hexdigest())
    saved.with_suffix(".json").write_text(card.model_dump_json())
    with pytest.raises(SottovoceError, match="not a safetensors file"):
        load(saved)


class Payload:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


def test_a_pickle_is_refused_and_not_run(saved: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    content = pickle.dumps(Payload(mark))
    pickle.loads(content)
    assert mark.exists(), "the payload works when unpickled"
    mark.unlink()
    saved.write_bytes(content)
    card = make_card(sha256=hashlib.sha256(content).hexdigest())
    saved.with_suffix(".json").write_text(card.model_dump_json())
    with pytest.raises(SottovoceError, match="not a safetensors file"):
        load(saved)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("", "JSON"), ("{", "JSON"), ("[]", "JSON"), ('{"name": "tiny"}', "kind"), ("\x00\xff", "JSON")],
)
def test_a_malformed_card_is_one_line(saved: Path, content: str, complaint: str) -> None:
    saved.with_suffix(".json").write_text(content, encoding="latin-1")
    with pytest.raises(SottovoceError, match=rf"not a model card: {complaint}") as caught:
        load(saved)
    assert "\n" not in str(caught.value)


def test_a_missing_card_is_one_line(saved: Path) -> None:
    saved.with_suffix(".json").unlink()
    with pytest.raises(SottovoceError, match=r"tiny\.json"):
        load(saved)


def test_a_model_is_found_by_file_stem_and_folder(saved: Path) -> None:
    for path in (saved, saved.with_suffix(""), saved.parent, str(saved), str(saved.parent)):
        assert load(path)[0].name == "tiny"


def test_a_dot_in_a_name_is_no_suffix(tmp_path: Path) -> None:
    save(tmp_path / "tiny-0.5", {"w": torch.ones(1)}, make_card(name="tiny-0.5"))
    assert {path.name for path in tmp_path.iterdir()} == {"tiny-0.5.safetensors", "tiny-0.5.json"}
    assert load(tmp_path / "tiny-0.5")[0].name == "tiny-0.5"


def test_a_folder_of_several_models_or_none_is_refused(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    save(tmp_path / "other", {"w": torch.ones(1)}, make_card(name="other"))
    for folder, count in ((tmp_path, 2), (tmp_path / "empty", 0)):
        with pytest.raises(SottovoceError, match=f"holds {count} "):
            load(folder)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that brings the model `tiny`, and a cache folder that holds `tiny` and `fetched`."""
    monkeypatch.setattr(store, "EMBEDDED", tmp_path / "embedded")
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    for where, name in (("embedded", "tiny"), ("cache", "tiny"), ("cache", "fetched")):
        save(tmp_path / where / name, {"w": torch.ones(1)}, make_card(name=name, notes=where))
    return tmp_path


def test_a_name_is_looked_up_in_the_package_then_in_the_cache(house: Path) -> None:
    assert [(card.name, card.notes) for card in available()] == [("fetched", "cache"), ("tiny", "embedded")]
    assert load("tiny")[0].notes == "embedded"
    assert load("fetched")[0].notes == "cache"


def test_a_name_goes_before_a_folder_called_the_same(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(house / "here" / "tiny" / "tiny", {"w": torch.ones(1)}, make_card(notes="folder"))
    monkeypatch.chdir(house / "here")
    assert load("tiny")[0].notes == "embedded"
    assert load("./tiny")[0].notes == load(Path("tiny"))[0].notes == "folder"


def test_an_unknown_name_gets_the_known_ones(house: Path) -> None:
    with pytest.raises(SottovoceError, match=r"no model 'segann'.*\(fetched, tiny\)") as caught:
        load("segann")
    assert "\n" not in str(caught.value)


def test_no_cache_folder_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "none"))
    available()
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="each platform has its own")
def test_the_cache_is_where_the_platform_keeps_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SOTTOVOCE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "sottovoce"


def test_a_full_disk_leaves_the_old_model_whole(saved: Path, network: nn.Module) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(SottovoceError, match=r"cannot be (written|created)"):
            save(saved, {"w": torch.zeros(10_000)}, make_card())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert same(load(saved)[1], network.state_dict())
    assert len(list(saved.parent.iterdir())) == 2


def test_an_unwritable_place_is_one_line(saved: Path) -> None:
    with pytest.raises(SottovoceError, match=r"cannot be (written|created)"):
        save(saved / "below-a-file", {"w": torch.zeros(1)}, make_card())


def test_an_architecture_is_read_from_the_card_alone(house: Path) -> None:
    (house / "cache" / "fetched.safetensors").write_bytes(b"damaged")
    assert architecture_of("fetched") == architecture_of(house / "embedded") == "tiny"
    assert architecture_of("other") is architecture_of(house / "cache") is None  # no such model; two of them
    (house / "cache" / "fetched.json").unlink()
    with pytest.raises(SottovoceError, match="cannot read the card"):
        architecture_of("fetched")


def test_the_bundled_models_are_sound() -> None:
    for weights in store.EMBEDDED.glob("*.safetensors"):
        card, state = load(weights.stem)
        assert card.name == weights.stem
        assert card.parameters == sum(tensor.numel() for tensor in state.values() if tensor.is_floating_point())


def test_an_empty_name_is_not_the_current_folder() -> None:
    with pytest.raises(SottovoceError, match="the name of a model is empty"):
        store.load("")
