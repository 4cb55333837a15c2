"""What the page says: plain, without paths and options of the command line, and with every doubt."""

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Likeness
from sottovoce.protections.against_understanding import Misheard, Transcripts
from sottovoce.protections.voice import Hidden
from sottovoce.protections.words_and_voice import Both
from sottovoce.web.telling import in_page_words, sentences, told


def heard(cosine: float) -> list[Likeness]:
    return [Likeness(judge="x", cosine=cosine, threshold=0.5, stretches=1, recognised=int(cosine > 0.5))]


def wrote(after: str) -> Transcripts:
    return Transcripts(before=["we will meet there"], after=[after], problem=[None])


def misheard(**after: str) -> Misheard:
    return Misheard(
        attacked={}, kept={}, unseen={name: wrote(text) for name, text in after.items()}, views=["channel 1"]
    )


def hidden(attacked: dict[str, float], asked: dict[str, float], voiced: bool = True) -> Hidden:
    one, other = ({name: heard(cosine) for name, cosine in each.items()} for each in (attacked, asked))
    return Hidden(attacked=one, unseen={}, asked=other, voiced=[voiced], views=["channel 1"])


def test_errors_name_files_as_the_person_does(session, arrived, capsys) -> None:
    upload = session.recording(arrived())
    made = session.new_folder() / "protected-1.wav"
    error = SottovoceError(f"{upload.path}: not protected; {made}: try a higher --strength or more --effort")
    assert told(error, session) == "interview.wav: not protected; protected-1.wav: try more strength or more effort"
    assert not capsys.readouterr().err
    assert told(ValueError("odd"), session) == "unexpected ValueError: odd; the terminal shows where"
    assert "ValueError: odd" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "codecs, filters, noise, playback in a room; --survival measures them.",
        "No verdict on the words: silent; give the true words with --text, or another recogniser with --listeners.",
        "nobody here understands the original; give another recogniser with --listeners",
        "--text: holds no words; give what is said in the recording",
        "use more bits, another attack, or a lower --snr",
    ],
)
def test_no_option_of_the_command_line_is_left(line) -> None:
    assert "--" not in in_page_words(line) and in_page_words(line) != line


def test_a_note_that_holds_for_every_channel_is_said_once() -> None:
    assert sentences(["one", "two.", "one"]) == ["One.", "Two."]


def test_whoever_still_gets_the_words_or_the_voice_is_named() -> None:
    assert not misheard(reader="or else fell here").doubts() and not hidden({"halves": 0.1}, {}).doubts()
    assert misheard(reader="we will meet there").doubts() == [
        "not protected: reader still understands most of what is said; try more strength or more effort"
    ]
    weak = hidden({"halves": 0.1}, {"thirds": 0.9, "fourths": 0.8})
    assert weak.doubts() == [
        "only partly protected: thirds and fourths still recognise the voice; try more strength or more effort"
    ]
    assert hidden({}, {"halves": 0.9}, voiced=False).doubts()[0].startswith("no voice was found")
    assert len(Both(words=misheard(reader="we will meet there"), voice=weak).doubts()) == 2
