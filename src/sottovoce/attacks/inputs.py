"""Checks of what an attack is called with, before any work."""

from collections.abc import Sequence
from inspect import signature

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import full_lengths, zero_padding
from sottovoce.threats.objectives import Objective


def checked_listeners(listeners: object) -> list[nn.Module]:
    """The listeners, `Listeners`, as a list.

    Raises:
        ValueError: they are anything but a module or a sequence of modules, or one does not take waveforms and lengths.

    Example:
        >>> try:
        ...     checked_listeners(nn.Hardtanh())
        ... except ValueError as error:
        ...     print(error)
        a listener takes (waveforms, lengths), Hardtanh does not; wrap it in AsEnhancer or AsRecognizer
    """
    found = [listeners] if isinstance(listeners, nn.Module) else listeners
    if not isinstance(found, (list, tuple)) or not found or not all(isinstance(each, nn.Module) for each in found):
        raise ValueError(f"listener must be a torch.nn.Module or a sequence of them; got {_described(listeners)}")
    for each in found:
        if not _takes_lengths(each):
            name = type(each).__name__
            advice = "wrap it in AsEnhancer or AsRecognizer"
            raise ValueError(f"a listener takes (waveforms, lengths), {name} does not; {advice}")
    return list(found)


def checked_objectives(objectives: Objective | Sequence[Objective], count: int) -> list[Objective]:
    """The objectives, `Objectives`, as one for each of `count` listeners.

    Raises:
        ValueError: they are anything but an objective or a sequence with one for each listener.

    Example:
        >>> from sottovoce.threats import Silence
        >>> checked_objectives(Silence(), 2)
        [Silence(drop=30), Silence(drop=30)]
    """
    found: list[Objective] = list(objectives) if isinstance(objectives, Sequence) else [objectives] * count
    if len(found) != count or not all(hasattr(each, "met") for each in found):
        raise ValueError(
            f"objective must be an Objective or a sequence with one for each of {count} listeners; "
            f"got {len(found) if isinstance(objectives, Sequence) else _described(objectives)}"
        )
    return found


def _takes_lengths(module: nn.Module) -> bool:
    try:
        signature(module.forward).bind("waveforms", "lengths")
    except TypeError:
        return False
    except ValueError:  # compiled code may have no signature
        return True
    return True


def checked_batch(waveforms: object, lengths: object) -> tuple[Tensor, Tensor]:
    """A batch, copied, zero in the padding and without gradients, and its lengths.

    Args:
        waveforms: `(batch, samples)` float32 in [-1, 1]; the padding may hold anything.
        lengths: `(batch,)` integers from 1 to `samples` on any device; None if no row is padded.

    Returns:
        The waveforms, and the lengths as int64 on the same device.

    Raises:
        ValueError: they are anything else, or PyTorch is in inference mode.

    Example:
        >>> try:
        ...     checked_batch(torch.zeros(16_000), None)
        ... except ValueError as error:
        ...     print(error)
        waveforms must be (batch, samples) float32, finite and in [-1, 1]; got float32 (16000,)
    """
    if torch.is_inference_mode_enabled():
        raise ValueError("attacks cannot run in torch.inference_mode(); leave it, or use torch.no_grad()")
    form = str(torch.get_default_dtype()).removeprefix("torch.")
    wanted = f"waveforms must be (batch, samples) {form}, finite and in [-1, 1]; got "
    if not isinstance(waveforms, Tensor) or waveforms.dtype != torch.get_default_dtype() or waveforms.ndim != 2:
        raise ValueError(wanted + _described(waveforms))
    if not waveforms.numel():
        raise ValueError(f"{wanted}an empty batch {tuple(waveforms.shape)}")
    own = _checked_lengths(waveforms, lengths)
    originals = zero_padding(waveforms.detach().clone(), own)
    peaks = originals.abs().amax(-1)
    outside = torch.nonzero(~(peaks <= 1.0)).flatten().tolist()  # NaN is not at most 1
    if outside:
        peak = peaks[outside[0]].item()
        found = f"samples up to ±{peak:.4g}" if peak < torch.inf else "NaN or infinite samples"
        raise ValueError(f"{wanted}{found} in row {outside[0]}")
    return originals, own


def _checked_lengths(waveforms: Tensor, lengths: object) -> Tensor:
    if lengths is None:
        return full_lengths(waveforms)
    batch, samples = waveforms.shape
    wanted = f"lengths must be ({batch},) integers from 1 to {samples}; got "
    if not isinstance(lengths, Tensor) or lengths.dtype not in _INTEGERS or lengths.shape != (batch,):
        raise ValueError(wanted + _described(lengths))
    if int(lengths.min()) < 1 or int(lengths.max()) > samples:
        raise ValueError(wanted + str(lengths.tolist()))
    return lengths.detach().to(waveforms.device, torch.int64, copy=True)


_INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def _described(value: object) -> str:
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    return "an empty sequence" if isinstance(value, (list, tuple)) and not value else f"a {type(value).__name__}"
