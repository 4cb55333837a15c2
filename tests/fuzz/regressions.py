"""What once made a reader fail, made anew from the valid files, so that it stays mended."""

from collections.abc import Callable

import onnx

from tests.fuzz import seeds


def _few_frames() -> bytes:
    """MPEG audio of three frames, which is enough to tell it and too little to count it."""
    content = seeds.sounds()["MPEG_LAYER_III-MP3.mp3"]
    end = -1
    for _ in range(4):
        end = content.index(content[:2], end + 1)
    return content[:end] + bytes(5000)


def _steers_a_terminal() -> bytes:
    """A row of too few fields that clears the screen."""
    return seeds.manifests()["plain.csv"] + b"\x1b[2J\0\x9b.wav,train\r\n"


def _graph_without_output() -> bytes:
    model = onnx.load_from_string(seeds.graphs()["a.onnx"])
    del model.graph.output[:]
    return model.SerializeToString()


def _pickle(damage: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    return lambda: damage(seeds.pickles()["old.ckpt"])


REGRESSIONS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "few frames": ("sounds", ".mp3", _few_frames),
    "steers a terminal": ("manifests", ".csv", _steers_a_terminal),
    "no output": ("graphs", ".onnx", _graph_without_output),
    "a name that is no text": ("graphs", ".onnx", lambda: seeds.graphs()["a.onnx"].replace(b"samples", b"samp\xa3es")),
    "a pickled name that is no text": ("pickles", ".ckpt", _pickle(lambda old: old.replace(b"int", b"\xd2\xdct"))),
    "a pickle cut off": ("pickles", ".ckpt", _pickle(lambda old: old[:19])),
    "a pickle that takes what is not there": ("pickles", ".ckpt", _pickle(lambda old: old[:15] + b"0" + old[15:])),
}
"""Reader, suffix and content, by what is wrong."""
