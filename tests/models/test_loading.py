"""Listeners by name, path and folder, alone and chained."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.models.chain import Chain
from sottovoce.models.classifiers import WideResNet
from sottovoce.models.enhancers import DTLN, FSPEN, SEGAN, FastEnhancer, OnnxEnhancer
from sottovoce.models.loading import ARCHITECTURES, load_listener
from sottovoce.models.recognizers import DeepSpeech, PocketSphinx, Whisper
from sottovoce.models.registry import source_of
from sottovoce.models.speakers import ECAPATDNN, CAMPPlus
from sottovoce.weights.fetching import fetch_third_party
from sottovoce.weights.store import EMBEDDED

FOLDERS = {
    "dtln": DTLN,
    "fastenhancer": FastEnhancer,
    "fspen": FSPEN,
    "campplus": CAMPPlus,
    "whisper-tiny.en": Whisper,
}


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("sottovoce.models.recognizers.downloaded", lambda repository: False)
    return tmp_path / "cache"


def test_every_kind_is_known(tiny) -> None:
    assert isinstance(load_listener(tiny), SEGAN)
    for name, kind in (("deep-speech", DeepSpeech), ("ecapa-tdnn", ECAPATDNN), ("wide-resnet", WideResNet)):
        assert isinstance(load_listener(name), kind) and ARCHITECTURES[kind.architecture] is kind


def test_every_bundled_listener_loads_by_name() -> None:
    bundled = {path.stem: json.loads(path.read_text()) for path in EMBEDDED.glob("*.json")}
    known = {name for name, card in bundled.items() if card["architecture"] in ARCHITECTURES}
    assert {"whisper-student", "deep-speech", "metricgan-plus"} <= known
    for name in known:
        network = load_listener(name)
        assert type(network) is ARCHITECTURES[bundled[name]["architecture"]] and not network.training


def test_what_is_loaded_is_in_evaluation_mode(tiny) -> None:
    for name in ("pocketsphinx", "deep-speech", tiny):
        assert not load_listener(name).training


def test_a_plus_chains_listeners(tiny) -> None:
    chain = load_listener(f"{tiny}+deep-speech")
    assert isinstance(chain, Chain) and [type(stage) for stage in chain.stages] == [SEGAN, DeepSpeech]
    for wrong in (f"{tiny}+", f"+{tiny}"):
        with pytest.raises(SottovoceError, match="name is empty"):
            load_listener(wrong)


def test_a_path_may_hold_a_plus(tiny, tmp_path) -> None:
    folder = tmp_path / "a+b"
    folder.mkdir()
    for suffix in (".safetensors", ".json"):
        source = tmp_path.parent / tiny.replace(".safetensors", suffix)
        (folder / f"tiny{suffix}").write_bytes(source.read_bytes())
    assert isinstance(load_listener(str(folder)), SEGAN)


def test_what_is_no_listener(tmp_path) -> None:
    with pytest.raises(SottovoceError, match="no model 'nobody'"):
        load_listener("nobody")
    with pytest.raises(SottovoceError, match="needed: listener"):
        load_listener("advgan")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(SottovoceError, match="not a model's configuration"):
        load_listener(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "whisper"}))
    with pytest.raises(SottovoceError, match="not Whisper"):
        load_listener(str(tmp_path))


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_known_by_its_files(third_party: Callable[[str], Path], name: str) -> None:
    pytest.importorskip("transformers" if name.startswith("whisper") else "onnx")
    assert type(load_listener(str(third_party(name)))) is FOLDERS[name]


def test_a_graph_is_known_by_its_suffix(third_party: Callable[[str], Path]) -> None:
    pytest.importorskip("onnx")
    graph = third_party("fspen") / "fspen.spec.onnx"
    assert type(load_listener(str(graph))) is OnnxEnhancer


def test_what_was_fetched_is_known_by_name(third_party: Callable[[str], Path], empty_cache: Path) -> None:
    pytest.importorskip("onnx")
    fetch_third_party("dtln", source_of("dtln"), third_party("dtln"))
    assert isinstance(load_listener("dtln"), DTLN)
    chain = load_listener("dtln+pocketsphinx")
    assert isinstance(chain, Chain) and isinstance(chain.end, PocketSphinx)


@pytest.mark.parametrize("name", ["dtln", "campplus", "whisper-base", "whisper-small"])
def test_what_was_not_fetched_says_how(empty_cache: Path, name: str) -> None:
    for listed in (name, f"metricgan-plus+{name}"):
        with pytest.raises(SottovoceError) as caught:
            load_listener(listed)
        assert str(caught.value) == f"{name}: not on this machine; sottovoce models fetch {name} brings it"


def test_a_folder_that_was_emptied_is_one_line(empty_cache: Path) -> None:
    pytest.importorskip("onnx")
    for name in ("dtln", "campplus", "fspen", "whisper-base"):
        (empty_cache / name).mkdir(parents=True)
        with pytest.raises(SottovoceError) as caught:
            load_listener(name)
        assert "\n" not in str(caught.value)
