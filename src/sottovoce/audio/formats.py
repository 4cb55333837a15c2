"""Which suffixes are sound files, and which format is written under each.

- A suffix of the source's own format (`.wav` for WAV, WAVEX, RF64 and NIST; `.ogg` for Vorbis and Opus; …) keeps
  format, subtype and byte order. The exceptions are written as PCM that holds their samples: ADPCM, GSM 6.10, DWVW and
  MP3 in WAV, which pad the length or cannot be measured, and ALAC in CAF, which libsndfile 1.2.2 encodes wrongly in
  loud passages.
- Any other suffix gets its format's smallest subtype that is lossless for the source, or else its largest:

  =============================  ===============  ========  ========
  from \\ to                      WAV, AIFF, CAF   FLAC      Ogg, MP3
  =============================  ===============  ========  ========
  8 bits                         PCM_U8, PCM_S8   PCM_S8    lossy
  16 bits, mu-law, A-law         PCM_16           PCM_16    lossy
  24 bits                        PCM_24           PCM_24    lossy
  32 bits                        PCM_32           PCM_24    lossy
  float, double                  FLOAT, DOUBLE    PCM_24    lossy
  Vorbis, Opus, MP3              FLOAT            PCM_24    lossy
  =============================  ===============  ========  ========

- `.m4a` is written by ffmpeg as ALAC, of 16 bits where they are lossless for the source and otherwise 24. AAC would pad
  the length and remove a perturbation.
- `.mp4`, `.mov`, `.mkv` and `.webm` are written by ffmpeg, and only under the suffix of the original. In `.mp4` and
  `.webm`, which browsers, telephones and messengers play, the sound is what all of them play, at a high bit rate: AAC;
  Opus, or Vorbis at other rates than 48 kHz. It is lossless where that is usual, PCM in `.mov` and FLAC in `.mkv`, of
  16 or 24 bits as in `.m4a`.
- Integer subtypes are rounded to the nearest step and clipped at full scale; floats keep values beyond it.
"""

from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from sottovoce.errors import SottovoceError

# The formats that a suffix may stand for, the default first; a suffix not listed is the name of a format.
_FORMATS = {
    ".wav": ("WAV", "WAVEX", "RF64", "NIST"),
    ".wave": ("WAV", "WAVEX", "RF64"),
    ".bwf": ("WAV", "WAVEX", "RF64"),
    ".aif": ("AIFF",),
    ".aifc": ("AIFF",),
    ".oga": ("OGG",),
    ".snd": ("AU",),
    ".sph": ("NIST",),
    ".iff": ("SVX",),
    ".8svx": ("SVX",),
    ".sf": ("IRCAM",),
}

# No header; a second file beside it; samples that libsndfile 1.2.2 does not read back as it wrote them.
_NO_TARGETS = ("RAW", "SD2", "SDS")

_LADDER = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
_ADPCM = (
    *("IMA_ADPCM", "MS_ADPCM", "GSM610", "NMS_ADPCM_16", "NMS_ADPCM_24", "NMS_ADPCM_32"),
    *("G721_32", "G723_24", "G723_40", "VOX_ADPCM"),
)
_NEVER_WRITTEN = (*_ADPCM, "DWVW_12", "DWVW_16", "DWVW_24", "ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32")

# The first rung of the ladder that is lossless for a subtype; FLOAT for those not listed.
_HELD_BY = {
    **{rung: rung for rung in _LADDER},
    **dict.fromkeys((*_ADPCM, "ULAW", "ALAW", "DWVW_12", "DWVW_16", "ALAC_16"), "PCM_16"),
    **dict.fromkeys(("DWVW_24", "ALAC_20", "ALAC_24"), "PCM_24"),
    "ALAC_32": "PCM_32",
}

_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "ULAW": 16, "ALAW": 16}

_BY_LIBSNDFILE = (
    ".8svx .aif .aifc .aiff .au .avr .bwf .caf .flac .iff .ircam .mp2 .mp3 .mpga .nist .oga .ogg .opus .paf .pvf .rf64 "
    ".sds .sf .snd .sph .svx .voc .w64 .wav .wave"
)
_BY_FFMPEG = (
    ".3g2 .3gp .aac .ac3 .amr .ape .asf .avi .awb .dff .dsf .dts .eac3 .flv .m4a .m4b .m4v .mka .mkv .mov .mp4 .mpc "
    ".mpeg .mpg .mts .ra .rm .shn .spx .tak .tta .webm .wma .wmv .wv"
)
SOUND_SUFFIXES = frozenset(_BY_LIBSNDFILE.split() + _BY_FFMPEG.split())
"""Suffixes, in lower case, of the files in a folder that count as sound files: all that libsndfile or ffmpeg reads,
but `.ts`, which is TypeScript more often than sound."""
ALAC_SUFFIX = ".m4a"
_IN_VIDEO = {".mp4": "AAC", ".mov": None, ".mkv": None, ".webm": "OPUS"}
VIDEO_SUFFIXES = frozenset(_IN_VIDEO)
"""Suffixes, in lower case, under which the sound is written into a copy of the original video."""


class Layout(NamedTuple):
    """The format of a sound file, by libsndfile's names."""

    format: str
    """Major format ("WAV", "FLAC", "OGG", …)."""
    subtype: str
    """Encoding ("PCM_16", "FLOAT", "VORBIS", …)."""
    endian: str
    """Byte order: "FILE" (the format's default), "LITTLE" or "BIG"."""


def layout_for(suffix: str, source: Layout) -> Layout:
    """The layout that is written under a suffix, by the rules above.

    The format of `.m4a` is called "M4A", those of videos "MP4", "MOV", "MKV" and "WEBM".

    Example:
        >>> layout_for(".flac", Layout("WAV", "FLOAT", "FILE"))
        Layout(format='FLAC', subtype='PCM_24', endian='FILE')

    Args:
        suffix: suffix of the target, with its dot.
        source: layout of the file that the samples come from.

    Raises:
        SottovoceError: no format is written under this suffix, or it is that of a video and the source is none of it.
    """
    if not can_write(suffix):
        raise SottovoceError(f"no format is written under the suffix '{suffix}'")
    if suffix.lower() in _IN_VIDEO and source.format != suffix[1:].upper():
        raise SottovoceError(f"a video keeps its container, and the original is no {suffix.lower()} file")
    if (lossy := _IN_VIDEO.get(suffix.lower())) is not None:
        return Layout(source.format, lossy, "FILE")
    if suffix.lower() == ".opus":
        return Layout("OGG", "OPUS", "FILE")
    if suffix.lower() in (ALAC_SUFFIX, *_IN_VIDEO):
        fits_16_bits = _LADDER.index(held_by(source.subtype)) <= _LADDER.index("PCM_16")
        return Layout(suffix[1:].upper(), "PCM_16" if fits_16_bits else "PCM_24", "FILE")
    formats = _FORMATS.get(suffix.lower(), (suffix[1:].upper(),))
    format, subtype, endian = source
    if subtype.startswith("MPEG"):
        subtype = "MPEG_LAYER_III" if format == "MP3" else "FLOAT"
    if format in formats and subtype not in _NEVER_WRITTEN and soundfile.check_format(format, subtype, endian):
        return Layout(format, subtype, endian)
    subtypes = soundfile.available_subtypes(formats[0])
    rungs = [rung for rung in _LADDER if rung in subtypes]
    if not rungs:
        return Layout(formats[0], soundfile.default_subtype(formats[0]), "FILE")
    needed = _LADDER.index(held_by(subtype))
    enough = (rung for rung in rungs if _LADDER.index(rung) >= needed)
    return Layout(formats[0], next(enough, rungs[-1]), "FILE")


def can_write(suffix: str) -> bool:
    """Whether files are written under a suffix.

    Some rates and numbers of channels may still not be supported, see `files.check_target`; `.m4a` and videos need
    ffmpeg.

    Example:
        >>> can_write(".FLAC"), can_write(".mp4"), can_write(".wma")
        (True, True, False)

    Args:
        suffix: suffix of the target, with its dot.
    """
    name = _FORMATS.get(suffix.lower(), (suffix[1:].upper(),))[0]
    is_known = suffix.startswith(".") and name not in _NO_TARGETS and name in soundfile.available_formats()
    return is_known or suffix.lower() in (".opus", ALAC_SUFFIX, *_IN_VIDEO)


def quantized(samples: NDArray[np.float64], subtype: str) -> NDArray[np.float64]:
    """Round samples to the nearest step of an integer subtype and clip them (libsndfile itself rounds down).

    Example:
        >>> (quantized(np.array([0.3, 2.0]), "PCM_U8") * 128).tolist()
        [38.0, 127.0]

    Args:
        samples: an array of any shape, full scale ±1.
        subtype: libsndfile's name; for float and lossy subtypes the samples are returned unchanged.
    """
    if subtype not in _BITS:
        return samples
    steps = 2.0 ** (_BITS[subtype] - 1)
    return np.clip(np.rint(samples * steps), -steps, steps - 1) / steps


def held_by(subtype: str) -> str:
    """The smallest PCM or float subtype that is lossless for samples of this one."""
    return _HELD_BY.get(subtype, "FLOAT")


def written_subtype(suffix: str, source: Layout) -> str:
    """The subtype that samples are rounded to when they are written under a suffix.

    Example:
        >>> written_subtype(".flac", Layout("WAV", "FLOAT", "FILE"))
        'PCM_24'
        >>> written_subtype(".m4a", Layout("WAV", "PCM_U8", "FILE"))
        'PCM_16'

    Args:
        suffix: suffix of the target, with its dot.
        source: layout of the file that the samples come from.

    Raises:
        SottovoceError: no format is written under this suffix.
    """
    return layout_for(suffix, source).subtype


def keeps(subtype: str, source: str) -> bool:
    """Whether writing samples of the subtype `source` as `subtype` is lossless, bit for bit."""
    if subtype == source:
        return subtype in (*_LADDER, "ULAW", "ALAW")
    if subtype not in _LADDER or (source, subtype) == ("PCM_32", "FLOAT"):
        return False
    return _LADDER.index(held_by(source)) <= _LADDER.index(subtype)
