"""An SSED whose perturbation depends on a key, so that it is hard to take off without it."""

from typing import Any

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import map_rows
from sottovoce.errors import SottovoceError
from sottovoce.perturbers.base import Perturber
from sottovoce.perturbers.ssed import SSED, Conv, MaskedNoise, Perturbed, Residual
from sottovoce.weights import store

KEY_BYTES = 16


class Changes(nn.Module):
    """A linear map from a key to a scale and a shift of every feature in the residual blocks of a `MaskedNoise`.

    Args:
        channels, blocks: as in `MaskedNoise`.
        spread: standard deviation of the scales and shifts before training.

    Shape:
        `(batch, 128)` of ±1 → `(blocks, 2 convolutions, 2, batch, 2 * channels, 1)`.
    """

    def __init__(self, channels: int, blocks: int, spread: float) -> None:
        super().__init__()
        self.shape = (blocks, 2, 2, 2 * channels)
        bits = 8 * KEY_BYTES
        self.table = nn.Linear(bits, 8 * blocks * channels)
        nn.init.normal_(self.table.weight, std=spread / bits**0.5)
        nn.init.zeros_(self.table.bias)

    def forward(self, keys: Tensor) -> Tensor:
        changes: Tensor = self.table(keys).unflatten(-1, self.shape)
        return changes.movedim(0, 3)[..., None]


class KeyedSSED(Perturber):
    """SSED in which a key scales and shifts the features of generator and removal module; not in the paper.

    The published removal module works for everybody who has the generator. Here the networks are public, and the key is
    not: 128 bits change all layers of the residual blocks, as the target does in `AdvGAN`.

    Args:
        channels, blocks, epsilon: as in `SSED`.
        spread: standard deviation of what an untrained network makes of a key.

    Example:
        >>> network = KeyedSSED(channels=4, blocks=2).eval()
        >>> own, other = (network.unlocked(bytes([number]) * 16) for number in (1, 2))
        >>> speech = 0.1 * torch.randn(1, 1000)
        >>> torch.equal(own(speech), other(speech))
        False
    """

    architecture = "keyed-ssed"

    def __init__(self, channels: int = 32, blocks: int = 6, epsilon: float = 0.05, spread: float = 1.0) -> None:
        super().__init__()
        self.channels, self.blocks, self.spread = channels, blocks, spread
        self.network = SSED(channels, blocks, epsilon=epsilon)
        self.hiding, self.removing = (Changes(channels, blocks, spread) for _ in range(2))

    @property
    def epsilon(self) -> float:
        """ε, the largest change of a sample."""
        return self.network.epsilon

    @property
    def config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {name: getattr(self, name) for name in ("channels", "blocks", "epsilon", "spread")}

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None, keys: Tensor | None = None) -> Tensor:
        """Hide the speaker.

        Args:
            waveforms: `(batch, samples)` float32 in [-1, 1] at 16 kHz, right-padded.
            lengths: `(batch,)` in samples.
            keys: `(batch, 128)` of ±1, see `signs`.

        Raises:
            SottovoceError: there are no keys.
        """
        if keys is None:
            raise SottovoceError("this generator needs a key; give --key or --passphrase")
        return map_rows(lambda rows, own: self.perturbed(rows, own).waveforms, waveforms, lengths, keys)

    def perturbed(self, waveforms: Tensor, keys: Tensor) -> Perturbed:
        """The generator's output with its parts, for rows of equal length; keys as for `forward`."""
        return self.network.perturbed(waveforms, self.hiding(keys))

    def removed(self, waveforms: Tensor, keys: Tensor) -> Perturbed:
        """The removal module's output with its parts, for rows of equal length; keys as for `forward`."""
        return self.network.removed(waveforms, self.removing(keys))

    @torch.no_grad()
    def unlocked(self, key: bytes) -> SSED:
        """The networks under one key of 16 bytes, as an ordinary SSED.

        Scales and shifts after a batch normalisation are part of it once it is fixed, so nothing is computed twice.
        """
        found = SSED(**self.network.config).to(self.device)
        found.load_state_dict(self.network.state_dict())
        keys = signs(key)[None].to(self.device)
        _fold(found.generator, self.hiding(keys))
        _fold(found.removal, self.removing(keys))
        return found.eval().requires_grad_(False)


def load_generator(name: str) -> SSED | KeyedSSED:
    """A generator of either kind, in evaluation mode.

    Args:
        name: a bundled model's name, or the path of a `.safetensors` file with its card beside it.

    Raises:
        SottovoceError: there is no such generator, or its file is damaged.
    """
    keyed = store.architecture_of(name) == KeyedSSED.architecture
    return KeyedSSED.load(name) if keyed else SSED.load(name)


def signs(key: bytes) -> Tensor:
    """The bits of a key of 16 bytes as ±1, `(128,)`, the first bit of each byte its highest.

    Example:
        >>> signs(bytes([0b10000000] + 15 * [0]))[:2]
        tensor([ 1., -1.])
    """
    bits = [byte >> place & 1 for byte in key for place in reversed(range(8))]
    return 2.0 * torch.tensor(bits, dtype=torch.float32) - 1.0


def _fold(network: MaskedNoise, changes: Tensor) -> None:
    for block, own in zip(network.blocks, changes, strict=True):
        assert isinstance(block, Residual)
        for conv, (scale, shift) in zip((block.first, block.second), own[:, :, 0, :, 0], strict=True):
            assert isinstance(conv, Conv)
            conv.norm.weight.mul_(1 + scale)
            conv.norm.bias.mul_(1 + scale).add_(shift)
