"""Rooms: convolution with impulse responses."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import energy, zero_padding

SILENT = 1e-20
"""Energy added so that the gain of silence and its gradient are finite."""


class Room(nn.Module):
    """What a microphone records of waveforms played in a room: `reverberate` with fixed impulse responses.

    Args:
        responses: impulse responses at 16 kHz: `(taps,)` or `(1, taps)` for all rows, `(batch, taps)` for one per row.

    Raises:
        ValueError: there are no responses, or they are not finite.

    Example:
        >>> room = Room(torch.tensor([0.0, 1.0, 0.75]))  # the direct sound, then one echo
        >>> room(torch.tensor([[1.0, 0.0]]))
        tensor([[0.8000, 0.6000]])
    """

    responses: Tensor

    def __init__(self, responses: Tensor) -> None:
        super().__init__()
        if not responses.numel() or not responses.isfinite().all():
            raise ValueError(f"responses must be finite samples; got {tuple(responses.shape)}")
        self.register_buffer("responses", responses.detach().reshape(-1, responses.shape[-1]))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        return reverberate(waveforms, self.responses, lengths)


def reverberate(waveforms: Tensor, responses: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Waveforms as they sound in rooms, aligned with the originals and equally loud.

    The highest peak of a response, the direct sound, is taken as time zero; reverberation after a row's end is cut.

    Args:
        waveforms: `(batch, samples)`, right-padded.
        responses: impulse responses `(batch, taps)` or `(1, taps)`.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        `(batch, samples)`, each row with the energy of the original, zero in the padding. Differentiable.

    Example:
        >>> reverberate(torch.tensor([[0.5, 0.0]]), torch.tensor([[1.0, -0.75]]))
        tensor([[ 0.4000, -0.3000]])
    """
    waveforms = zero_padding(waveforms, lengths)
    samples, taps = waveforms.shape[-1], responses.shape[-1]
    size = samples + taps - 1
    spectrum = torch.fft.rfft(waveforms, size) * torch.fft.rfft(responses.to(waveforms), size)
    heard = functional.pad(torch.fft.irfft(spectrum, size), (0, taps))
    direct = responses.abs().argmax(-1).to(waveforms.device).expand(len(waveforms))
    places = direct[:, None] + torch.arange(samples, device=waveforms.device)
    heard = zero_padding(heard.gather(1, places), lengths)
    gain = torch.sqrt((energy(waveforms) + SILENT) / (energy(heard) + SILENT))
    return heard * gain[:, None]
