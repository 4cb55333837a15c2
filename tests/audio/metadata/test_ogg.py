"""Comments of Ogg Vorbis and Ogg Opus files."""

import base64
import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.flac import Picture
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from sottovoce.audio.metadata.container import OtherContainerError
from sottovoce.audio.metadata.ogg import OggComments

KINDS = pytest.mark.parametrize(("subtype", "kind"), [("VORBIS", OggVorbis), ("OPUS", OggOpus)])


def encoded(subtype, seed=0, seconds=1):
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, seconds * 16_000)
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, format="OGG", subtype=subtype)
    return file.getvalue()


def tagged(content, kind, picture_bytes=10):
    file = io.BytesIO(content)
    ogg = kind(file)
    picture = Picture()
    picture.data, picture.mime = bytes(picture_bytes), "image/png"
    ogg["TITLE"], ogg["SPEAKER"], ogg["R128_TRACK_GAIN"] = ["Gespräch", "b"], "S1", "-5"
    ogg["METADATA_BLOCK_PICTURE"] = base64.b64encode(picture.write()).decode()
    file.seek(0)
    ogg.save(file)
    return file.getvalue()


def samples_of(content):
    return soundfile.read(io.BytesIO(content))[0]


@KINDS
@pytest.mark.parametrize("picture_bytes", [10, 300_000])  # on one page, on many
def test_comments_are_kept_and_the_samples_untouched(subtype, kind, picture_bytes):
    source, target = tagged(encoded(subtype), kind, picture_bytes), encoded(subtype, seed=1)
    complete = OggComments.read(io.BytesIO(source)).onto(target)
    assert list(kind(io.BytesIO(complete)).tags) == list(kind(io.BytesIO(source)).tags)
    np.testing.assert_array_equal(samples_of(complete), samples_of(target))


@KINDS
def test_comments_of_the_encoder_are_not_added(subtype, kind):
    source, target = encoded(subtype), tagged(encoded(subtype, seed=1), kind)
    complete = OggComments.read(io.BytesIO(source)).onto(target)
    assert list(kind(io.BytesIO(complete)).tags) == list(kind(io.BytesIO(source)).tags)
    np.testing.assert_array_equal(samples_of(complete), samples_of(target))


def test_vorbis_comments_go_into_opus_files():
    source, target = tagged(encoded("VORBIS"), OggVorbis), encoded("OPUS", seed=1)
    complete = OggOpus(io.BytesIO(OggComments.read(io.BytesIO(source)).onto(target)))
    assert complete["TITLE"] == ["Gespräch", "b"]
    assert complete.tags.vendor.startswith("libopus")


def test_comments_that_are_not_utf8_stay_as_they_are():
    file = io.BytesIO(encoded("VORBIS"))
    found = OggComments.read(file)
    found.comments.entries.append(b"TITLE=Gespr\xe4ch")
    again = OggComments.read(io.BytesIO(found.onto(encoded("VORBIS", seed=1))))
    assert again.comments.entries == found.comments.entries


def test_what_follows_opus_comments_is_kept_if_it_says_so():
    found = OggComments.read(io.BytesIO(encoded("OPUS")))
    for rest, kept in [(b"\x01binary", b"\x01binary"), (b"\x02binary", b"")]:
        changed = OggComments(found.magic, found.comments._replace(rest=rest))
        assert OggComments.read(io.BytesIO(changed.onto(encoded("OPUS", seed=1)))).comments.rest == kept


def test_comments_of_later_streams_are_named():
    first, second = tagged(encoded("OPUS"), OggOpus), tagged(encoded("OPUS", seed=2), OggOpus)
    assert OggComments.read(io.BytesIO(first)).lost == []
    assert OggComments.read(io.BytesIO(first + second)).lost == ["comments of the later streams"]


@KINDS
def test_fields_and_names_for_other_containers(subtype, kind):
    fields = OggComments.read(io.BytesIO(tagged(encoded(subtype), kind))).fields()
    assert fields.texts == {"title": "Gespräch; b"}
    assert sorted(name.upper() for name in fields.others) == ["COVER", "R128_TRACK_GAIN", "SPEAKER"]


def test_other_containers_are_refused():
    assert OggComments.read(io.BytesIO(b"RIFF" + bytes(40))) is None
    with pytest.raises(OtherContainerError):
        OggComments.read(io.BytesIO(encoded("OPUS"))).onto(b"fLaC" + bytes(40))


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.integers(0, 200))
def test_a_damaged_comment_packet_is_an_error_that_extras_catch(noise, start):
    content = bytearray(tagged(encoded("OPUS"), OggOpus))
    content[start : start + len(noise)] = noise
    try:
        found = OggComments.read(io.BytesIO(content))
    except Exception as error:
        assert not isinstance(error, MemoryError | RecursionError)
    else:
        assert found is None or found.magic == b"OpusTags"
