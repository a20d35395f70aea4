"""The words that operators and the law have every SMS program know, in both languages.

They count alone in the message, whatever the case, the accents, the spaces and the punctuation:
« Stop! » leaves, « stop by tomorrow » is an answer like any other.
"""

import re
from enum import Enum

from relance.fold import fold


class KeywordKind(Enum):
    """What a word asks for."""

    LEAVE = "leave"
    HELP = "help"
    RETURN = "return"


_FRENCH, _ENGLISH = "fr", "en"
WORDS = {
    **dict.fromkeys(
        ("arret", "arreter", "arretez", "desabonner", "desabonnement"), (KeywordKind.LEAVE, _FRENCH)
    ),
    **dict.fromkeys(
        ("stop", "stopall", "unsubscribe", "cancel", "end", "quit"), (KeywordKind.LEAVE, _ENGLISH)
    ),
    **dict.fromkeys(("start", "unstop"), (KeywordKind.RETURN, _ENGLISH)),
    "aide": (KeywordKind.HELP, _FRENCH),
    "help": (KeywordKind.HELP, _ENGLISH),
    "info": (KeywordKind.HELP, _ENGLISH),
}
_LETTERS = re.compile(r"[^a-z0-9]+")


def asked(text: str) -> tuple[KeywordKind, str] | None:
    """What a message asks for, and the language it asks in; None for any other message."""
    if len(text) > 60:
        return None
    return WORDS.get(_LETTERS.sub("", fold(text)))


_LEFT = {
    "fr": "C'est fait : vous ne recevrez plus nos textos.",
    "en": "You are unsubscribed and will receive no more texts from us.",
}
_BACK = {
    "fr": "C'est fait : vous recevrez de nouveau nos textos. ARRET pour cesser.",
    "en": "You will receive our texts again. Reply STOP to end.",
}
_HELP = {
    "fr": "Repondez ARRET pour ne plus recevoir nos textos.",
    "en": "Reply STOP to receive no more texts from us.",
}


def answer(wish: KeywordKind, language: str, help_text: str = "") -> str:
    """What is answered; `help_text` is what the operator says of the sender."""
    if wish is KeywordKind.LEAVE:
        return _LEFT[language]
    if wish is KeywordKind.RETURN:
        return _BACK[language]
    return f"{help_text} {_HELP[language]}".strip()
