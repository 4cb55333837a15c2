"""SpeechBrain's MetricGAN+ from a checkpoint made in the layout that it is published in."""

from pathlib import Path

import huggingface_hub
import pytest
import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import MetricGANPlus, load_enhancer, load_speechbrain


class Published(nn.Module):
    """The modules of the published network under their published names, and what it computes on features."""

    def __init__(self) -> None:
        super().__init__()
        self.blstm = nn.Module()
        self.blstm.rnn = nn.LSTM(257, 200, num_layers=2, bidirectional=True, batch_first=True)
        self.linear1, self.linear2 = nn.Linear(400, 300), nn.Linear(300, 257)
        self.Learnable_sigmoid = nn.Module()
        self.Learnable_sigmoid.slope = nn.Parameter(torch.rand(257) + 0.5)

    def forward(self, features: Tensor) -> Tensor:
        hidden = nn.functional.leaky_relu(self.linear1(self.blstm.rnn(features)[0]), 0.3)
        return 1.2 / (1 + torch.exp(-self.Learnable_sigmoid.slope * self.linear2(hidden)))


@pytest.fixture
def published() -> Published:
    torch.manual_seed(0)
    return Published()


@pytest.fixture
def folder(published: Published, tmp_path: Path) -> Path:
    torch.save(published.state_dict(), tmp_path / "enhance_model.ckpt")
    return tmp_path


@torch.no_grad()
def test_computes_what_the_published_network_computes(published: Published, folder: Path) -> None:
    features = torch.rand(2, 30, 257)
    network = load_speechbrain(folder)
    assert not network.training
    torch.testing.assert_close(network.estimator(features, None), published(features))


def test_such_a_folder_is_an_enhancer_like_any_other(folder: Path) -> None:
    network = load_enhancer(str(folder))
    assert isinstance(network, MetricGANPlus)
    assert network(torch.rand(1, 500)).shape == (1, 500)


def test_another_network_in_its_place_is_named(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "enhance_model.ckpt")
    with pytest.raises(SottovoceError, match=r"not the weights of SpeechBrain's MetricGAN\+"):
        load_enhancer(str(tmp_path))


def test_it_comes_from_speechbrains_repository_if_asked(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    asked = []

    def hub(repository: str, name: str, *, local_files_only: bool) -> str:
        asked.append((repository, name, local_files_only))
        if local_files_only:
            raise FileNotFoundError("not in the cache")
        return str(folder / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub)
    with pytest.raises(SottovoceError, match="download=True"):
        load_speechbrain()
    assert isinstance(load_speechbrain(download=True), MetricGANPlus)
    repository = "speechbrain/metricgan-plus-voicebank"
    assert asked == [(repository, "enhance_model.ckpt", True), (repository, "enhance_model.ckpt", False)]
