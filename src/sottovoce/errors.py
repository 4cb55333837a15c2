"""The exception for errors that the caller can fix."""


class SottovoceError(Exception):
    """An error that the caller can fix, such as a damaged file or an invalid setting.

    The message is one line that names the file or setting, the problem and what to do. The command line prints it
    without a traceback and exits with status 2.

    Example:
        >>> from sottovoce.audio import read
        >>> try:
        ...     read("missing.wav")
        ... except SottovoceError as error:
        ...     print(error)
        missing.wav: no such file; check the name
    """


class NotProtectedError(SottovoceError):
    """A perturbation was found, but the file it gives does not protect from anybody it was made for."""
