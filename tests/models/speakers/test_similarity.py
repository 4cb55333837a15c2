"""Similarity is the cosine of embeddings."""

import pytest
import torch

from sottovoce.audio import pad
from sottovoce.models.speakers import ECAPATDNN, Similarity


@pytest.fixture(scope="module")
def encoder() -> ECAPATDNN:
    torch.manual_seed(0)
    return ECAPATDNN(16, 24).eval()


@torch.no_grad()
def test_it_is_pytorchs_cosine_row_by_row_or_with_one_reference(encoder: ECAPATDNN) -> None:
    voices, lengths = pad([0.1 * torch.randn(5000), 0.1 * torch.randn(3001)])
    others = encoder(0.1 * torch.randn(2, 4000))
    embeddings = torch.stack([encoder.embed(voices[row : row + 1, :size])[0] for row, size in enumerate((5000, 3001))])
    for references in (others, others[:1]):
        wanted = torch.nn.functional.cosine_similarity(embeddings, references)
        torch.testing.assert_close(Similarity(encoder, references)(voices, lengths), wanted, rtol=0, atol=1e-5)
    torch.testing.assert_close(Similarity(encoder, encoder(voices, lengths))(voices, lengths), torch.ones(2))


def test_a_gradient_reaches_the_waveforms_and_not_the_references(encoder: ECAPATDNN) -> None:
    voice = (0.1 * torch.randn(1, 4000)).requires_grad_()
    similarity = Similarity(encoder, encoder(voice))
    similarity(0.5 * voice + 0.1 * torch.randn(1, 4000)).sum().backward()
    assert voice.grad is not None and voice.grad.any() and not similarity.references.requires_grad
