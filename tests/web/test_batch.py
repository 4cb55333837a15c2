"""Several recordings: a bad one stops nobody, and after a cancellation what was finished stays."""

import json

import numpy as np
import pytest
import soundfile

from sottovoce.protections.presets import Effort, Strength
from sottovoce.reversible.keys import Key
from sottovoce.reversible.restore import restore_file
from sottovoce.web import batch
from sottovoce.web.arrivals import recordings
from sottovoce.web.choices import VOICE, Choice
from sottovoce.web.events import Kept

CHOICE = Choice(VOICE, Strength.MEDIUM, Effort.LOW)
pytestmark = pytest.mark.usefixtures("soft", "unplayed")


def finished(session, uploads, secret=None):
    list(steps := Kept(batch.run(session, uploads, CHOICE, secret)))
    return steps.value


def test_recordings_that_cannot_be_read_are_told_and_the_others_taken(session, arrived) -> None:
    broken = session.inbox / "broken.wav"
    broken.write_bytes(b"RIFF")
    found, wrong = recordings(session, [arrived(), str(broken)])
    assert [each.label for each in found] == ["interview.wav"]
    assert len(wrong) == 1 and wrong[0].startswith("broken.wav: ") and "/" not in wrong[0]
    assert recordings(session, []) == ([], ["there is no recording yet; choose one, or record one"])


def test_files_and_report_tell_nothing_of_the_original_but_its_label_to_its_owner(session, arrived) -> None:
    (upload,), _ = recordings(session, [arrived("source in Minsk.flac", subtype="PCM_16")])
    (done,) = finished(session, [upload], Key(bytes(32))).done
    assert sorted(path.name for path in done.target.parent.iterdir()) == [
        "protected-1.flac", "protected-1.flac.veil", "report-1.json",
    ]  # fmt: skip
    report = json.loads((done.target.parent / "report-1.json").read_text())
    assert (report["source"], report["target"]) == ("source in Minsk.flac", "protected-1.flac")
    before, after = (soundfile.read(path)[0] for path in (done.original, done.target))
    np.testing.assert_allclose(after, 0.9 * before, atol=1e-4)
    restore_file(done.target, session.folder / "again.flac", Key(bytes(32)))
    assert (session.folder / "again.flac").read_bytes() == upload.path.read_bytes()


def test_where_the_format_allows_no_exact_way_back_it_is_saved_as_wav(session, arrived) -> None:
    (upload,), _ = recordings(session, [arrived("a.ogg", subtype="VORBIS")])
    (kept,) = finished(session, [upload]).done
    (sealed,) = finished(session, [upload], Key(bytes(32))).done
    assert kept.target.suffix == ".ogg" and kept.companion is None
    assert sealed.target.suffix == ".wav" and sealed.companion is not None
    assert any("no exact way back" in note for note in sealed.report.notes)


def test_a_recording_that_fails_stops_no_other(session, arrived, soft, monkeypatch) -> None:
    uploads, _ = recordings(session, [arrived("one.wav"), arrived("two.wav")])
    perturb, calls = soft.perturb, []

    def failing(heard, progress):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("one of those days")
        return perturb(heard, progress)

    monkeypatch.setattr(soft, "perturb", failing)
    done = finished(session, uploads)
    assert [each.label for each in done.done] == ["two.wav"] and done.line() == "1 of 2 recordings done."
    assert done.failed == ["unexpected RuntimeError: one of those days; the terminal shows where"]


def test_cancelling_ends_the_search_and_keeps_what_was_finished(session, arrived, soft, monkeypatch) -> None:
    uploads, _ = recordings(session, [arrived("one.wav"), arrived("two.wav")])
    perturb, begun = soft.perturb, []

    def until_cancelled(heard, progress):
        begun.append(1)
        if len(begun) == 2:
            session.cancelled.set()
            progress(0.5)
            raise AssertionError("goes on after it was cancelled")
        return perturb(heard, progress)

    monkeypatch.setattr(soft, "perturb", until_cancelled)
    done = finished(session, uploads)
    assert done.cancelled and [each.label for each in done.done] == ["one.wav"] and not done.failed
    assert done.line() == "Cancelled; what was finished is below."
    assert len(list(session.folder.rglob("protected-*"))) == 1
