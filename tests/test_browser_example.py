"""The example page in a real browser: what it gives is what the network gives, and nothing leaves the page."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.exporting.onnx import export_onnx
from sottovoce.perturbers import SSED

EXAMPLE = Path(__file__).parents[1] / "examples" / "browser"
RUNTIME = Path("node_modules", "onnxruntime-web", "dist")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
LONG = 60_000
"""Milliseconds to wait for what takes long on a busy machine."""

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
pytest.importorskip("onnxscript", reason="needs the extra 'export'")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium"),
    pytest.mark.skipif(not (EXAMPLE / RUNTIME).is_dir(), reason=f"no onnxruntime-web: npm install in {EXAMPLE}"),
]


class Quiet(SimpleHTTPRequestHandler):
    """A file server that does not tell what it serves."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page as the README sets it up, from a file server on loopback."""
    folder = tmp_path_factory.mktemp("browser")
    for name in ("index.html", "hide.css", "hide.js"):
        shutil.copy(EXAMPLE / name, folder)
    (folder / RUNTIME.parent).mkdir(parents=True)
    (folder / RUNTIME).symlink_to(EXAMPLE / RUNTIME)
    export_onnx("ssed-ecapa-tdnn", folder / "ssed-ecapa-tdnn.onnx")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(address: str) -> Iterator:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context, asked = browser.new_context(accept_downloads=True), []
        context.on("request", lambda request: asked.append((request.method, request.url)))
        view = context.new_page()
        view.set_default_timeout(LONG)
        view.goto(address)
        yield view
        browser.close()
    assert asked and all(each[0] == "GET" and each[1].startswith((address, "blob:", "data:")) for each in asked)


@torch.no_grad()
def test_a_recording_is_protected_without_the_network(page, tmp_path: Path) -> None:
    with as_file(files("sottovoce") / "data" / "demo.wav") as path:
        speech, _ = soundfile.read(path, dtype="int16")
    own = np.tile(speech, 200_000 // len(speech) + 1)[:200_000]  # two chunks
    soundfile.write(tmp_path / "in.wav", own, 16_000)
    page.wait_for_load_state("networkidle")
    page.get_by_label("Recording").set_input_files(tmp_path / "in.wav")
    page.get_by_text("Protected: 12.5 s").wait_for()
    page.context.set_offline(True)  # what was fetched is enough from here on
    page.evaluate("document.getElementById('said').textContent = ''")
    page.get_by_label("Recording").set_input_files([])
    page.get_by_label("Recording").set_input_files(tmp_path / "in.wav")
    page.get_by_text("Protected: 12.5 s").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    given, rate = soundfile.read(download.value.path(), dtype="int16")
    heard = torch.from_numpy(own / 32_768).float()
    heard -= heard.mean()
    change = SSED.load("ssed-ecapa-tdnn")(heard[None])[0] - heard
    wanted = own + 32_768 * change.numpy()
    assert rate == 16_000 and len(given) == len(own)
    assert np.abs(given - wanted).max() < 2 and (given != own).mean() > 0.5  # browsers divide by 32,767 or 32,768


def test_what_is_no_sound_is_a_line_and_nothing_may_be_sent_elsewhere(page, tmp_path: Path) -> None:
    (tmp_path / "in.wav").write_bytes(b"no sound")
    page.get_by_label("Recording").set_input_files(tmp_path / "in.wav")
    page.get_by_text("cannot read it as sound").wait_for()
    assert page.get_by_role("link", name="Download").is_hidden()
    refused = """async () => {
        const seen = new Promise((done) => {
            addEventListener("securitypolicyviolation", (event) => done(event.blockedURI));
        });
        await fetch("https://example.org/", { method: "POST", body: "speech" }).catch(() => {});
        return seen;
    }"""
    assert page.evaluate(refused).startswith("https://example.org")
