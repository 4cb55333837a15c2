"""What a recogniser, alone or behind what stands in front of it, writes of a recording."""

from typing import Any

import torch
from torch import Tensor, nn

from sottovoce.audio import windows
from sottovoce.models.chain import Chain, device_of, end_of
from sottovoce.text.spelling import plain


@torch.no_grad()
def write(listener: nn.Module, waveforms: Tensor) -> str:
    """The text of a single row `(1, samples)` at 16 kHz, with capitals and punctuation if the recogniser has them."""
    end: Any = end_of(listener)
    heard = waveforms.to(device_of(end))
    if isinstance(listener, Chain):
        heard = listener.front(heard)
    text: str = (end.written if hasattr(end, "written") else end.transcribe)(heard)[0]
    return text


def write_whole(listener: nn.Module, channel: Tensor) -> str:
    """The text of a recording `(samples,)` of any length, window by window, in the spelling of `plain`."""
    spans = windows.spans(len(channel), int(getattr(listener, "seam", 1)))
    return " ".join(filter(None, (plain(write(listener, channel[None, place])) for place in spans)))
