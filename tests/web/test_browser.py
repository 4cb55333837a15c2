"""The page in a real browser: with a mouse and by keyboard alone, and nothing leaves the machine.

With `$SCREENSHOTS` set to a folder, a picture of each step is saved there.
"""

import io
import os
import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from PIL import Image

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium"),
]
LONG = 60_000
"""Milliseconds to wait for what takes long on a busy machine."""
FOCUSED = """() => {
    let at = document.activeElement;
    while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
    const labels = at.labels || [];
    const label = at.getAttribute('aria-label') || (labels[0] && labels[0].innerText) || at.innerText;
    const tag = at.tagName.toLowerCase();
    return [at.getAttribute('role') || (tag === 'input' ? at.type : tag), (label || '').trim()];
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, address) -> Iterator:
    """The page, opened; whatever it asked for came from where it came from itself."""
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, accept_downloads=True)
    view, asked = context.new_page(), []
    view.set_default_timeout(LONG)
    context.on("request", lambda request: asked.append(request.url))
    view.goto(address)
    view.get_by_role("button", name="Protect", exact=True).wait_for()
    yield view
    context.close()
    assert len(asked) > 10 and not [url for url in asked if not url.startswith((address, "blob:", "data:"))]


@pytest.fixture
def recording() -> Iterator[Path]:
    with as_file(files("sottovoce") / "data" / "demo.wav") as path:
        yield path


def shot(page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.mouse.move(0, 0)
        page.wait_for_timeout(400)  # until what moves has come to rest
        picture = Image.open(io.BytesIO(page.screenshot()))
        picture.quantize(64).save(Path(folder) / f"{name}.png", optimize=True)


def assert_accessible(page) -> None:
    found = axe.Axe().run(page).response["violations"]
    bad = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
    assert not bad, bad


def downloaded(page, name: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=name, exact=True).click()
    assert started.value.suggested_filename == name
    started.value.save_as(folder / name)
    return folder / name


def test_upload_protect_listen_download_restore(page, recording, tmp_path) -> None:
    assert_accessible(page)
    page.locator("#recordings input[type=file]").set_input_files(recording)
    page.locator(".sv-chosen", has_text="demo.wav 0:06").wait_for()
    page.locator(".sv-note", has_text="For 7 s of sound").wait_for()
    page.get_by_role("radio", name="Who speaks").first.check()
    page.get_by_role("radio", name="Low").check()
    shot(page, "1-choose")
    page.get_by_role("button", name="Protect", exact=True).click()
    page.get_by_role("heading", name="demo.wav → protected-1.wav").wait_for()
    page.locator("sv-player").scroll_into_view_if_needed()
    player = page.locator("sv-player")
    player.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('sv-player').sound.currentTime > 0.1")
    player.get_by_role("radio", name="Protected").check()
    page.wait_for_function("document.querySelector('sv-player').sound.currentTime > 0.3")
    player.get_by_role("button", name="Pause").click()
    page.get_by_role("heading", name="5. Listen").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('sv-player').scrollIntoView({block: 'center'})")
    shot(page, "2-listen")
    names = ("protected-1.wav", "sottovoce.key", "protected-1.wav.veil", "report-1.json")
    protected, key, companion, report = (downloaded(page, name, tmp_path) for name in names)
    assert protected.read_bytes()[:4] == b"RIFF" and protected.read_bytes() != recording.read_bytes()
    assert '"protection": "voice"' in report.read_text()
    page.get_by_role("button", name="Hear what an enhancer makes of it").click()
    player.get_by_role("radio", name="Protected after metricgan-plus").check()
    page.wait_for_function("document.querySelector('sv-player').sound.duration > 6")
    page.get_by_role("img", name="Waveforms").scroll_into_view_if_needed()
    shot(page, "3-enhancer")
    page.get_by_role("button", name="Ask the panel of listeners").click()
    page.get_by_role("heading", name="What the panel found").wait_for()
    page.get_by_text("Voice: ").first.wait_for()
    assert_accessible(page)
    page.get_by_role("img", name="Every listener through every channel").scroll_into_view_if_needed()
    shot(page, "4-panel")

    page.get_by_role("tab", name="Restore").click()
    page.get_by_role("button", name="Restore", exact=True).click()
    page.get_by_role("alert").get_by_text("both needed").wait_for()
    for label, path in (("Protected file", protected), ("Companion (.veil)", companion), ("Key file", key)):
        block = page.locator(".block:visible", has=page.locator("label", has_text=label))
        block.locator("input[type=file]").set_input_files(path)
        block.get_by_text(path.name.rpartition(".")[0]).first.wait_for()
    page.get_by_role("button", name="Restore", exact=True).click()
    assert downloaded(page, "restored.wav", tmp_path).read_bytes() == recording.read_bytes()
    assert_accessible(page)
    shot(page, "5-restore")
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Compare", exact=True).wait_for()
    assert_accessible(page)


def go_to(page, kind: str, name: str) -> None:
    """Press the tab key until something has the focus."""
    seen = []
    for _ in range(60):
        seen.append(page.evaluate(FOCUSED))
        if seen[-1][0] == kind and name in seen[-1][1]:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no {kind} {name!r} among {seen}")


def press_to_choose(page):
    """Press the enter key until the page, which may still be loading, opens its file chooser."""
    for _ in range(8):
        try:
            with page.expect_file_chooser(timeout=3_000) as chooser:
                page.keyboard.press("Enter")
            return chooser.value
        except playwright.TimeoutError:
            continue
    raise AssertionError("no file chooser opens")


def test_by_keyboard_alone(page, recording) -> None:
    go_to(page, "button", "upload")
    press_to_choose(page).set_files(recording)
    page.locator(".sv-chosen", has_text="demo.wav").wait_for()
    go_to(page, "radio", "Who speaks")
    page.keyboard.press("Space")
    go_to(page, "radio", "Low")
    page.keyboard.press("Space")
    go_to(page, "button", "Protect")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="demo.wav → protected-1.wav").wait_for()
    go_to(page, "button", "Play")
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('sv-player').sound.currentTime > 0.1")
    go_to(page, "radio", "Original")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('sv-player').now === 1")
    go_to(page, "a", "protected-1.wav")
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert started.value.suggested_filename == "protected-1.wav"


def test_errors_stand_beside_the_control_and_nothing_entered_is_lost(page, recording, tmp_path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    page.get_by_role("radio", name="Strong").check()
    page.get_by_role("radio", name="With a passphrase").check()
    page.get_by_label("Passphrase", exact=True).fill("one")
    page.get_by_label("The same again").fill("another")
    page.locator("#recordings input[type=file]").set_input_files([broken, recording])
    page.get_by_role("alert").get_by_text("broken.wav: ").wait_for()
    page.get_by_role("button", name="Protect", exact=True).click()
    page.get_by_role("alert").get_by_text("passphrases differ").wait_for()
    assert_accessible(page)
    page.get_by_role("alert").get_by_text("passphrases differ").scroll_into_view_if_needed()
    shot(page, "6-errors")
    assert page.get_by_role("radio", name="Strong").is_checked()
    assert page.get_by_label("The same again").input_value() == "another"
    page.locator(".sv-chosen", has_text="demo.wav").wait_for()
