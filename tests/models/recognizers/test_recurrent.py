"""Recurrence over rows of unequal length, against PyTorch's own over packed sequences."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sottovoce.models.recognizers.recurrent import BidirectionalGRU

LENGTHS = torch.tensor([3, 7, 1])


def packed(reference: nn.GRU, hidden: Tensor) -> Tensor:
    sequence = pack_padded_sequence(hidden, LENGTHS, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(reference(sequence)[0], batch_first=True)[0]


def with_weights_of(reference: nn.GRU) -> BidirectionalGRU:
    network = BidirectionalGRU(reference.input_size, reference.num_layers).eval()
    for layer in range(reference.num_layers):
        for direction, suffix in ((network.onward[layer], ""), (network.back[layer], "_reverse")):
            for name, parameter in direction.named_parameters():
                parameter.data = getattr(reference, f"{name[:-1]}{layer}{suffix}").data
    return network


def test_it_computes_what_pytorch_does_of_a_packed_sequence() -> None:
    torch.manual_seed(0)
    reference = nn.GRU(5, 5, 2, batch_first=True, bidirectional=True)
    one, other = (torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(1)).requires_grad_() for _ in range(2))
    inside = (torch.arange(7) < LENGTHS[:, None])[:, :, None]
    expected, found = packed(reference, one), with_weights_of(reference)(other, LENGTHS) * inside
    torch.testing.assert_close(found, expected)
    expected.square().sum().backward()
    found.square().sum().backward()
    torch.testing.assert_close(other.grad, one.grad)


def test_values_are_dropped_between_layers_in_training_only() -> None:
    torch.manual_seed(0)
    network, hidden = BidirectionalGRU(8, 2, dropout=0.5), torch.randn(3, 7, 8)
    assert not torch.equal(network(hidden, LENGTHS), network(hidden, LENGTHS))
    network.eval()
    assert torch.equal(network(hidden, LENGTHS), network(hidden, LENGTHS))
