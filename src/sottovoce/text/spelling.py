"""Texts in the spelling that all recognisers share."""

import re

_NOT_A_WORD = re.compile(r"[^\w']+|_")


def plain(text: str) -> str:
    """The words of a text in the spelling that all recognisers share.

    Upper case, one space between words, no punctuation but the apostrophe.
    """
    words = _NOT_A_WORD.sub(" ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).upper().split()
    return " ".join(word for word in words if word.strip("'"))
