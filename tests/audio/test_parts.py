"""A view is the file that its bytes would make."""

import io

from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio.parts import Part, View, bytes_at, size_of

content = st.binary(max_size=40)


@given(content, content, content, content, st.data())
def test_a_view_reads_like_a_file_of_the_same_bytes(before, head, middle, after, data):
    whole = io.BytesIO(before + middle + after)
    view = View(whole, Part(len(before), len(before) + len(middle), head))
    same = io.BytesIO(head + middle)
    for _ in range(10):
        if data.draw(st.booleans()):
            size = data.draw(st.integers(-1, 50))
            assert view.read(size) == same.read(size)
        else:
            whence = data.draw(st.sampled_from([0, 2]))
            offset = data.draw(st.integers(0, len(head + middle)))
            offset = -offset if whence == 2 else offset
            assert view.seek(offset, whence) == same.seek(offset, whence)
        assert view.tell() == same.tell()


def test_bytes_are_read_anywhere_and_the_size_is_that_of_the_file():
    file = io.BytesIO(b"0123456789")
    assert bytes_at(file, 7, 5) == b"789"
    assert size_of(file) == 10
