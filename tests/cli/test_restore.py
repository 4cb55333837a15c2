"""Hiding a voice and having it back, as a person types it."""

import pytest
import soundfile
import torch

from sottovoce.perturbers import SSED, KeyedSSED
from sottovoce.weights import Card, save


def saved(network, path):
    card = Card(
        name="tiny", kind="perturber", architecture=network.architecture, config=network.config, data="", recipe="",
        seed=0, metrics={}, licence="Apache-2.0",
    )  # fmt: skip
    save(path, network.state_dict(), card)
    return path


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    torch.manual_seed(0)
    return saved(SSED(channels=4, blocks=1), tmp_path_factory.mktemp("generator") / "tiny.safetensors")


@pytest.fixture
def hide(generator, run):
    """Runs `protect voice` with the tiny generator and further words."""

    def hide(*words):
        return run("protect", "voice", "--effort", "low", "--generator", generator, *words)

    return hide


@pytest.fixture
def key(tmp_path, run):
    assert run("keygen", tmp_path / "alice.key")[0] == 0
    return tmp_path / "alice.key"


def test_there_and_back(tmp_path, sound, key, hide, run):
    source, target, back = sound(), tmp_path / "out.wav", tmp_path / "back.wav"
    code, out, err = hide("--key", key, source, "-o", target)
    assert (code, err) == (0, "") and "companion" in out
    assert "ecapa-tdnn recognises the same voice (cosine" in out
    assert (tmp_path / "out.wav.veil").is_file() and target.read_bytes() != source.read_bytes()
    assert "done before" in hide("--key", key, source, "-o", target)[1]
    code, out, _ = run("restore", target, "-o", back, "--key", key)
    assert code == 0 and "identical to the byte" in out and back.read_bytes() == source.read_bytes()


def test_a_folder(tmp_path, sound, key, hide):
    sound("in/a.wav"), sound("in/b.wav", 44_100, 2)
    code, out, _ = hide(tmp_path / "in", "-o", tmp_path / "out", "--key", key)
    assert code == 0 and len(out.splitlines()) == 2
    assert len(list((tmp_path / "out").glob("*.veil"))) == 2


def test_folders_and_patterns_come_back_with_their_trees(tmp_path, sound, key, hide, run):
    sources = [sound(f"in/{name}", seconds=0.3 + 0.1 * n) for n, name in enumerate(("a.wav", "deep/b.wav", "c.wav"))]
    out, back, report = tmp_path / "out", tmp_path / "back", tmp_path / "report"
    assert hide("--key", key, tmp_path / "in", "-o", out)[0] == 0
    (out / "c.wav.veil").unlink()
    command = ("restore", out, "-o", back, "--key", key, "--report", report)
    code, told, err = run(*command)
    assert code == 1 and len(told.splitlines()) == 2 and "c.wav.veil: no such companion" in err
    assert sorted(path.relative_to(back).as_posix() for path in back.rglob("*.*")) == ["a.wav", "deep/b.wav"]
    for source in sources[:2]:
        assert (back / source.relative_to(tmp_path / "in")).read_bytes() == source.read_bytes()
    statuses = [line.split(",")[2] for line in (report / "summary.csv").read_text().splitlines()[1:]]
    assert statuses == ["restored", "failed", "restored"]
    run(*command)
    assert (report / "summary.csv").read_text().count("done before") == 2
    code, _, _ = run("restore", out / "**" / "b*", "-o", tmp_path / "again", "--key", key)
    assert code == 0 and (tmp_path / "again" / "deep" / "b.wav").read_bytes() == sources[1].read_bytes()


def test_a_passphrase(tmp_path, sound, hide, run, monkeypatch):
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "correct horse")
    source, target, back = sound(), tmp_path / "out.wav", tmp_path / "back.wav"
    hide("--passphrase", source, "-o", target)
    assert run("restore", target, "-o", back, "--passphrase")[0] == 0
    assert back.read_bytes() == source.read_bytes()
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "battery")
    code, _, err = run("restore", target, "-o", tmp_path / "c.wav", "--passphrase")
    assert code == 2 and "key is not the one" in err and not (tmp_path / "c.wav").exists()


def test_approximately(tmp_path, sound, generator, hide, run):
    target, back = tmp_path / "out.wav", tmp_path / "back.wav"
    code, out, _ = hide(sound(), "-o", target)
    assert code == 0 and "companion" not in out
    assert run("restore", target, "-o", back, "--approximate", "--generator", generator)[0] == 0
    assert soundfile.info(back).frames == 16_000


def test_approximately_with_the_key_of_a_keyed_generator(tmp_path, sound, key, run):
    torch.manual_seed(0)
    keyed = saved(KeyedSSED(channels=4, blocks=1), tmp_path / "keyed.safetensors")
    hide = ("protect", "voice", sound(), "-o", tmp_path / "out.wav", "--effort", "low", "--generator", keyed)
    code, _, err = run(*hide)
    assert code == 2 and err.endswith("depends on a key; give --key or --passphrase\n") and err.count("\n") == 1
    assert run(*hide, "--key", key)[0] == 0
    back = ("restore", tmp_path / "out.wav", "-o", tmp_path / "back.wav", "--approximate", "--generator", keyed)
    code, _, err = run(*back)
    assert (
        code == 2
        and "keyed.safetensors needs the key that the file was protected with" in err
        and not (tmp_path / "back.wav").exists()
    )
    code, out, _ = run(*back, "--key", key)
    assert code == 0 and "restored approximately, with the key" in out
    assert soundfile.info(tmp_path / "back.wav").frames == 16_000


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["restore", "x.wav", "-o", "y.wav"], "or --approximate"),
        (["restore", "x.wav", "-o", "y.wav", "--approximate", "--key", "KEY"], "knows no key"),
        (["restore", "x.wav", "-o", "y.wav", "--key", "KEY", "--passphrase"], "not both"),
        (["restore", "x.wav", "-o", "y.wav", "--key", "none.key"], "no such key"),
        (["restore", "x.wav", "-o", "y.wav", "--key", "KEY", "--generator", "nobody"], "--generator is for"),
        (["restore", "x.wav", "-o", "y.wav", "--approximate", "--generator", "nobody"], "no model 'nobody'"),
        (["restore", "x.wav", "-o", "y.wav", "--approximate", "--device", "tpu"], "device tpu"),
        (["protect", "voice", "x.wav", "-o", "y.wav", "--key", "KEY", "--passphrase"], "not both"),
        (["protect", "voice", "x.wav", "-o", "y.wav", "--against", "segan"], "speaker encoder"),
        (["protect", "voice", "x.wav", "-o", "y.wav", "--generator", "TINY"], "add --effort low"),
        (["protect", "voice", "x.wav", "-o", "y.wav", "--effort", "low", "--strength", "light"], "is for a search"),
        (["protect", "voice", "x.wav", "-o", "y.wav", "--snr", "20", "--strength", "light"], "choose the same"),
        (["protect", "voice", "x.wav", "-o", "y.wav", "--effort", "none"], "--effort none"),
        (["keygen", "KEY"], "a key already"),
    ],
)
def test_what_does_not_go_together(key, generator, run, words, complaint):
    code, _, err = run(*({"KEY": key, "TINY": generator}.get(word, word) for word in words))
    assert code == 2 and complaint in err and len(err.splitlines()) == 1


def test_a_key_that_others_can_read_is_warned_of(tmp_path, sound, key, hide):
    key.chmod(0o644)
    code, _, err = hide("--key", key, sound(), "-o", tmp_path / "out.wav")
    assert code == 0 and "others can read this key" in err


def test_a_video_there_and_back(tmp_path, video, key, hide, run):
    source, target, again = video("in.mp4"), tmp_path / "out.mp4", tmp_path / "again.mp4"
    assert hide(source, "-o", target, "--key", key)[0] == 0
    assert run("restore", target, "-o", again, "--key", key)[0] == 0
    assert again.read_bytes() == source.read_bytes()


def test_a_broken_video_is_one_line(tmp_path, video, hide):
    whole = video("in.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    status, out, err = hide(tmp_path / "cut.mp4", "-o", tmp_path / "out.mp4")
    assert (status, out, err.count("\n")) == (2, "", 1) and "cut.mp4: " in err
    assert not list(tmp_path.glob("*out*"))
