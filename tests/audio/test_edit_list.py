"""The edit list of sound that begins later than the picture, against what ffmpeg makes of it."""

import pytest

from sottovoce.audio import edit_list, files, streams
from sottovoce.errors import SottovoceError


def test_the_first_samples_are_left_out_and_the_others_stay_in_place(video):
    path = video("in.mp4", offset=0.25)
    before, begins = files.read(path).samples, streams.sound(path).packets[0].time
    edit_list.delay(path, 1024)
    after = files.read(path).samples
    assert len(after) == len(before) - 1024 and (after == before[1024:]).all()
    assert (streams.sound(path).packets[0].time - begins) * 48_000 == 1024


def test_without_such_a_list_nothing_is_changed(video, tmp_path):
    path = video("in.mp4")  # begins at once
    content = path.read_bytes()
    (tmp_path / "b.mp4").write_bytes(bytes(100))
    (tmp_path / "c.mp4").write_bytes(content[: len(content) // 2])
    for name in ("in.mp4", "b.mp4", "c.mp4"):
        with pytest.raises(SottovoceError, match="did not write when the sound begins"):
            edit_list.delay(tmp_path / name, 1024)
    assert path.read_bytes() == content
