"""CAM++ against the published computation, written down once more with 3D-Speaker's names and plain functions."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.files import as_mono_16k, read
from sottovoce.corpora.manifest import read_manifest
from sottovoce.errors import SottovoceError
from sottovoce.metrics import eer
from sottovoce.models.speakers import CAMPPlus, load_speaker_encoder

HEAD, CHANNELS, GROWTH, LAYERS, SIZE = 3, 6, 4, (2, 3, 1), 5


@pytest.fixture
def state() -> dict[str, Tensor]:
    """Random weights of a small network under the names that 3D-Speaker gives them."""
    torch.manual_seed(0)
    found: dict[str, Tensor] = {}

    def conv(name: str, *shape: int, bias: bool = False) -> None:
        found[f"{name}.weight"] = torch.randn(shape) / torch.tensor(shape[1:]).prod().sqrt()
        if bias:
            found[f"{name}.bias"] = 0.1 * torch.randn(shape[0])

    def norm(name: str, size: int, affine: bool = True) -> None:
        if affine:
            found[f"{name}.weight"], found[f"{name}.bias"] = torch.rand(size) + 0.5, 0.3 * torch.randn(size)
        found[f"{name}.running_mean"], found[f"{name}.running_var"] = 0.3 * torch.randn(size), torch.rand(size) + 0.5
        found[f"{name}.num_batches_tracked"] = torch.tensor(7)

    conv("head.conv1", HEAD, 1, 3, 3)
    norm("head.bn1", HEAD)
    for layer in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
        for number in (1, 2):
            conv(f"head.{layer}.conv{number}", HEAD, HEAD, 3, 3)
            norm(f"head.{layer}.bn{number}", HEAD)
        if layer.endswith("0"):
            conv(f"head.{layer}.shortcut.0", HEAD, HEAD, 1, 1)
            norm(f"head.{layer}.shortcut.1", HEAD)
    conv("head.conv2", HEAD, HEAD, 3, 3)
    norm("head.bn2", HEAD)
    conv("xvector.tdnn.linear", CHANNELS, 10 * HEAD, 5)
    norm("xvector.tdnn.nonlinear.batchnorm", CHANNELS)
    channels, inner = CHANNELS, 4 * GROWTH
    for block, count in enumerate(LAYERS, start=1):
        for number in range(1, count + 1):
            layer = f"xvector.block{block}.tdnnd{number}"
            norm(f"{layer}.nonlinear1.batchnorm", channels)
            conv(f"{layer}.linear1", inner, channels, 1)
            norm(f"{layer}.nonlinear2.batchnorm", inner)
            conv(f"{layer}.cam_layer.linear_local", GROWTH, inner, 3)
            conv(f"{layer}.cam_layer.linear1", inner // 2, inner, 1, bias=True)
            conv(f"{layer}.cam_layer.linear2", GROWTH, inner // 2, 1, bias=True)
            channels += GROWTH
        norm(f"xvector.transit{block}.nonlinear.batchnorm", channels)
        conv(f"xvector.transit{block}.linear", channels // 2, channels, 1)
        channels //= 2
    norm("xvector.out_nonlinear.batchnorm", channels)
    conv("xvector.dense.linear", SIZE, 2 * channels, 1)
    norm("xvector.dense.nonlinear.batchnorm", SIZE, affine=False)
    return found


def published(weights: dict[str, Tensor], features: Tensor) -> Tensor:
    def norm(name: str, x: Tensor) -> Tensor:
        scale, shift = weights.get(f"{name}.weight"), weights.get(f"{name}.bias")
        return functional.batch_norm(x, weights[f"{name}.running_mean"], weights[f"{name}.running_var"], scale, shift)

    def conv(name: str, x: Tensor, **form: int) -> Tensor:
        return functional.conv1d(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"), **form)

    def plane(name: str, number: int, x: Tensor, stride: int = 1) -> Tensor:
        y = functional.conv2d(x, weights[f"{name}conv{number}.weight"], stride=(stride, 1), padding=1)
        return norm(f"{name}bn{number}", y)

    x = plane("head.", 1, features[:, None]).relu()
    for layer, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
        y, short = plane(f"head.{layer}.", 2, plane(f"head.{layer}.", 1, x, stride).relu()), x
        if stride == 2:
            kernel = weights[f"head.{layer}.shortcut.0.weight"]
            short = norm(f"head.{layer}.shortcut.1", functional.conv2d(x[:, :, ::2], kernel))
        x = (y + short).relu()
    x = plane("head.", 2, x, 2).relu()
    x = x.reshape(len(x), -1, x.shape[-1])
    x = norm("xvector.tdnn.nonlinear.batchnorm", conv("xvector.tdnn.linear", x, stride=2, padding=2)).relu()
    for block, (count, dilation) in enumerate(zip(LAYERS, (1, 2, 2), strict=True), start=1):
        for number in range(1, count + 1):
            name = f"xvector.block{block}.tdnnd{number}"
            y = conv(f"{name}.linear1", norm(f"{name}.nonlinear1.batchnorm", x).relu())
            y = norm(f"{name}.nonlinear2.batchnorm", y).relu()
            segments = [piece.mean(2, keepdim=True).expand_as(piece) for piece in y.split(100, 2)]
            context = torch.cat(segments, 2) + y.mean(2, keepdim=True)
            mask = conv(f"{name}.cam_layer.linear2", conv(f"{name}.cam_layer.linear1", context).relu()).sigmoid()
            local = conv(f"{name}.cam_layer.linear_local", y, padding=dilation, dilation=dilation)
            x = torch.cat([x, local * mask], 1)
        name = f"xvector.transit{block}"
        x = conv(f"{name}.linear", norm(f"{name}.nonlinear.batchnorm", x).relu())
    x = norm("xvector.out_nonlinear.batchnorm", x).relu()
    statistics = torch.cat([x.mean(2), x.std(2, correction=1)], 1)
    return norm("xvector.dense.nonlinear.batchnorm", conv("xvector.dense.linear", statistics[..., None]))[..., 0]


@torch.no_grad()
@pytest.mark.parametrize("frames", [3, 50, 200, 201, 430])
def test_computes_what_the_published_network_computes(state: dict[str, Tensor], frames: int) -> None:
    network, features = CAMPPlus.from_3d_speaker(state).double(), torch.randn(2, 80, frames).double()
    assert not network.training and network.threshold is None
    wanted = published({name: tensor.double() for name, tensor in state.items()}, features)
    torch.testing.assert_close(network.embed_features(features), wanted)


@torch.no_grad()
def test_neither_gain_nor_a_constant_colour_changes_the_embedding(state: dict[str, Tensor]) -> None:
    network, voice = CAMPPlus.from_3d_speaker(state), 0.1 * torch.randn(1, 8000)
    torch.testing.assert_close(network(0.3 * voice), network(voice), rtol=0, atol=1e-4)


def test_a_gradient_reaches_the_samples_even_in_silence(state: dict[str, Tensor]) -> None:
    network = CAMPPlus.from_3d_speaker(state)
    silence = torch.zeros(1, 4000, requires_grad=True)
    network(silence).sum().backward()
    assert silence.grad is not None and silence.grad.isfinite().all()
    voice = (0.1 * torch.randn(1, 4000)).requires_grad_()
    network(voice)[0, 0].backward()
    assert voice.grad is not None and voice.grad.isfinite().all() and voice.grad.any()


def test_a_folder_with_its_weights_is_an_encoder_like_any_other(state: dict[str, Tensor], tmp_path: Path) -> None:
    save_file(state, tmp_path / "campplus.safetensors")
    network, voice = load_speaker_encoder(str(tmp_path)), 0.1 * torch.randn(2, 4000)
    assert isinstance(network, CAMPPlus) and network.threshold is not None
    wanted = functional.normalize(published(state, network.fbank(voice) - network.fbank(voice).mean(2, keepdim=True)))
    torch.testing.assert_close(network(voice), wanted)
    again = CAMPPlus.from_state(network.config, network.state_dict())
    assert torch.equal(again(voice), network(voice))


def test_missing_and_other_weights_are_one_line(
    state: dict[str, Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(SottovoceError, match="sottovoce models fetch campplus"):
        load_speaker_encoder("campplus")
    with pytest.raises(SottovoceError, match="cannot be read"):
        CAMPPlus.pretrained(tmp_path)
    (tmp_path / "campplus.safetensors").write_bytes(b"no tensors")
    with pytest.raises(SottovoceError, match="not the weights of CAM"):
        load_speaker_encoder(str(tmp_path))
    for lacking in ("head.bn1.bias", "xvector.tdnn.linear.weight", "xvector.block3.tdnnd1.linear1.weight"):
        save_file({key: value for key, value in state.items() if key != lacking}, tmp_path / "campplus.safetensors")
        with pytest.raises(SottovoceError, match="not the weights of CAM"):
            CAMPPlus.pretrained(tmp_path)


@torch.no_grad()
def test_published_weights_tell_25_voices_apart(third_party, shared_data: Path) -> None:
    network = CAMPPlus.pretrained(third_party("campplus"))
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(6.85, abs=0.01)
    utterances = read_manifest(shared_data / "manifests" / "librispeech-test-clean.csv")
    heard = [torch.from_numpy(as_mono_16k(read(utterance.path)))[None, : 4 * 16_000] for utterance in utterances]
    with torch.inference_mode():
        embeddings = torch.cat([network(waveform) for waveform in heard])
    names = sorted({utterance.speaker for utterance in utterances})
    speakers = torch.tensor([names.index(utterance.speaker) for utterance in utterances])
    first, second = torch.triu_indices(len(heard), len(heard), 1)
    scores, same = (embeddings[first] * embeddings[second]).sum(1), speakers[first] == speakers[second]
    assert eer(scores, same) <= 0.01
    assert network.threshold is not None
    misses, alarms = (scores[same] <= network.threshold).double(), (scores[~same] > network.threshold).double()
    assert misses.mean() < 0.04 and alarms.mean() < 0.01
