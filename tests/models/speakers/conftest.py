"""Random weights under the names of SpeechBrain's network."""

import pytest
import torch
from torch import Tensor

C, AGGREGATED = 16, 24


@pytest.fixture
def published_state() -> dict[str, Tensor]:
    """Random weights under the names of `spkrec-ecapa-voxceleb`."""
    found: dict[str, Tensor] = {}

    def conv(name: str, outputs: int, inputs: int, kernel: int = 1) -> None:
        found[f"{name}.conv.weight"] = torch.randn(outputs, inputs, kernel) / (inputs * kernel) ** 0.5
        found[f"{name}.conv.bias"] = 0.1 * torch.randn(outputs)

    def norm(name: str, size: int) -> None:
        found[f"{name}.norm.weight"], found[f"{name}.norm.bias"] = torch.rand(size) + 0.5, torch.randn(size)
        found[f"{name}.norm.running_mean"], found[f"{name}.norm.running_var"] = torch.rand(size), torch.rand(size) + 0.5
        found[f"{name}.norm.num_batches_tracked"] = torch.tensor(7)

    def tdnn(name: str, outputs: int, inputs: int, kernel: int = 1) -> None:
        conv(f"{name}.conv", outputs, inputs, kernel)
        norm(f"{name}.norm", outputs)

    torch.manual_seed(0)
    tdnn("blocks.0", C, 80, 5)
    for block in (1, 2, 3):
        tdnn(f"blocks.{block}.tdnn1", C, C)
        for part in range(7):
            tdnn(f"blocks.{block}.res2net_block.blocks.{part}", C // 8, C // 8, 3)
        tdnn(f"blocks.{block}.tdnn2", C, C)
        conv(f"blocks.{block}.se_block.conv1", 128, C)
        conv(f"blocks.{block}.se_block.conv2", C, 128)
    tdnn("mfa", AGGREGATED, 3 * C)
    tdnn("asp.tdnn", 128, 3 * AGGREGATED)
    conv("asp.conv", AGGREGATED, 128)
    norm("asp_bn", 2 * AGGREGATED)
    conv("fc", 192, 2 * AGGREGATED)
    return found
