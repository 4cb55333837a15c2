"""The text fields that containers have in common, and their names in each."""

from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, NamedTuple

import mutagen
from mutagen.aac import AAC
from mutagen.asf import ASF
from mutagen.flac import FLAC
from mutagen.monkeysaudio import MonkeysAudio
from mutagen.mp4 import MP4
from mutagen.musepack import Musepack
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis
from mutagen.wavpack import WavPack

from sottovoce.audio.metadata.container import Fields

_TYPES = [FLAC, OggVorbis, OggOpus, OggFLAC, OggSpeex, MP4, ASF, AAC, MonkeysAudio, Musepack, WavPack]
"""Those of mutagen's types whose tags are not ID3 (see `id3`)."""


class Field(NamedTuple):
    """A text field: its Vorbis comment, RIFF INFO chunk, ID3v2.4 frame and MP4 atom."""

    comment: str
    info: bytes
    frame: str
    atom: bytes


FIELDS = (
    Field("title", b"INAM", "TIT2", b"\xa9nam"),
    Field("artist", b"IART", "TPE1", b"\xa9ART"),
    Field("album", b"IPRD", "TALB", b"\xa9alb"),
    Field("date", b"ICRD", "TDRC", b"\xa9day"),
    Field("comment", b"ICMT", "COMM", b"\xa9cmt"),
    Field("genre", b"IGNR", "TCON", b"\xa9gen"),
    Field("tracknumber", b"ITRK", "TRCK", b"trkn"),
    Field("copyright", b"ICOP", "TCOP", b"cprt"),
)

_ALSO = {
    **{field.atom.decode("latin-1"): field.comment for field in FIELDS},
    "description": "comment",
    "year": "date",
    "track": "tracknumber",
    # ASF
    "author": "artist",
    "wm/albumtitle": "album",
    "wm/year": "date",
    "wm/genre": "genre",
    "wm/tracknumber": "tracknumber",
}
_ENCODERS = {"encoder", "encoding", "encoded-by", "wm/encodingsettings", "\xa9too", "itunsmpb"}
"""Fields that describe the encoder, which is another one now."""


def sorted_out(pairs: Iterable[tuple[str, str]]) -> Fields:
    """Sort named texts into the common fields and the names of the others.

    Texts of one name are joined; of two names for one field the first counts.

    Example:
        >>> sorted_out([("ARTIST", "A"), ("ARTIST", "B"), ("Year", "2024"), ("Speaker", "S1"), ("ENCODER", "Lavf")])
        Fields(texts={'artist': 'A; B', 'date': '2024'}, others=['Speaker'])
    """
    texts: dict[str, str] = {}
    names: dict[str, str] = {}
    others: list[str] = []
    known = {field.comment for field in FIELDS}
    for name, text in pairs:
        folded = name.lower()
        field = folded if folded in known else _ALSO.get(name, _ALSO.get(folded))
        if field is None:
            others += [name] * (folded not in _ENCODERS)
        elif field not in texts:
            texts[field], names[field] = text, folded
        elif names[field] == folded and text != texts[field]:
            texts[field] += f"; {text}"
    return Fields(texts, others)


def by_mutagen(file: BinaryIO) -> Fields:
    """The fields of any file with tags other than ID3 that mutagen reads; empty for other files.

    Raises:
        Exception: the tags are damaged.
    """
    file.seek(0)
    found = mutagen.File(file, options=_TYPES)
    tags: Any = None if found is None else found.tags
    pictures = ["cover"] if getattr(found, "pictures", None) else []
    if not tags:
        return Fields({}, pictures)
    items = tags.items() if hasattr(tags, "items") else tags
    fields = sorted_out((_plain(name), _text(value)) for name, value in items)
    return Fields(fields.texts, [*fields.others, *pictures])


def _plain(name: object) -> str:
    text = str(name)
    if text in ("covr", "WM/Picture") or text.lower() in ("metadata_block_picture", "coverart", "cover art (front)"):
        return "cover"
    return text.rpartition(":")[2] if text.startswith("----:") else text


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_text(each) for each in value)
    if isinstance(value, tuple):  # MP4: number and count
        return "/".join(str(each) for each in value if each)
    return str(value)


def decoded(text: bytes) -> str:
    """Text of unknown encoding: UTF-8 where it is valid, otherwise Windows-1252, the encoding of older programs.

    Example:
        >>> decoded("Jürgen".encode()), decoded("Jürgen\\0".encode("latin-1"))
        ('Jürgen', 'Jürgen')
    """
    text = text.rstrip(b"\0")
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("cp1252", errors="replace")


def named(texts: Mapping[str, str]) -> Iterable[tuple[Field, str]]:
    """The fields that a mapping has, with their texts."""
    return ((field, texts[field.comment]) for field in FIELDS if texts.get(field.comment))
