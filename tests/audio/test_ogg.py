"""Chains of Ogg streams are split where one ends; each part is the file that was encoded."""

import io
import itertools

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.ogg import parts
from sottovoce.audio.parts import Part, TruncatedError
from sottovoce.errors import SottovoceError


def encoded(subtype, frames):
    file = io.BytesIO()
    noise = np.random.default_rng(frames).normal(scale=0.1, size=frames)
    soundfile.write(file, noise, 16_000, format="OGG", subtype=subtype)
    return file.getvalue()


FILES = {subtype: [encoded(subtype, frames) for frames in (1, 16_000, 50_000)] for subtype in ("VORBIS", "OPUS")}
both = pytest.mark.parametrize("subtype", FILES)


@given(st.lists(st.sampled_from(FILES["VORBIS"] + FILES["OPUS"]), min_size=1, max_size=5), st.integers(0, 3))
def test_every_link_is_a_part(links, before):
    content = bytes(before) + b"".join(links)
    ends = before + np.cumsum([0, *map(len, links)])
    found = parts(io.BytesIO(content), before, len(content))
    assert found == [Part(int(start), int(stop)) for start, stop in itertools.pairwise(ends)]


@both
@settings(max_examples=30)
@given(st.data())
def test_a_chain_without_its_end_is_truncated(subtype, data):
    content = FILES[subtype][1] + FILES[subtype][2]
    length = data.draw(st.integers(len(FILES[subtype][1]) + 1, len(content) - 1))
    with pytest.raises(TruncatedError):
        parts(io.BytesIO(content[:length]), 0, length)


@both
def test_a_link_without_its_end_is_truncated(subtype):
    whole = FILES[subtype][2]
    last = whole.rindex(b"OggS")
    with pytest.raises(TruncatedError):
        parts(io.BytesIO(whole[:last] + whole), 0, last + len(whole))


@both
def test_missing_pages_and_other_bytes_are_damage(subtype):
    whole = encoded(subtype, 500_000)
    pages = whole.split(b"OggS")[1:]
    gap = b"".join(b"OggS" + page for page in [*pages[:2], *pages[3:]])
    assert len(pages) > 4
    for damaged in (gap, whole + bytes(50) + whole):
        with pytest.raises(SottovoceError, match="damaged"):
            parts(io.BytesIO(damaged), 0, len(damaged))


@both
def test_a_tag_may_follow(subtype):
    content = FILES[subtype][2] + b"TAG" + bytes(125)
    assert parts(io.BytesIO(content), 0, len(content)) == [Part(0, len(FILES[subtype][2]))]
