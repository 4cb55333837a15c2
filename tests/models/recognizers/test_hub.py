"""What somebody without the package, the model or the network is told."""

import socket
import sys
from pathlib import Path

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers import Wav2Vec2, Whisper

RECOGNIZERS = pytest.mark.parametrize("recognizer", [Whisper, Wav2Vec2])


def one_line(error: pytest.ExceptionInfo[SottovoceError]) -> str:
    message = str(error.value)
    assert message.strip() and "\n" not in message
    return message


@RECOGNIZERS
def test_without_transformers_says_what_to_install(
    recognizer: type[Whisper | Wav2Vec2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SottovoceError) as error:
        recognizer("somebody/some-model")
    assert "sottovoce[hub]" in one_line(error)


@RECOGNIZERS
def test_asks_nobody_unless_told_to(recognizer: type[Whisper | Wav2Vec2], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transformers")
    asked: list[object] = []

    def nobody(host: object, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(SottovoceError) as error:
        recognizer("somebody/some-model-that-is-nowhere")
    assert "download=True" in one_line(error) and "somebody/some-model-that-is-nowhere" in one_line(error)
    assert not asked


@RECOGNIZERS
@pytest.mark.parametrize("content", [None, "{", '{"architectures": null}'])
def test_a_damaged_folder(recognizer: type[Whisper | Wav2Vec2], content: str | None, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(SottovoceError) as error:
        recognizer(str(tmp_path))
    assert str(tmp_path) in one_line(error)
