"""Enhanced files and folders."""


def test_a_folder_is_enhanced_and_a_bad_file_in_it_is_named(run, tiny, sound, tmp_path):
    for name in ("noisy/a.wav", "noisy/b.wav"):
        sound(name)
    (tmp_path / "noisy" / "b.wav").write_bytes(b"no sound")
    code, out, err = run("enhance", tmp_path / "noisy", "-o", tmp_path / "clean", "--with", tiny)
    assert code == 1 and out.strip().endswith("a.wav: enhanced") and "1 of 2 files were not enhanced" in err
    assert [path.name for path in (tmp_path / "clean").iterdir()] == ["a.wav"]
