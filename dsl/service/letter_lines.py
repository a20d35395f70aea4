"""What may be written where a line is read to the letter: the value of a header, a line of fields, of a
tracked link, of the house's policy."""

from collections.abc import Iterator, Mapping
from typing import Final

from dsl.field_types import TYPES
from dsl.language.construct import Mode
from dsl.language.fr import headers
from dsl.language.fr.constructs import form
from dsl.language.fr.examples import A_DETAIL, A_SMALL_PART, SOME_TIME
from dsl.language.fr.link_details import DETAILS_MEANT
from dsl.language.fr.policies import EXAMPLES
from dsl.service.choices import Insertion, marked, unmarked
from dsl.service.names import NameTable
from dsl.service.occurrences import OBJECTIVE
from dsl.service.place import CursorPlace
from relance.consent import Basis
from relance.fold import fold
from relance.french import NBSP, quoted
from relance.web_address import UTM

#: What may be written instead of nothing, and how it is inserted.
Texts = Iterator[tuple[str, Insertion]]
_CHOSEN: Final = {
    headers.FAMILY: headers.FAMILIES,
    headers.DOUBLE: (headers.IGNORE, headers.RESTART),
    headers.ORDER: (headers.AUDIENCE,),
    headers.CONSENT: tuple(one.label for one in reversed(Basis)),
}
#: What a group may be called, by who has none.
_A_GROUP: Final = "Ventes"
LETTER_MODES: Final = (Mode.FIELDS, Mode.LINK, Mode.POLICY)


def header_at(place: CursorPlace) -> str | None:
    """The header whose value is being typed."""
    if place.blocks != ("CAMPAIGN",) or place.begun:
        return None
    name, colon, _ = place.source[place.line_start : place.start].partition(":")
    return headers.HEADERS.get(fold(name)) if colon else None


def records(place: CursorPlace) -> Texts:
    """What a line of such a block may say."""
    before = place.source[place.line_start : place.start]
    if place.mode is Mode.FIELDS:
        if ":" in before:
            yield from ((one, Insertion(one)) for one in TYPES)
            return
    elif place.mode is Mode.LINK:
        if ":" in before:
            return
        names = dict.fromkeys((*UTM, *DETAILS_MEANT.values()))
        yield from ((one, Insertion(f"{one}{NBSP}: ")) for one in names)
    elif not before.strip():
        yield from ((one, Insertion(one)) for one in EXAMPLES)
    if not before.strip():
        yield form("END"), Insertion(form("END"))


def in_header(name: str, names: NameTable, groups: Mapping[str, int]) -> Texts:
    """The values of a header; `groups`: those of the project, with the first priority nobody has."""
    if name == headers.ZONE:
        yield from ((one, Insertion(one)) for one in headers.zones())
    elif name == headers.REENTRY:
        yield headers.NEVER, Insertion(headers.NEVER)
        yield headers.AFTER_EXIT, Insertion(headers.AFTER_EXIT)
        yield _filled(headers.after_a_while(marked(SOME_TIME)))
        yield _filled(headers.for_each(marked(A_DETAIL)))
    elif name == headers.HOLDOUT:
        yield _filled(marked(A_SMALL_PART))
    elif name == headers.PERIOD:
        yield _filled(headers.from_to(marked("2026-12-01"), marked("2026-12-31")))
    elif name == headers.GROUP:
        for one, priority in groups.items():
            yield _filled(f"{quoted(one)}, priorité {marked(str(priority))}")
        if _A_GROUP not in groups:
            yield _filled(f"{quoted(marked(_A_GROUP))}, priorité {marked('1')}")
    elif name == headers.OBJECTIVE:
        for named in names.of(OBJECTIVE):
            yield named.name, Insertion(quoted(named.name))
        yield _filled(marked(headers.EXAMPLES[name]))
    elif name in _CHOSEN:
        yield from ((one, Insertion(one)) for one in _CHOSEN[name])
    elif name == headers.FORMER:
        yield _filled(quoted(marked(headers.EXAMPLES[name].strip("«»\u00a0"))))
    else:
        yield _filled(marked(headers.EXAMPLES[name]))


def _filled(text: str) -> tuple[str, Insertion]:
    """An example, its stretches to be filled in."""
    insertion = unmarked(text)
    return insertion.text, insertion
