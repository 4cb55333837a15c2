"""The demo, on a tiny enhancer."""

import shutil
from importlib.resources import files

import pytest
import soundfile


@pytest.fixture
def short_demo(monkeypatch, tmp_path):
    """The bundled recording ends after its first words."""
    bundle, data = tmp_path / "bundle", files("sottovoce.data")
    (bundle / "data").mkdir(parents=True)
    shutil.copy(data / "demo.txt", bundle / "data")
    soundfile.write(bundle / "data" / "demo.wav", *soundfile.read(data / "demo.wav", frames=24_000))
    monkeypatch.setattr("sottovoce.cli.demo.files", lambda _: bundle)


@pytest.mark.usefixtures("short_demo", "no_dnsmos")
def test_the_demo_protects_and_verifies(run, tiny, tmp_path):
    code, out, _ = run("demo", "-o", tmp_path / "demo", "--against", tiny)
    assert code == 0
    assert "What pocketsphinx hears" in out and "the true text" in out
    assert soundfile.info(tmp_path / "demo" / "protected.wav").samplerate == 16_000


def test_the_demo_replaces_files_of_others_only_on_request(run, tiny, tmp_path):
    for name in ("protected.wav", "demo-mine.png"):
        (tmp_path / name).write_bytes(b"mine")
        code, _, err = run("demo", "-o", tmp_path, "--against", tiny)
        assert code == 2 and f"{tmp_path / name}: there is already a file that sottovoce did not write" in err
        assert (tmp_path / name).read_bytes() == b"mine"
        (tmp_path / name).unlink()
