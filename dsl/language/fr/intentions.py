"""What may be written is for: under these it is shown where nothing is typed yet, and where a block is added;
and what each part that a construct plays is called beside its words."""

from typing import Final

from dsl.language.construct import Role
from relance.phrase import Kind

ENTER, DECIDE, WAIT, ACT, COURSE, CLOSE, SETTLE = (
    "Faire entrer et sortir",
    "Décider",
    "Attendre",
    "Agir",
    "Conduire le parcours",
    "Fermer ce bloc",
    "Régler la campagne",
)
HAPPENED, TRUE, TOGETHER, NARROW, LINK = (
    "Ce qui est arrivé",
    "Ce qui est vrai",
    "Plusieurs conditions",
    "Préciser",
    "Relier",
)
#: In the order in which they are shown.
INTENTIONS: Final = (
    *(ENTER, DECIDE, WAIT, ACT, COURSE, CLOSE, SETTLE),
    *(NARROW, LINK, TOGETHER, HAPPENED, TRUE),
)
#: A value of a line that is read to the letter; a line of the head; what gives points.
VALUE, HEADER, POINTS = "valeur", "en-tête", "points"
#: What a construct is called, and what it is for, where its row says nothing of that.
OF_ROLE: Final[dict[Role, tuple[str, str]]] = {
    Role.TOP: ("bloc", ""),
    Role.CLAUSE: (HEADER, SETTLE),
    Role.SECTION: ("section", ENTER),
    Role.RULE: ("règle", ENTER),
    Role.STATEMENT: ("parcours", COURSE),
    Role.PART: ("branche", DECIDE),
    Role.BRANCH: ("branche", WAIT),
    Role.ITEM: ("condition", TOGETHER),
    Role.END: ("fin de bloc", CLOSE),
    Role.RECORD: ("scénario", ""),
    Role.WORD: ("liaison", LINK),
}
OF_KIND: Final = {
    Kind.EVENT: HAPPENED,
    Kind.STATE: TRUE,
    Kind.ACTIVITY: ACT,
    Kind.WAIT: WAIT,
}
