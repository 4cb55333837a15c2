"""Where the report on speed is written."""

from sottovoce.speed import report
from sottovoce.writing import make_folder, write_text


def test_a_report_of_others_is_replaced_only_on_request(run, monkeypatch, tmp_path):
    def measured(out, progress):
        make_folder(out)
        write_text(out / "speed.md", "fast\n")
        return out / "speed.md"

    monkeypatch.setattr(report, "run", measured)
    path = tmp_path / "speed.md"
    path.write_text("notes")
    code, _, err = run("bench", "speed", "-o", tmp_path)
    assert code == 2 and "did not write" in err and path.read_text() == "notes"
    assert run("bench", "speed", "-o", tmp_path, "--overwrite") == (0, f"wrote {path}\n", "")
    assert run("bench", "speed", "-o", tmp_path)[0] == 0  # now it is its own
