"""The head of a campaign in French: the names of its lines, and what their values say."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import available_timezones

from relance.fold import fold
from relance.french import quoted

(
    DESCRIPTION,
    FAMILY,
    PERIOD,
    ZONE,
    GROUP,
    REENTRY,
    DOUBLE,
    ORDER,
    HOLDOUT,
    CONSENT,
    OBJECTIVE,
    FORMER,
) = (
    "description",
    "famille",
    "période",
    "fuseau",
    "groupe exclusif",
    "réentrée",
    "en cas de doublon",
    "ordre",
    "témoin",
    "consentement",
    "objectif chiffré",
    "anciennement",
)
_ALL = (
    *(DESCRIPTION, FAMILY, PERIOD, ZONE, GROUP, REENTRY, DOUBLE, ORDER),
    *(HOLDOUT, CONSENT, OBJECTIVE, FORMER),
)
#: What people write for one of them: « objectif : « Mille contacts » ».
_MEANT = {
    "objectif": OBJECTIVE,
    "temoins": HOLDOUT,
    "groupe temoin": HOLDOUT,
    "doublon": DOUBLE,
    "en cas de doublons": DOUBLE,
}
#: Folded name of a header line → its canonical name.
HEADERS: Final = {fold(name): name for name in _ALL} | _MEANT
#: Canonical name of a header line → what may be written after it, for who has written nothing yet.
EXAMPLES: Final = {
    DESCRIPTION: "répondre vite à qui demande un prix",
    FAMILY: "prospects",
    PERIOD: "du 2026-12-01 au 2026-12-31",
    ZONE: "America/Montreal",
    GROUP: "«\u00a0Ventes\u00a0», priorité 1",
    REENTRY: "après 30 jours",
    DOUBLE: "ignorer",
    ORDER: "Audience",
    HOLDOUT: "10\u00a0%",
    CONSENT: "exprès",
    OBJECTIVE: "augmenter le panier moyen de 10\u00a0%",
    FORMER: "«\u00a0Demande de prix\u00a0»",
}
#: Whom campaigns are for, and on what occasion: a campaign is of one of these families.
FAMILIES: Final = (
    "prospects",
    "nouveaux clients",
    "clients fidèles",
    "clients inactifs",
    "anniversaire",
    "événement",
    "avis",
)
NEVER, AFTER_EXIT = "jamais", "après sortie"
#: What becomes of who is asked in while inside.
IGNORE, RESTART = "ignorer", "recommencer"
#: Whose order a campaign follows.
AUDIENCE = "Audience"
#: Who gets nothing, and who gets what the campaign says.
COMPARED = (HOLDOUT, "campagne")

_BOTH = re.compile(r"^\s*du\s+(.+?)\s+au\s+(.+)$", re.IGNORECASE | re.DOTALL)
_BOTH_ALSO = re.compile(r"^\s*du\s+(.+?)\s+à\s+(.+)$", re.IGNORECASE | re.DOTALL)
_AT_TIME = re.compile(r"^(.+?)\s+[àa]\s+(\d.*|midi|minuit)$", re.IGNORECASE | re.DOTALL)
_FROM = re.compile(r"^\s*(?:à partir du|a partir du|à compter du|dès le|depuis le)\s+(.+)$", re.I)
_UNTIL = re.compile(r"^\s*jusqu.?au\s+(.+)$", re.IGNORECASE)
_AFTER = re.compile(r"^\s*apr[eè]s\s+(.+)$", re.IGNORECASE)
_BY_VALUE = re.compile(r"^\s*(?:une fois\s+)?par\s+(.+)$", re.IGNORECASE)
_RANKED = re.compile(r"^(.*?)[\s,;]*\bpriorit\S*\s*:?\s*(.*)$", re.IGNORECASE | re.DOTALL)
_EXIT = frozenset({"sortie", "la sortie", "une sortie", "sa sortie"})
_NONE = frozenset({"aucune", "aucun", "rien", "jamais", "personne"})
_BETWEEN_NAMES = re.compile(r"""\s*[»"”)]?\s*(?:,|\bet\b)\s*[«"“(]\s*""")
QUOTES = ' \t\u00a0\u202f«»"“”'


def period(text: str) -> tuple[str | None, str | None] | None:
    """The first and last days of « du … au … », « à partir du … », « jusqu’au … », as written."""
    # « au » first: what follows an « à » may be the time of a day.
    if both := _BOTH.match(text) or _BOTH_ALSO.match(text):
        return both[1], both[2]
    if first := _FROM.match(text):
        return first[1], None
    if last := _UNTIL.match(text):
        return None, last[1]
    return None


def day_and_time(text: str) -> tuple[str, str | None]:
    """« 27 novembre 2026 » and « 23 h 59 », of « 27 novembre 2026 à 23 h 59 », as written."""
    found = _AT_TIME.match(text.strip())
    return (found[1], found[2]) if found else (text, None)


def from_to(first: str, last: str) -> str:
    """« du 1er décembre 2026 au 31 décembre 2026 »."""
    return f"du {first} au {last}"


def after(text: str) -> str | None:
    """« 30 jours », in « après 30 jours »."""
    found = _AFTER.match(text)
    return found[1] if found else None


def by_value(text: str) -> str | None:
    """« numéro de commande », in « par (numéro de commande) »."""
    found = _BY_VALUE.match(text)
    return found[1].strip(QUOTES + "()") if found else None


def for_each(name: str) -> str:
    """« par (numéro de commande) »."""
    return f"par ({name})"


def after_a_while(duration: str) -> str:
    """« après 30 jours »."""
    return f"après {duration}"


def zones() -> Sequence[str]:
    """The names of time zones that a campaign may give, the places of the world alone."""
    return [one for one in sorted(available_timezones()) if "/" in one and "Etc/" not in one]


def group(text: str) -> tuple[str, str]:
    """The name and the priority of « « Ventes », priorité 2 », as written; empty where left out."""
    found = _RANKED.match(text)
    name, priority = (found[1], found[2]) if found else (text, "")
    return name.strip(QUOTES), priority.strip()


def priority_place(text: str) -> tuple[int, int] | None:
    """Where the priority of a group is written in such words; None where it is not."""
    found = _RANKED.match(text)
    written = found[2].rstrip() if found else ""
    return (found.start(2), found.start(2) + len(written)) if found and written else None


def in_group(name: str, priority: int) -> str:
    """« groupe exclusif : « Ventes », priorité 2 »."""
    return f"{GROUP} : {quoted(name)}, priorité {priority}"


def is_exit(text: str) -> bool:
    """Whether « après » such words is after an exit."""
    return fold(text) in _EXIT


def is_none(text: str) -> bool:
    """Whether a line says that there is none of what it gives."""
    return fold(text) in _NONE


def names(text: str) -> Iterator[tuple[int, str]]:
    """The names of « « A », « B » et « C » », each with where it begins."""
    start = 0
    cuts = [one.span() for one in _BETWEEN_NAMES.finditer(text)]
    for end, following in (*cuts, (len(text), len(text))):
        part = text[start:end]
        name = part.strip(QUOTES)
        if name:
            yield start + part.index(name), name
        start = following
