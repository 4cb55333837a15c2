"""The streams in a container that ffmpeg reads: what they are, and their packets, as they lie in the file."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from sottovoce.audio import ffmpeg

_ALL = ("-map", "0", "-c", "copy", "-copyts")
_EQUALS = re.compile(r"(?<!\\)=")
_DIGESTS = ("-f", "framemd5", "pipe:1")


class Packet(NamedTuple):
    """A packet of a stream.

    Attributes:
        time: when it is shown or heard, in seconds.
        duration: in seconds; 0 if the container does not say.
        size: in bytes.
        digest: MD5 of its bytes.
    """

    time: Fraction
    duration: Fraction
    size: int
    digest: str


class Stream(NamedTuple):
    """A stream of a container.

    Attributes:
        kind: "video", "audio", "subtitle", "attachment" or "data".
        codec: ffmpeg's name of the codec.
        head: digest of what decoders need before the first packet; for an attachment, of its content.
        tick: seconds in which its times are counted; of decoded sound a sample.
        packets: in the order of decoding.
    """

    kind: str
    codec: str
    head: str
    tick: Fraction
    packets: list[Packet]


class Tag(NamedTuple):
    """A text in a file.

    Attributes:
        section: "" for the file, "stream" or "chapter".
        number: of the stream or chapter, from 0; -1 for the file.
        name: in lower case; of a chapter also "start" and "end", in seconds.
        text: its value.
    """

    section: str
    number: int
    name: str
    text: str


def kinds(path: Path) -> list[str]:
    """What the streams of a file are, in order: "video", "audio", ...

    Raises:
        SottovoceError: ffmpeg is not installed, or cannot read the file. The message does not name it.
    """
    return [stream.kind for stream in _streams(path, *_ALL, "-t", "0", *_DIGESTS)]


def streams(path: Path) -> list[Stream]:
    """The streams of a file, with all packets.

    Raises:
        SottovoceError: as of `kinds`.
    """
    return _streams(path, *_ALL, *_DIGESTS)


def sound(path: Path) -> Stream:
    """The first sound track of a file as it is decoded: the packets are those of PCM.

    Raises:
        SottovoceError: as of `kinds`.
    """
    return _streams(path, "-map", "0:a:0", "-c:a", "pcm_s16le", "-copyts", *_DIGESTS)[0]


def contents(path: Path, number: int, sizes: list[int]) -> Iterator[bytes]:
    """The bytes of each packet of a stream.

    Args:
        path: the file.
        number: of the stream, from 0.
        sizes: of its packets.

    Raises:
        SottovoceError: as of `kinds`.
    """
    copied = ("-map", f"0:{number}", "-c", "copy", "-copyts", "-f", "data", "pipe:1")
    with ffmpeg.output(*ffmpeg.reading(path), *copied) as out:
        for size in sizes:
            yield out.read(size)


def tags(path: Path) -> list[Tag]:
    """Texts and chapters of a file.

    Raises:
        SottovoceError: as of `kinds`.
    """
    with ffmpeg.output(*ffmpeg.reading(path), "-map", "0", "-c", "copy", "-f", "ffmetadata", "pipe:1") as out:
        lines = re.split(r"(?<!\\)\n", out.read().decode(errors="replace"))
    found, section, number, tick = list[Tag](), "", -1, Fraction(1)
    for line in filter(None, lines[1:]):
        if line in ("[STREAM]", "[CHAPTER]"):
            number = number + 1 if section == line[1:-1].lower() else 0
            section = line[1:-1].lower()
            continue
        name, text = (re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in _EQUALS.split(line, maxsplit=1))
        if section == "chapter" and name == "TIMEBASE":
            tick = Fraction(text)
        else:
            is_time = section == "chapter" and name in ("START", "END")
            found.append(Tag(section, number, name.lower(), str(int(text) * tick) if is_time else text))
    return found


def _streams(path: Path, *options: str) -> list[Stream]:
    with ffmpeg.output(*ffmpeg.reading(path), *options) as out:
        lines = out.read().decode(errors="replace").splitlines()
    said, found = dict[tuple[str, int], str](), list[Stream]()
    for line in lines:
        if line.startswith("#"):
            words = line[1:].replace(":", " ", 1).replace(",", " ").split()
            if len(words) > 2 and words[1].isdigit():
                said[words[0], int(words[1])] = words[-1]
            if line.startswith("#codec_id"):
                number = len(found)
                kind, head = said["media_type", number], said.get(("extradata", number), "")
                found.append(Stream(kind, words[-1], head, Fraction(said["tb", number]), []))
            continue
        number, _, time, duration, size = (int(field) for field in line.split(",")[:5])
        tick = found[number].tick
        found[number].packets.append(Packet(time * tick, duration * tick, size, line.split(",")[5].strip()))
    return found
