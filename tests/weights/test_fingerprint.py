"""A fingerprint changes with kind, settings, names and values, and with nothing else."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.channels import Quantization
from sottovoce.models.classifiers import DSCNN, Res8, SampleCNN, WideResNet
from sottovoce.models.enhancers import DNN, SEGAN, MetricGANPlus, WaveUNet
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.models.speakers import ECAPATDNN, Resemblyzer
from sottovoce.perturbers import SSED, AdvGAN
from sottovoce.weights.fingerprint import fingerprint

NETWORKS = {
    "metricgan-plus": (MetricGANPlus, {}),
    "segan": (SEGAN, {"width": 1 / 64, "z_seed": 3}),
    "wave-unet": (WaveUNet, {"levels": 2, "attention": True, "width": 0.2}),
    "dnn": (DNN, {"hidden": 4}),
    "deep-speech": (DeepSpeech, {"hidden": 4, "layers": 1}),
    "ecapa-tdnn": (ECAPATDNN, {"channels": 16, "aggregated": 24}),
    "resemblyzer": (Resemblyzer, {}),
    "wide-resnet": (WideResNet, {"labels": ["a", "b"], "depth": 10, "width": 1}),
    "sample-cnn": (SampleCNN, {"labels": ["a", "b"], "channels": 4}),
    "ds-cnn": (DSCNN, {"labels": ["a", "b"], "channels": 4}),
    "res8": (Res8, {"labels": ["a", "b"], "channels": 4}),
    "advgan": (AdvGAN, {"labels": ["a", "b"], "width": 1 / 16, "limit": 0.2, "levelled": False, "snr": 20.0}),
    "ssed": (SSED, {"channels": 4, "blocks": 1, "normalised": True, "epsilon": 0.01}),
}


class Holder(nn.Module):
    """One tensor."""

    def __init__(self, tensor: Tensor) -> None:
        super().__init__()
        self.register_buffer("tensor", tensor)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_tells_its_arguments_and_is_rebuilt_from_them(name: str) -> None:
    kind, arguments = NETWORKS[name]
    network = kind(**arguments)
    assert network.architecture == name and network.config == arguments
    again = kind.from_state(network.config, network.state_dict())
    assert fingerprint(again) == fingerprint(network)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (SSED, {"channels": 4, "blocks": 1}, {"channels": 4, "blocks": 1, "epsilon": 0.06}),
        (SEGAN, {"width": 1 / 64}, {"width": 1 / 64, "z_seed": 1}),
        (WideResNet, {"labels": ["on", "off"], "depth": 10}, {"labels": ["off", "on"], "depth": 10}),
        (AdvGAN, {"labels": ["on"], "width": 1 / 16}, {"labels": ["on"], "width": 1 / 16, "snr": 30.0}),
    ],
)
def test_the_same_weights_with_other_settings_are_another_network(kind, one, other) -> None:
    first, second = kind(**one), kind(**other)
    second.load_state_dict(first.state_dict())
    assert fingerprint(first) != fingerprint(second)
    assert fingerprint(nn.Sequential(first)) != fingerprint(nn.Sequential(second))


def test_a_setting_changed_later_counts() -> None:
    network = SSED(channels=4, blocks=1)
    before = fingerprint(network)
    network.epsilon *= 2
    assert fingerprint(network) != before


@pytest.mark.parametrize(
    "dtype", [torch.bfloat16, torch.float16, torch.float64, torch.int64, torch.bool, torch.complex64]
)
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_tensors_of_any_type_and_shape_count(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    ones, zeros = torch.ones(shape, dtype=dtype), torch.zeros(shape, dtype=dtype)
    assert fingerprint(Holder(ones)) == fingerprint(Holder(ones.clone()))
    assert (fingerprint(Holder(ones)) != fingerprint(Holder(zeros))) == (ones.numel() > 0)


def test_types_shapes_and_names_count() -> None:
    zeros = torch.zeros(2, 3)
    tensors = [zeros, zeros.T, zeros.flatten(), zeros.int()]
    assert len({fingerprint(Holder(tensor)) for tensor in tensors}) == len(tensors)
    one, other = nn.Module(), nn.Module()
    one.register_buffer("a", zeros)
    other.register_buffer("b", zeros)
    assert fingerprint(one) != fingerprint(other)


def test_counters_of_batch_normalisation_count() -> None:
    network = nn.BatchNorm1d(2)
    before = fingerprint(network)
    network.num_batches_tracked += 1
    assert fingerprint(network) != before


def test_memory_layout_does_not_count() -> None:
    matrix = torch.arange(6.0).reshape(2, 3)
    assert fingerprint(Holder(matrix.T)) == fingerprint(Holder(matrix.T.contiguous()))


def test_modules_without_weights_are_told_apart_by_their_class() -> None:
    assert fingerprint(nn.Sequential(nn.ReLU())) != fingerprint(nn.Sequential(nn.Tanh()))


def test_settings_that_are_not_in_the_weights_count() -> None:
    assert fingerprint(Quantization(step=256)) != fingerprint(Quantization(step=512))
    assert fingerprint(nn.Sequential(nn.Dropout(0.1))) == fingerprint(nn.Sequential(nn.Dropout(0.1)).eval())
