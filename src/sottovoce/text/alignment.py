"""CTC alignment: the most probable path for a text (Viterbi algorithm)."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from sottovoce.text.ctc import BLANK


@torch.no_grad()
def best_path(logits: Tensor, frames: Tensor, texts: Sequence[Tensor]) -> Tensor:
    """The character of each frame on the most probable CTC path of a text.

    Args:
        logits: `(batch, frames, characters)`.
        frames: `(batch,)`, number of valid frames per row.
        texts: the indices of the characters, one text per row; each must fit into its frames.

    Returns:
        Indices of characters, int64 `(batch, frames)`; padding frames repeat the last one.

    Example:
        >>> logits = torch.tensor([[[0.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 2.0]]])
        >>> best_path(logits, torch.tensor([3]), [torch.tensor([1, 2])])
        tensor([[1, 0, 2]])
    """
    states, last = _states(texts, logits.device)
    scores = logits.log_softmax(-1).gather(-1, states[:, None].expand(-1, logits.shape[1], -1))
    skippable = torch.zeros_like(states, dtype=torch.bool)
    skippable[:, 2:] = (states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])
    total = torch.full_like(scores[:, 0], -torch.inf)
    total[:, :2] = scores[:, 0, :2]
    steps = torch.zeros_like(scores, dtype=torch.int64)
    for frame in range(1, logits.shape[1]):
        skipped = _shifted(total, 2).masked_fill(~skippable, -torch.inf)
        best, step = torch.stack([total, _shifted(total, 1), skipped]).max(0)
        counts = (frame < frames)[:, None]
        total = torch.where(counts, best + scores[:, frame], total)
        steps[:, frame] = step.where(counts, 0)
    ends = total.gather(1, torch.stack([last - 1, last], 1))
    state = last - 1 + ends.argmax(1)
    path = torch.empty_like(steps[:, :, 0])
    for frame in reversed(range(logits.shape[1])):
        path[:, frame] = states.gather(1, state[:, None])[:, 0]
        state = state - steps[:, frame].gather(1, state[:, None])[:, 0]
    return path


def _states(texts: Sequence[Tensor], device: torch.device) -> tuple[Tensor, Tensor]:
    """The texts with blanks around every character, padded, `(batch, states)`, and the index of each last blank."""
    spaced = [torch.stack([torch.full_like(text, BLANK), text], 1).flatten() for text in texts]
    last = torch.tensor([len(each) for each in spaced], device=device)
    return pad_sequence([torch.cat([each, each.new_tensor([BLANK])]) for each in spaced], True, BLANK).to(device), last


def _shifted(values: Tensor, places: int) -> Tensor:
    return torch.nn.functional.pad(values, (places, 0), value=-torch.inf)[:, : values.shape[1]]
