"""Listeners and perturbers behind one name."""

import pytest

from sottovoce import load
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import Chain
from sottovoce.perturbers import SSED, AdvGAN


def test_perturbers_and_listeners_are_found(tiny) -> None:
    assert isinstance(load("ssed-ecapa-tdnn"), SSED) and isinstance(load("advgan"), AdvGAN)
    assert load(tiny).architecture == "segan" and isinstance(load(f"{tiny}+{tiny}"), Chain)
    with pytest.raises(SottovoceError, match="no model 'nobody'"):
        load("nobody")
