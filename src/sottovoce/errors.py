"""The one exception for what a person can put right."""


class SottovoceError(Exception):
    """Something the person who called can fix.

    The message is one line: what is wrong, with which file or setting, and what to do. The command line prints it as it
    is and exits with status 2; nothing else is shown.
    """
