"""`sottovoce web` refuses what is unsafe before anything is served."""

import sys

import pytest

from sottovoce.web import server

served: list[tuple] = []


@pytest.fixture(autouse=True)
def not_served(monkeypatch):
    served.clear()

    def serve(host, port, password, ready):
        served.append((host, port, password))
        ready(f"http://{host}:{port}")

    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.delenv("SOTTOVOCE_WEB_PASSWORD", raising=False)


def test_this_machine_alone_is_served_unless_told_otherwise(run) -> None:
    status, out, err = run("web")
    assert status == 0 and served == [("127.0.0.1", 7860, None)] and not err
    assert out.startswith("The page is at http://127.0.0.1:7860 ")


def test_others_need_a_password_and_tls_is_advised(run, monkeypatch) -> None:
    status, _, err = run("web", "--host", "0.0.0.0")
    assert status == 2 and not served and err.count("\n") == 1 and "--password" in err
    monkeypatch.setenv("SOTTOVOCE_WEB_PASSWORD", "correct horse battery")
    status, _, err = run("web", "--host", "0.0.0.0")
    assert status == 0 and served == [("0.0.0.0", 7860, "correct horse battery")] and "TLS" in err


def test_a_password_is_no_argument_and_there_is_no_share(run) -> None:
    assert run("web", "--password", "secret")[0] == 2
    assert run("web", "--share")[0] == 2 and not served


def test_without_the_extra_it_is_said_how_to_get_it(run, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    for name in [name for name in sys.modules if name.startswith("sottovoce.web")]:
        monkeypatch.delitem(sys.modules, name)
    status, _, err = run("web")
    assert status == 2 and "pip install 'sottovoce[web]'" in err and err.count("\n") == 1
