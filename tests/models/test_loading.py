"""Listeners by name, path and folder, alone and chained."""

import json

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.models.chain import Chain
from sottovoce.models.classifiers import WideResNet
from sottovoce.models.enhancers import DTLN, SEGAN
from sottovoce.models.loading import ARCHITECTURES, load_listener
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.models.speakers import ECAPATDNN


def test_every_kind_is_known(tiny) -> None:
    assert isinstance(load_listener(tiny), SEGAN)
    for name, kind in (("deep-speech", DeepSpeech), ("ecapa-tdnn", ECAPATDNN), ("wide-resnet", WideResNet)):
        assert isinstance(load_listener(name), kind) and ARCHITECTURES[kind.architecture] is kind


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


def test_dtln_is_known_by_its_folder(shared_models) -> None:
    assert isinstance(load_listener(str(shared_models / "dtln")), DTLN)
