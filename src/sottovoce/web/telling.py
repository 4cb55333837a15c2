"""What the library says, in the page's words: its labels instead of paths, its controls instead of options."""

import re
import sys
import traceback
from collections.abc import Iterable

from sottovoce.errors import SottovoceError, explained
from sottovoce.web.sessions import Session

_IN_THE_PAGES_WORDS = {
    "a higher --strength": "more strength",
    "more --effort": "more effort",
    "a lower --snr": "more strength",
    "--survival measures them": "tick “after codecs” to measure them",
    "with --text": "under “Compare two files”",
    "another recogniser with --listeners": "choose another recogniser there",
    "give choose": "choose",
    "--text: ": "the words that are said: ",
    " (sottovoce keygen)": "",
}


def told(error: Exception, session: Session) -> str:
    """An error in one line; the terminal shows where one occurred that was not foreseen."""
    if not isinstance(error, SottovoceError):
        traceback.print_exception(error, file=sys.stderr)
    return in_page_words(without_paths(explained(error, more="the terminal shows where"), session))


def without_paths(text: str, session: Session) -> str:
    """Labels instead of the places of uploads, and bare names instead of paths to what was made."""
    for upload in session.known():
        text = text.replace(str(upload.path), upload.label)
    return re.sub(rf"{re.escape(str(session.folder))}/(?:[^/\s]+/)*", "", text)


def in_page_words(text: str) -> str:
    """The page's controls instead of the options of the command line.

    Example:
        >>> in_page_words("whisper writes the same as before; try a higher --strength or more --effort")
        'whisper writes the same as before; try more strength or more effort'
    """
    for old, new in _IN_THE_PAGES_WORDS.items():
        text = text.replace(old, new)
    return text


def sentence(text: str) -> str:
    """A clause as a sentence; names, of files and listeners, keep their small letters.

    Example:
        >>> sentence("restored, identical to the byte"), sentence("a-b.wav: damaged")
        ('Restored, identical to the byte.', 'a-b.wav: damaged.')
    """
    first = text.partition(" ")[0].rstrip(",:;.")
    return (text[:1].upper() if first.isalpha() else text[:1]) + text[1:].rstrip(".") + "."


def sentences(clauses: Iterable[str]) -> list[str]:
    """Clauses as sentences, in the page's words, each once."""
    return list(dict.fromkeys(sentence(in_page_words(clause)) for clause in clauses))
