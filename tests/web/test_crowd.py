"""Many people at once: each is served, sees nothing of the others, and leaves nothing behind.

`python -m tests.web.crowd` lets a hundred hide their voices in earnest.
"""

import asyncio

import pytest

from tests.web.crowd import crowd, served


def test_forty_at_once_are_all_served_and_kept_apart(soft, unplayed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_TEMP_DIR"):
        monkeypatch.setenv(name, "")
    with served() as (address, sessions):
        outcome = asyncio.run(crowd(address, sessions, 40))
    assert outcome.answered == 40, [visit.said for visit in outcome.visits if not visit.own][:3]
    assert all(visit.files for visit in outcome.visits) and not outcome.shared
    assert outcome.left == [] and not sessions.root.exists()
