"""Memory of a process that protects a file."""

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.speed.memory import peak, peak_of_protect


def test_a_protection_takes_more_than_torch_and_less_than_all_memory() -> None:
    assert 100 < peak("voice", 1, "--effort", "low") < 4000


def test_a_file_that_cannot_be_protected_is_one_line(tmp_path) -> None:
    with pytest.raises(SottovoceError, match=r"failed: .*none\.wav"):
        peak_of_protect("voice", tmp_path / "none.wav", tmp_path / "out.wav")
