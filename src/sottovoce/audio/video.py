"""Sound in a copy of a video, of which everything else stays as it is, bit for bit and at its time.

The packets of pictures, subtitles and attachments are copied by ffmpeg, not coded again; in the copy all of them are
compared with those of the original. The new sound begins at the time of the old one. What containers do not keep on the
way (data tracks such as a camera's telemetry, private tags) is named.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sottovoce.audio import edit_list, ffmpeg, files, streams
from sottovoce.audio.alignment import align
from sottovoce.audio.blocks import Samples, paired
from sottovoce.audio.files import Recording, Sound
from sottovoce.audio.formats import VIDEO_SUFFIXES
from sottovoce.audio.streams import Stream, Tag
from sottovoce.errors import SottovoceError
from sottovoce.writing import folder_beside

_GRID = Fraction(1, 1000)
"""Seconds to which Matroska and WebM round all times."""
_DRIFT = 2 * _GRID
"""Seconds by which sound may be late or early by its own times, which are rounded, before there is a gap."""
_OF_THE_PROGRAM = frozenset(
    ("major_brand", "minor_version", "compatible_brands", "encoder", "handler_name", "vendor_id", "duration")
)
"""Tags that say which program wrote a file, and how long it is."""
_PIECE = 1 << 20


def is_video(target: Path) -> bool:
    """Whether what is written under this name is a copy of a video with other sound."""
    return target.suffix.lower() in VIDEO_SUFFIXES


def around(source: Path, bare: bytes, target: Path, blocks: Iterable[Samples]) -> tuple[Iterator[bytes], list[str]]:
    """A copy of a video with other sound.

    Args:
        source: the video; it has one sound track.
        bare: a file of the same container with nothing but the new sound, from `files.encoded`.
        target: the file to write; what is made of it meanwhile lies beside it.
        blocks: the samples that were encoded in `bare`.

    Returns:
        The content of the file to write, in pieces; and notes on it.

    Raises:
        SottovoceError: the sound of the original has gaps, the new one does not begin with it to the sample, or
            something else would not be copied bit for bit.
    """
    folder = folder_beside(target)
    try:
        sound, whole = (Path(folder.name, f"{name}{target.suffix}") for name in ("sound", "whole"))
        sound.write_bytes(bare)
        own, tags = streams.streams(source), streams.tags(source)
        _join(source, sound, whole, own, tags)
        written = files.opened(whole)
        _check_lag(blocks, written)
        lost = [*_compare(own, sound, whole, Fraction(1, written.rate)), *_lost_tags(tags, whole, own)]
        notes = [f"not kept in the protected file: {', '.join(lost)}"] if lost else []
        if any(stream.kind == "subtitle" for stream in own):
            notes.append("its subtitles, which say in plain text what is said, are kept as they are")
        return _pieces(folder, whole), notes
    except SottovoceError as error:
        folder.cleanup()
        raise SottovoceError(f"{source}: {str(error).removeprefix(f'{whole}: ')}") from error
    except BaseException:
        folder.cleanup()
        raise


def _pieces(folder: "TemporaryDirectory[str]", whole: Path) -> Iterator[bytes]:
    with folder, whole.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _join(source: Path, sound: Path, whole: Path, own: list[Stream], tags: list[Tag]) -> None:
    """Write a copy of a video with other sound that begins when its own did."""
    wanted, (begin, rate) = _start(source)[0], _start(sound)
    _copy(source, sound, whole, wanted - begin, own, tags, rate)
    late = _start(whole)[0] - wanted
    if late < 0 and whole.suffix.lower() == ".mp4":
        edit_list.delay(whole, round(-late * rate))
    elif late:  # some versions of ffmpeg count an encoder's delay twice, some do not
        _copy(source, sound, whole, wanted - begin - late, own, tags, rate)
    if late and abs(_start(whole)[0] - wanted) > (_GRID if whole.suffix.lower() in (".mkv", ".webm") else 1 / rate):
        raise SottovoceError("its sound would not begin when it did; convert it first (ffmpeg -i IN -c copy OUT)")


def _copy(
    source: Path, sound: Path, whole: Path, start: Fraction, own: list[Stream], tags: list[Tag], rate: Fraction
) -> None:
    """Copy all streams but data into a new file, the sound from elsewhere and moved by so many seconds."""
    options = ["-itsoffset", f"{float(start):.6f}", *ffmpeg.reading(sound), "-map_metadata", "0", "-map_chapters", "0"]
    for place, number in enumerate(_kept(own)):
        is_sound = own[number].kind == "audio"
        options += ["-map", "1:0", f"-disposition:{place}", "default"] if is_sound else ["-map", f"0:{number}"]
        options += [f"-map_metadata:s:{place}", f"0:s:{number}"]
    options += ["-c", "copy", "-copyts", "-avoid_negative_ts", "disabled", "-fflags", "+bitexact"]
    if whole.suffix.lower() in (".mp4", ".mov"):
        options += ["-movie_timescale", f"{rate}"]  # of what says when a stream begins: whole samples
        are_quicktimes = any("." in tag.name for tag in tags)  # as com.apple.quicktime.make
        options += ["-movflags", f"+faststart{'+use_metadata_tags' * are_quicktimes}"]  # plays while it is loaded
    ffmpeg.run("-y", *ffmpeg.reading(source), *options, f"file:{whole}")


def _kept(own: list[Stream]) -> list[int]:
    """Numbers of the streams that are copied. Chapters and time codes, which are data in MP4, are written anew."""
    return [number for number, stream in enumerate(own) if stream.kind != "data"]


def _compare(before: list[Stream], sound: Path, whole: Path, tick: Fraction) -> list[str]:
    """Make sure that a copy has what the original has; what to call the data that it has not."""
    after, (new,) = streams.streams(whole), streams.streams(sound)
    kept, copies = ([each[number] for number in _kept(each)] for each in (before, after))
    if [stream.kind for stream in kept] != [stream.kind for stream in copies]:
        raise SottovoceError("not all of its streams can be copied; convert it first (ffmpeg -i IN -c copy OUT)")
    for own, copy in zip(kept, copies, strict=True):
        if not _is_copy(new if own.kind == "audio" else own, copy, tick):
            raise SottovoceError(
                f"its {own.kind} stream would not be copied bit for bit; convert it first (ffmpeg -i IN -c copy OUT)"
            )
    return ["data track"] if len(before) - len(kept) > len(after) - len(copies) else []


def _is_copy(own: Stream, copy: Stream, tick: Fraction) -> bool:
    """Whether the packets are the same; of sound, which is moved to its place, at whatever time."""
    if (own.codec, len(own.packets)) != (copy.codec, len(copy.packets)):
        return False
    if own.head != copy.head and own.codec != "mov_text":  # whose head, for ffmpeg, has the bit rate at its end
        return False
    for one, other in zip(own.packets, copy.packets, strict=True):
        if (one.size, one.digest) != (other.size, other.digest):
            return False
        if own.kind != "audio" and abs(one.time - other.time) > tick:
            return False
        if own.kind == "subtitle" and abs(one.duration - other.duration) > tick:
            return False
    return True


def _lost_tags(tags: list[Tag], whole: Path, own: list[Stream]) -> list[str]:
    """Names of the texts of a video that a copy has not."""
    places = {number: place for place, number in enumerate(_kept(own))}
    there = {tag._replace(text=tag.text.strip()) for tag in streams.tags(whole)}
    lost = []
    for tag in tags:
        place = places.get(tag.number) if tag.section == "stream" else tag.number
        if place is None or tag.name in _OF_THE_PROGRAM:
            continue
        if tag._replace(number=place, text=tag.text.strip()) not in there:
            lost.append(f"chapter {tag.number + 1}" if tag.section == "chapter" else tag.name)
    return list(dict.fromkeys(lost))


def _start(path: Path) -> tuple[Fraction, Fraction]:
    """When the sound of a file begins, in seconds, and its rate.

    Raises:
        SottovoceError: it has gaps, after which sound without them would be early.
    """
    track = streams.sound(path)
    expected = first = track.packets[0].time
    for packet in track.packets:
        if abs(gap := packet.time - expected) > _DRIFT:
            raise SottovoceError(
                f"its sound has a gap of {1000 * float(gap):.0f} ms at {float(expected - first):.2f} s, after which it "
                "and the picture would part; fill it first (ffmpeg -i IN -map 0 -c:v copy -af aresample=async=1 OUT)"
            )
        expected += packet.duration
    return first, 1 / track.tick


def _check_lag(blocks: Iterable[Samples], written: Sound) -> None:
    """Make sure that a codec neither delays the sound nor cuts it, by where it is loudest."""
    loudest = np.zeros((1, written.channels)), np.zeros((1, written.channels))
    try:
        for pair in paired(blocks, written.blocks()):
            if np.square(pair[0]).sum() > np.square(loudest[0]).sum():
                loudest = pair
    except ValueError as error:
        raise SottovoceError(f"ffmpeg wrote too little sound ({error}); install another version of it") from error
    own, coded = (Recording(samples, written.rate) for samples in loudest)
    if lag := align(own, coded)[1].lag:
        raise SottovoceError(f"ffmpeg wrote the sound {lag:g} samples late; install another version of it")
