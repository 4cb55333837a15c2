"""A key file from the command line."""

from sottovoce.reversible.keys import load_key


def test_a_key_is_made_once_and_kept(run, tmp_path):
    path = tmp_path / "key"
    code, out, err = run("keygen", path)
    assert code == 0 and out.startswith(f"{path}: keep it safe") and err == ""
    before = path.read_bytes()
    load_key(path)
    code, _, err = run("keygen", path)
    assert code == 2 and str(path) in err and err.count("\n") == 1
    assert path.read_bytes() == before
