"""What all tests share: the data beside the repository, one thread, and a cache folder of their own."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import torch

SHARED = Path(os.environ.get("SOTTOVOCE_SHARED", Path(__file__).parents[2] / "shared"))

torch.set_num_threads(1)
hypothesis.settings.register_profile("sottovoce", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("sottovoce")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what uses the shared folder, so that `-m 'not shared_data'` leaves out all of it."""
    for item in items:
        if {"shared_data", "shared_models"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.shared_data)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps what the person running the tests has fetched out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTTOVOCE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder `../shared/data` of real recordings, noises and rooms."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder `../shared/models` of published networks."""
    return _shared("models")


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    return folder
