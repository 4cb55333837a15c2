"""What a page holds goes when the page goes, and nothing of another page does."""

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.web.sessions import Sessions


def test_files_go_with_their_page_and_all_of_them_at_the_end(arrived, session) -> None:
    with Sessions() as sessions:
        one, other = sessions.of("one"), sessions.of("other")
        (one.new_folder() / "a.wav").write_bytes(b"a")
        kept = other.new_folder()
        arrival = one.inbox / "sent.key"
        arrival.write_text("a key")
        one.small(str(arrival), [".key"])
        sessions.close("one")
        assert not one.folder.exists() and not arrival.exists() and one.cancelled.is_set()
        assert kept.is_dir() and not other.cancelled.is_set()
        assert sessions.of("one") is not one
    assert not sessions.root.exists() and other.cancelled.is_set()


def test_what_another_page_has_sent_again_stays(session) -> None:
    """The server puts the same file, to the byte, into the same place for all pages."""
    with Sessions() as sessions:
        one, other = sessions.of("one"), sessions.of("other")
        arrival = one.inbox / "sent.key"
        arrival.write_text("a key")
        one.small(str(arrival), [".key"])
        again = one.inbox / "arriving"
        again.write_text("a key")
        again.rename(arrival)
        sessions.close("one")
        assert other.small(str(arrival), [".key"]).path.read_text() == "a key"
        sessions.close("other")
        assert not arrival.exists()


def test_a_file_that_did_not_arrive_stays(tmp_path) -> None:
    private = tmp_path / "private.key"
    private.write_text("private")
    with Sessions() as sessions:
        with pytest.raises(SottovoceError, match="did not arrive"):
            sessions.of("page").small(str(private), [".key"])
        with pytest.raises(SottovoceError, match="did not arrive"):
            sessions.of("page").small(str(tmp_path / "none.key"), [".key"])
    assert private.read_text() == "private"


def test_nobody_else_can_read_the_files() -> None:
    with Sessions() as sessions:
        assert sessions.root.stat().st_mode & 0o777 == 0o700
        assert len(sessions.of("page").folder.name) > 20 and sessions.of("page").folder.name != "page"
