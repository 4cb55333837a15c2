"""Who is let in, and what leaves the machine: nothing."""

import socket

import pytest
from starlette.testclient import TestClient

from sottovoce.errors import SottovoceError
from sottovoce.web.server import application, check_password, is_loopback, listening
from sottovoce.web.sessions import Sessions


@pytest.fixture(autouse=True)
def own_environment(monkeypatch) -> None:
    for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_TEMP_DIR"):
        monkeypatch.setenv(name, "")


@pytest.fixture
def visit():
    """Gives a browser's view of a page, and its sessions."""
    with Sessions() as sessions:

        def client(host="127.0.0.1", password=None, named=None):
            return TestClient(application(sessions, host, password), base_url=f"http://{named or host}"), sessions

        yield client


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.org"])
def test_an_address_that_others_reach_needs_a_password_that_is_not_short(host) -> None:
    assert not is_loopback(host)
    with pytest.raises(SottovoceError, match="--password"):
        check_password(host, None)
    with pytest.raises(SottovoceError, match="too short"):
        check_password(host, "short")
    check_password(host, "correct horse battery")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
def test_this_machine_needs_none(host) -> None:
    check_password(host, None)
    with pytest.raises(SottovoceError):
        check_password(host, "short")


def test_an_address_that_is_taken_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SottovoceError, match="choose another"):
        listening("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(SottovoceError, match="choose another"):
        listening("192.0.2.1", 0)


def test_pages_may_load_nothing_from_elsewhere_and_answers_stay_in_no_cache(visit) -> None:
    client, _ = visit()
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200 and "connect-src 'self'" in policy and "http" not in policy
    for place in ("fonts.googleapis.com", "fonts.gstatic.com", "cdnjs", "jsdelivr"):
        assert place not in answer.text
    config = client.get("/config").json()
    assert config["analytics_enabled"] is False and config["run_history"] is False
    assert client.get("/gradio_api/info").headers["cache-control"] == "no-store"


def test_another_site_whose_name_points_here_is_not_let_in(visit) -> None:
    assert visit(named="evil.example")[0].get("/").status_code == 400


def test_only_what_was_made_for_pages_is_served(visit, tmp_path) -> None:
    client, sessions = visit()
    session = sessions.of("page")
    made = session.new_folder() / "protected-1.wav"
    made.write_bytes(b"sound")
    assert client.get(f"/gradio_api/file={made}").content == b"sound"
    private = tmp_path / "private.txt"
    private.write_text("private")
    for path in (private, "/etc/passwd", f"{session.folder}/../../../../../../../..{private}", __file__):
        assert client.get(f"/gradio_api/file={path}").status_code in (403, 404)


def test_without_the_password_there_is_nothing_to_get(visit) -> None:
    client, sessions = visit(host="0.0.0.0", password="correct horse battery")
    made = sessions.of("page").new_folder() / "protected-1.wav"
    made.write_bytes(b"sound")
    assert client.get(f"/gradio_api/file={made}").status_code == 401
    assert client.post("/gradio_api/upload", files={"files": ("a.wav", b"RIFF")}).status_code == 401
    wrong = client.post("/login", data={"username": "x", "password": "correct horse"})
    assert wrong.status_code == 400
    assert client.post("/login", data={"username": "x", "password": "correct horse battery"}).status_code == 200
    assert client.get(f"/gradio_api/file={made}").content == b"sound"
