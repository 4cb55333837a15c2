"""Nothing that comes from outside is HTML."""

import re

import pytest

from sottovoce.protections.report import Effect, Report
from sottovoce.web import markup
from sottovoce.web.results import Heard, Protected
from sottovoce.web.uploads import Upload
from sottovoce.web.working import Meter

EVIL = "<img src=x onerror=alert(1)>\"'&.wav"


class Told(Effect):
    def lines(self):
        return [f"done to {EVIL}"]


@pytest.fixture
def result(tmp_path) -> Protected:
    target = tmp_path / "protected-1.wav"
    target.write_bytes(b"")
    (tmp_path / "protected-1.wav.veil").write_bytes(b"")
    (tmp_path / "report-1.json").write_text("{}")
    report = Report(
        protection="soft",
        identity={},
        source=EVIL,
        target=target.name,
        seconds=1.0,
        snr=20.0,
        effect=Told(),
        notes=[EVIL],
    )
    return Protected(EVIL, 1, target, target, report, None, Heard({EVIL: target}, {EVIL: target}))


def test_names_and_lines_are_text_wherever_they_stand(result, session) -> None:
    meter = Meter(session.cancelled)
    meter.begin(EVIL)
    pieces = [
        markup.alert(EVIL), markup.status(EVIL), markup.progress(EVIL, meter), markup.step(1, EVIL, EVIL),
        markup.chosen([Upload(EVIL, result.target, 61.0)]), markup.summary(result), markup.player(result.heard),
        markup.pictures(result.heard), markup.downloads([result], None, None), markup.download(result.target, EVIL),
    ]  # fmt: skip
    for piece in pieces:
        assert "<img src=x" not in piece and 'onerror=alert(1)>"' not in piece
        tags = re.findall(r"<(\w[\w-]*)", piece)
        assert set(tags) <= {
            "div", "p", "span", "progress", "h2", "h3", "ul", "li", "a", "figure", "img", "figcaption", "sv-player",
        }  # fmt: skip
    assert "1:01" in pieces[4]


def test_what_may_be_passed_on_stands_apart_from_what_to_keep(result, tmp_path) -> None:
    shown, kept = markup.downloads([result], tmp_path / "sottovoce.key", None).split("To keep to yourself")
    assert 'download="protected-1.wav"' in shown and "veil" not in shown and "key" not in shown
    for name in ("sottovoce.key", "protected-1.wav.veil", "report-1.json"):
        assert f'download="{name}"' in kept
    assert "nobody can restore" in kept


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    assert markup.alert() == markup.chosen([]) == ""
