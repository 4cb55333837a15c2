"""Quick attacks throughout."""

import pytest


@pytest.fixture(autouse=True)
def always_quick(quick_attack):
    pass
