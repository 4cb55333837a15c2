"""Who judges what a protection is worth: the usual listeners, those it attacked, and those left out of its search."""

from dataclasses import replace

from sottovoce.evaluation.panel import TO_VOICES, Panel
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words
from sottovoce.protections.words_and_voice import WordsAndVoice


def judges(protection: Words | Voice | WordsAndVoice) -> tuple[Panel, list[str]]:
    """The judges of a protection; friends, who should understand, are no judges of it.

    Args:
        protection: whose files are to be judged.

    Returns:
        The panel, and the names of those attacked, by whatever name they listen.
    """
    own = {name: each for name, each in protection.everybody.items() if Panel.can_join(each)}
    panel = Panel.around(own, str(protection.device), usual=TO_VOICES if isinstance(protection, Voice) else None)
    if not isinstance(protection, Voice):
        words = protection if isinstance(protection, Words) else protection.words
        friends = panel.same_as(words.friends.values())
        panel = replace(panel, recognisers={n: each for n, each in panel.recognisers.items() if n not in friends})
    aliases = panel.same_as(protection.listeners.values())
    return panel, list(dict.fromkeys([*protection.listeners, *aliases]))
