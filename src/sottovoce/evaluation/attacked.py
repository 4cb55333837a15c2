"""Who was attacked: listeners by name, and whatever contains one of them."""

from collections.abc import Collection


def is_attacked(name: str, attacked: Collection[str]) -> bool:
    """Whether a listener or channel, or any link of a chain `a+b`, is or is part of something that was attacked.

    Args:
        name: of a listener or channel.
        attacked: names of the listeners on which the perturbation was made. Who attacks a chain attacks its links.

    Example:
        >>> is_attacked("nsnet2+whisper-base", ["whisper-tiny.en", "nsnet2"]), is_attacked("nsnet2", ["nsnet2+dtln"])
        (True, True)
        >>> is_attacked("whisper-base", ["whisper-tiny.en", "nsnet2"])
        False
    """
    return not _links(name).isdisjoint(link for each in attacked for link in _links(each))


def mark(name: str, attacked: Collection[str]) -> str:
    """What stands after a name in tables and pictures.

    Example:
        >>> mark("dtln", ["dtln"]), mark("dtln", [])
        (' (attacked)', '')
    """
    return " (attacked)" if is_attacked(name, attacked) else ""


def _links(name: str) -> set[str]:
    return set(filter(None, name.split("+")))
