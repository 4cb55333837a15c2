"""ID3v2 tags, which MP3, AIFF and WAV files hold."""

import io
from collections.abc import Mapping
from typing import Any

from mutagen import id3

from sottovoce.audio.metadata.container import Fields
from sottovoce.audio.metadata.fields import FIELDS, named

_COMPRESSED = {3: 0x80, 4: 0x08}
"""By version, the flag of a compressed frame in the last byte of its header."""
_OF_THE_ENCODER = ("TSSE", "TENC", "TLEN")


def tag_size(start: bytes) -> int:
    """Size in bytes of the ID3v2 tag that begins with these ten bytes; 0 if none does.

    Example:
        >>> tag_size(b"ID3" + bytes([4, 0, 0, 0, 0, 2, 1]))
        267
    """
    if len(start) < 10 or start[:3] != b"ID3" or start[3] == 0xFF or max(start[6:10]) > 0x7F:
        return 0
    size = sum(byte << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True))
    has_footer = start[3] == 4 and bool(start[5] & 0x10)
    return size + 10 * (1 + has_footer)


def fields_of(tag: bytes) -> Fields:
    """The fields of a tag.

    Raises:
        Exception: the tag is damaged, or has compressed frames, whose size is not known beforehand.
    """
    if any(_is_compressed(frame, tag[3]) for frame in id3.ID3(io.BytesIO(tag), {}, load_v1=False).unknown_frames):
        raise ValueError("compressed frames")
    known = {field.frame: field.comment for field in FIELDS}
    texts: dict[str, str] = {}
    others: list[str] = []
    loaded = id3.ID3(io.BytesIO(tag), load_v1=False)
    for frame in sorted(loaded.values(), key=lambda frame: bool(getattr(frame, "desc", ""))):  # plain comments first
        name = known.get(frame.FrameID)
        if frame.FrameID == "TXXX" and frame.desc.lower() in known.values():  # ffmpeg's comments
            name = frame.desc.lower()
        if name is not None and name not in texts:
            texts[name] = _text(frame)
        elif frame.FrameID == "APIC":
            others.append("cover")
        elif frame.FrameID in ("TXXX", "COMM"):
            others.append(frame.desc or frame.FrameID)
        elif frame.FrameID not in _OF_THE_ENCODER:
            others.append(frame.FrameID)
    others += [frame[:4].decode("latin-1") for frame in loaded.unknown_frames]
    return Fields(texts, others)


def _is_compressed(frame: bytes, version: int) -> bool:
    return bool(len(frame) >= 10 and frame[9] & _COMPRESSED.get(version, 0))


def _text(frame: Any) -> str:
    parts = frame.genres if frame.FrameID == "TCON" else frame.text
    return "; ".join(str(part) for part in parts)


def tag_of(texts: Mapping[str, str]) -> bytes:
    """An ID3v2.4 tag with these texts; nothing for none.

    Example:
        >>> fields_of(tag_of({"title": "Gespräch"})).texts
        {'title': 'Gespräch'}
    """
    tag = id3.ID3()
    for field, text in named(texts):
        details = {"lang": "XXX", "desc": ""} if field.frame == "COMM" else {}
        tag.add(getattr(id3, field.frame)(encoding=id3.Encoding.UTF8, text=[text], **details))
    file = io.BytesIO()
    if tag:
        tag.save(file, padding=lambda _: 0)
    return file.getvalue()
