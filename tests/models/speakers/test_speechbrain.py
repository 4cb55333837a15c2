"""SpeechBrain's ECAPA-TDNN from a checkpoint in its published layout."""

from pathlib import Path

import huggingface_hub
import pytest
import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.speakers import ECAPATDNN, load_speaker_encoder, load_speechbrain


@pytest.fixture
def folder(tmp_path: Path, published_state: dict[str, Tensor]) -> Path:
    torch.save(published_state, tmp_path / "embedding_model.ckpt")
    return tmp_path


def test_such_a_folder_is_an_encoder_like_any_other(folder: Path) -> None:
    encoder = load_speaker_encoder(str(folder))
    embeddings = encoder(torch.rand(2, 4000) - 0.5)
    assert isinstance(encoder, ECAPATDNN) and embeddings.shape == (2, 192)
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(2))


def test_another_network_in_its_place_is_named(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "embedding_model.ckpt")
    with pytest.raises(SottovoceError, match="not the weights of SpeechBrain's ECAPA-TDNN"):
        load_speaker_encoder(str(tmp_path))


def test_it_comes_from_speechbrains_repository_if_asked(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    asked = []

    def hub(repository: str, name: str, *, local_files_only: bool) -> str:
        asked.append((repository, name, local_files_only))
        return str(folder / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub)
    assert isinstance(load_speechbrain(download=True), ECAPATDNN)
    assert asked == [("speechbrain/spkrec-ecapa-voxceleb", "embedding_model.ckpt", False)]
