"""The spelling in which texts are compared."""

import re

_THOUSANDS = re.compile(r"(?<=\d),(?=\d)")
_OF_A_NUMBER = r"(?<=\d)\.(?=\d)|[$€£¢](?=\d)|(?<=\d)%"
_NOT_A_WORD = re.compile(rf"(?:(?!{_OF_A_NUMBER})[^\w'])+|_")


def plain(text: str) -> str:
    """The words of a text in the spelling shared by all recognisers.

    Upper case, single spaces, no punctuation except apostrophes and what belongs to a number.

    Example:
        >>> plain("Don't stop, she said.")
        "DON'T STOP SHE SAID"
        >>> plain("That's $1,000.50, or 2.5%.")
        "THAT'S $1000.50 OR 2.5%"
    """
    text = _THOUSANDS.sub("", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    words = _NOT_A_WORD.sub(" ", text.upper()).split()  # capitals may come with marks of their own
    return " ".join(word for word in words if word.strip("'"))
