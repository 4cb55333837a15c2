"""The recordings that are chosen on the page, the bad ones told and left out."""

from collections.abc import Sequence

from sottovoce.errors import SottovoceError
from sottovoce.web.sessions import Session
from sottovoce.web.telling import told
from sottovoce.web.uploads import Upload, check_count


def recordings(session: Session, given: Sequence[str]) -> tuple[list[Upload], list[str]]:
    """What can be worked with, and what to tell of the rest.

    Args:
        session: of the page.
        given: where the server has put the files.
    """
    try:
        check_count(len(given))
    except SottovoceError as error:
        return [], [told(error, session)]
    found, wrong = list[Upload](), list[str]()
    for path in given:
        try:
            found.append(session.recording(path))
        except Exception as error:  # the others can go on
            wrong.append(told(error, session))
    return found, wrong
