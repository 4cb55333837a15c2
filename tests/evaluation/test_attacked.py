"""Who was attacked, by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.evaluation.attacked import is_attacked, mark

NAMES = st.lists(st.sampled_from(["nsnet2", "dtln", "whisper-base", "whisper-tiny.en"]), min_size=1, max_size=3)


@given(NAMES, NAMES)
def test_chains_are_attacked_where_they_share_a_link(one, other) -> None:
    assert is_attacked("+".join(one), ["+".join(other)]) == bool(set(one) & set(other))


@pytest.mark.parametrize("name", ["as it is", "whisper-base", "mp3 64 kbit/s", ""])
def test_nobody_is_attacked_by_likeness_of_name(name) -> None:
    assert not is_attacked(name, ["whisper-base.en", "mp3", "", "as"])
    assert not mark(name, [])
