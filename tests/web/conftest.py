"""A page's session, a protection that takes no time, and the server in a thread."""

from collections.abc import Iterator

import pytest
import torch

from sottovoce.protections.report import Effect
from sottovoce.web import choices, estimates, protecting
from sottovoce.web.results import Heard
from sottovoce.web.sessions import Session, Sessions
from tests.web.crowd import served


class Softer(Effect):
    """What a protection did that does nothing but soften."""

    def lines(self):
        return ["softer than before"]


class Soft:
    """Softens a recording by a tenth, in three steps."""

    name, snr, device = "soft", 19.0, torch.device("cpu")

    def identity(self):
        return {"gain": 0.9}

    def perturb(self, heard, progress):
        for step in range(3):
            progress(step / 3)
        return -0.1 * heard

    def measure(self, before, after):
        return Softer()


@pytest.fixture
def soft(monkeypatch) -> Soft:
    """Whatever is chosen, this is what is done."""
    protection = Soft()
    monkeypatch.setattr(choices, "_protection", lambda choice: protection)
    return protection


@pytest.fixture
def unplayed(monkeypatch) -> None:
    """Nothing is prepared to be heard or seen."""
    monkeypatch.setattr(protecting, "listened", lambda original, protected, folder: Heard())


@pytest.fixture
def session() -> Iterator[Session]:
    with Sessions() as sessions:
        yield sessions.of("page")


@pytest.fixture
def arrived(session, sound):
    """Puts a recording where the server puts what browsers send; gives its path."""

    def put(name="interview.wav", **form):
        folder = session.inbox / f"upload-{len(list(session.inbox.iterdir()))}"
        folder.mkdir()
        path = folder / name
        path.write_bytes(sound(f"made{path.suffix}", **form).read_bytes())
        return str(path)

    return put


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the page is served; estimates are made up, since they take longer than what they are of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "_step", lambda what: estimates.StepCost(0.0, 0.1))
        patch.setattr(estimates, "_pass", lambda: 0.1)
        for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_TEMP_DIR"):
            patch.setenv(name, "")  # and back to what it was, once the page has set its own
        with served() as (place, _):
            yield place
