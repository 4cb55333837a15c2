"""The demo, on a tiny enhancer."""

import soundfile


def test_the_demo_protects_and_verifies(run, tiny, tmp_path):
    code, out, _ = run("demo", "-o", tmp_path / "demo", "--against", tiny)
    assert code == 0
    assert "What pocketsphinx hears" in out and "the true text" in out
    assert soundfile.info(tmp_path / "demo" / "protected.wav").samplerate == 16_000
