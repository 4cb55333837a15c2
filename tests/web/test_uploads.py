"""What browsers send is checked, and what they call it is a label and nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.web import uploads


@given(name=st.text(max_size=300))
def test_a_label_is_one_short_name_without_anything_invisible(name: str) -> None:
    label = uploads.label_of(name)
    assert 0 < len(label) <= 80 and label not in (".", "..")
    assert not set(label) & {"/", "\\"} and all(unicodedata.category(each)[0] != "C" for each in label)


@pytest.mark.parametrize("number", [0, 21])
def test_no_files_and_too_many_are_refused(number) -> None:
    with pytest.raises(SottovoceError):
        uploads.check_count(number)
    uploads.check_count(20)


def test_a_recording_is_taken_under_a_name_of_ours(session, arrived) -> None:
    given = arrived("../Ünsere Quelle.WAV".replace("../", ""), seconds=1.5)
    upload = session.recording(given)
    assert upload.label == "Ünsere Quelle.WAV" and upload.seconds == 1.5
    assert upload.path.parent == session.folder and upload.path.suffix == ".wav" and "Quelle" not in upload.path.name
    assert session.recording(given) is upload


def test_what_lies_elsewhere_is_never_taken(session, arrived, sound, tmp_path) -> None:
    outside = sound("secret.wav")
    link = session.inbox / "link.wav"
    link.symlink_to(outside)
    for forged in (outside, link, session.inbox / ".." / ".." / outside.relative_to("/"), session.inbox / "gone.wav"):
        with pytest.raises(SottovoceError, match="did not arrive"):
            uploads.recording(forged, session.inbox, session.folder)
    assert not list(session.folder.iterdir())


def test_other_kinds_larger_and_longer_files_are_refused_by_their_labels(session, arrived, monkeypatch) -> None:
    with pytest.raises(SottovoceError, match=r"^run\.exe: not a sound or video file"):
        text = session.inbox / "run.exe"
        text.write_bytes(b"MZ")
        session.recording(str(text))
    with pytest.raises(SottovoceError, match=r"^notes\.wav: "):
        text = session.inbox / "notes.wav"
        text.write_text("no sound")
        session.recording(str(text))
    monkeypatch.setattr(uploads, "MOST_SECONDS", 0.5)
    with pytest.raises(SottovoceError, match=r"^interview\.wav: lasts more than"):
        session.recording(arrived())
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    with pytest.raises(SottovoceError, match=r"^interview\.wav: is larger than"):
        session.recording(arrived())
    assert not list(session.folder.iterdir()) and not session.known()
