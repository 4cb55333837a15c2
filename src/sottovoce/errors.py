"""The exception for errors that the caller can fix, and any error in one line."""

from pathlib import Path


class SottovoceError(Exception):
    """An error that the caller can fix, such as a damaged file or an invalid setting.

    The message is one line that names the file or setting, the problem and what to do. The command line prints it
    without a traceback and exits with status 2. What a damaged file puts into it cannot steer a terminal: characters
    that do not print are escaped.

    Example:
        >>> from sottovoce.audio import read
        >>> try:
        ...     read("missing.wav")
        ... except SottovoceError as error:
        ...     print(error)
        missing.wav: no such file; check the name
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


class NotProtectedError(SottovoceError):
    """A perturbation was found, but the file it gives does not protect from anybody it was made for."""


def printable(text: str) -> str:
    """A text in one line, its characters that do not print as escapes.

    Example:
        >>> print(printable("pa\\nth\\x1b[2J"))
        pa\\nth\\x1b[2J
    """
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def explained(error: Exception, source: Path | None = None, *, more: str = "--debug shows where") -> str:
    """An error in one line.

    Args:
        error: any error.
        source: the file at which it occurred; a `SottovoceError` names it itself.
        more: how to learn more of an error that was not foreseen.
    """
    if isinstance(error, SottovoceError):
        return str(error)
    where = "" if source is None else f"{source}: "
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's is for the GPU
        return f"{where}out of memory; use a shorter recording, or another machine"
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f" ({error.filename})"
        return f"{where}{error.strerror}{place}; {more}"
    reason = printable(" ".join(str(error).split()))
    return f"{where}unexpected {type(error).__name__}{reason and ': '}{reason.rstrip('.')}; {more}"
