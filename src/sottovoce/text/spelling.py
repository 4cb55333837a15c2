"""The spelling in which texts are compared."""

import re

_NOT_A_WORD = re.compile(r"[^\w']+|_")


def plain(text: str) -> str:
    """The words of a text in the spelling shared by all recognisers.

    Upper case, single spaces, no punctuation except apostrophes.

    Example:
        >>> plain("Don't stop, she said.")
        "DON'T STOP SHE SAID"
    """
    words = _NOT_A_WORD.sub(" ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).upper().split()
    return " ".join(word for word in words if word.strip("'"))
