"""Completion: what may be written where somebody types, the likeliest first.

In a name, those that its slot may hold. Elsewhere words and phrases that go on from what the line
says already; failing that those that hold what is typed anywhere, since people look for a phrase by
what they want (« étiquette ») and not by how it begins. Case, accents and spaces are set aside.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dsl.check.lexicon import FIELD, INTEREST, LIST, STEP
from dsl.diagnostics import Span
from dsl.language.construct import Mode, Role
from dsl.language.fr import headers
from dsl.language.fr.constructs import CONSTRUCTS, TOP, form
from dsl.language.fr.examples import A_DETAIL, A_LEAD, SOME_TIME
from dsl.language.fr.intentions import HEADER, INTENTIONS, POINTS, SETTLE, VALUE
from dsl.language.fr.outcomes import OUTCOMES
from dsl.phrases.pattern import Slot
from dsl.read.keywords import LINKS, leading, limit
from dsl.service.choices import (
    Choice,
    Insertion,
    Repertoire,
    end_of,
    fit,
    marked,
    statements,
    unmarked,
    within,
)
from dsl.service.condition_place import ConditionPlace
from dsl.service.letter_lines import LETTER_MODES, header_at, in_header, records
from dsl.service.names import OWNERS, SCOPED, NameTable, ProjectName
from dsl.service.occurrences import LEAD
from dsl.service.place import CursorPlace
from dsl.text.lexer import closer_of, keys_of
from relance.fold import fold, key_of
from relance.french import NBSP
from relance.phrase import Kind
from relance.slot import SlotType

#: What comes before the examples of a type of values.
_SHOWN: Final = re.compile(r"\s:\s")
#: As many as anybody reads.
MOST: Final = 60
#: As many as are found under what they are for.
MOST_GROUPED: Final = 200
_SHOWN_AT: Final = {intention: 10 * at for at, intention in enumerate(INTENTIONS)}
#: Right behind how people enter, in a campaign that says nothing of that yet.
_SHOWN_FIRST: Final = 5
#: What a name, a word of the structure are called among what is proposed.
NAME: Final = "nom"


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` may stand in place of `span`; `stops` are its stretches to be filled in."""

    label: str
    what: str
    span: Span
    text: str
    stops: tuple[tuple[int, int], ...] = ()
    help: str = ""
    example: str = ""
    detail: str = ""
    rank: tuple[int, ...] = ()
    #: What it is for, where nothing is typed yet: they are shown under it.
    intention: str = ""


class Completer:
    """What may be written at a place."""

    def __init__(
        self,
        place: CursorPlace,
        choices: Repertoire,
        names: NameTable,
        types: dict[str, SlotType],
        details: Sequence[str] = (),
        groups: Mapping[str, int] | None = None,
    ) -> None:
        """`details`: what events are known to say; `groups`: the exclusive groups, by name, with the
        first priority that nobody has there."""
        self._place, self._choices, self._names, self._types = place, choices, names, types
        self._details, self._groups = details, groups or {}
        self._asked = ConditionPlace(place, choices)

    def completions(self) -> tuple[Completion, ...]:
        """The likeliest, as many as are read."""
        place = self._place
        if place.silent:
            return ()
        found = list(self._held() if place.opened is not None else self._words())
        best: dict[tuple[str, str], Completion] = {}
        for one in sorted(found, key=self._order):
            best.setdefault((one.label, one.text), one)
        if not place.word:
            return tuple(list(best.values())[:MOST_GROUPED])
        return tuple(replace(one, intention="") for one in list(best.values())[:MOST])

    def _order(self, one: Completion) -> tuple[object, ...]:
        """The likeliest first; where nothing is typed, by what they are for."""
        place, label = self._place, key_of(one.label)
        if place.word or not one.intention:
            return one.rank[:2], 0, one.rank, label
        begins = one.intention == SETTLE and place.section is None and not place.begun
        return one.rank[:2], _SHOWN_FIRST if begins else _SHOWN_AT[one.intention], one.rank, label

    # --- Names and values -------------------------------------------------------------------

    def _held(self) -> Iterator[Completion]:
        """What the delimiter that is open may hold."""
        place = self._place
        assert place.opened is not None  # noqa: S101 — asked above
        typed = fold(place.word.strip())
        sign = place.opened.sign
        pad = NBSP if sign == "«" else ""
        closes = place.source[place.end : place.end + 1] == closer_of(sign)
        after = "" if closes else f"{pad}{closer_of(sign)}"
        start = place.start
        while start < place.offset and place.source[start].isspace():
            start += 1
        lead = "" if start > place.start or not pad else pad
        stop = place.end
        while closes and pad and stop > place.offset and place.source[stop - 1].isspace():
            stop -= 1
        for rank, (name, detail) in enumerate(self._values()):
            where = _where(fold(name), typed)
            if where is not None:
                text = f"{lead}{name}{after}"
                span = Span(min(start, stop), max(stop, start))
                yield Completion(name, NAME, span, text, detail=detail, rank=(where, rank))

    def _values(self) -> Iterator[tuple[str, str]]:
        """The names, or the values, that may stand there, and what each is."""
        place = self._place
        found = leading(place.lexemes)
        alone = found is not None and found[1] >= len(place.lexemes)
        if alone and found is not None:
            yield from self._after_keyword(found[0])
        if place.mode is Mode.SCENARIO:
            yield from self._in_scenario()
        if header_at(place) == headers.REENTRY:
            # What is being typed is read as one of them.
            typed = key_of(place.source[place.start : place.end])
            known = [one for one in self._details if key_of(one) != typed]
            yield from ((one, "") for one in known or (A_DETAIL,))
        seen: set[str] = set()
        for begin in _beginnings(place):
            for choice in self._possible(begin):
                for way in choice.ways:
                    got = fit(place.source, way, place.lexemes[begin:], "")
                    if got is None or not isinstance(got.following, Slot) or not got.passed:
                        continue
                    kind = (choice.kinds or {}).get(got.following.name, got.following.type)
                    if kind not in seen:
                        seen.add(kind)
                        yield from self._of_slot(kind)

    def _after_keyword(self, terminal: str) -> Iterator[tuple[str, str]]:
        if terminal == "GOTO":
            yield from self._named(STEP)
        elif terminal == "QUIT":
            yield from ((one, "") for one in OUTCOMES.values())
        elif terminal in ("LIST", "INTEREST"):
            kind = LIST if terminal == "LIST" else INTEREST
            yield from self._named(kind)

    def _in_scenario(self) -> Iterator[tuple[str, str]]:
        lexemes = self._place.lexemes
        if any(one.key == ":" for one in lexemes):
            if leading(lexemes, record=True) is not None:
                yield from self._named(FIELD)
            return
        yield from self._named(LEAD)

    def _of_slot(self, kind: str) -> Iterator[tuple[str, str]]:
        yield from self._named(key_of(kind))
        slot = self._types.get(kind)
        if slot is not None and not slot.reference:
            # « une durée : 3 jours, 2 h 30 »: the help of a type of values shows some.
            _, *examples = _SHOWN.split(slot.help, maxsplit=1)
            shown = ", ".join(examples).split(", ")
            yield from ((one.strip(), slot.help) for one in shown if one.strip())

    def _named(self, kind: str) -> Iterator[tuple[str, str]]:
        at = self._place.offset
        scope = self._place.scope
        for one in self._names.of(kind, scope):
            if kind in SCOPED and scope.startswith(OWNERS[kind]) and one.scope != scope:
                continue
            here = [place for place in one.places if not place.span.start <= at <= place.span.end]
            if here or one.offered:
                yield one.name, _detail(one)

    # --- Words and phrases --------------------------------------------------------------------

    def _words(self) -> Iterator[Completion]:
        place = self._place
        if place.mode in LETTER_MODES and place.blocks:
            yield from self._plain(records(place), place.lexemes)
            return
        header = header_at(place)
        if header is not None:
            yield from self._plain(in_header(header, self._names, self._groups), ())
            return
        fitting = False
        for rank, begin in enumerate(_beginnings(place)):
            for choice in self._possible(begin):
                for way in choice.ways:
                    got = fit(place.source, way, place.lexemes[begin:], place.word)
                    if got is None or (got.following is None and begin < len(place.lexemes)):
                        continue
                    fitting = True
                    yield self._made(
                        choice, begin, got.held, (0, rank, *self._closeness(choice, begin))
                    )
                    break
        yield from self._following()
        if place.word and not fitting:
            yield from self._holding()

    def _closeness(self, choice: Choice, begin: int) -> tuple[int, int]:
        """How near what is typed is to a choice as it is shown; words of the structure come first."""
        place = self._place
        start = place.lexemes[begin].start if begin < len(place.lexemes) else place.start
        typed = fold(place.source[start : place.offset].strip())
        return not fold(choice.label).startswith(typed), choice.phrase is not None

    def _holding(self) -> Iterator[Completion]:
        """Phrases that hold what is typed, wherever they do; then those whose help does."""
        place = self._place
        begin = _beginnings(place)[-1]
        words = [place.source[one.start : one.end] for one in place.lexemes[begin:] if one.key]
        typed = [fold(word) for word in (*words, place.word)]
        for choice in self._possible(begin):
            label = fold(choice.label)
            if all(_where(label, word) is not None for word in typed):
                yield self._made(choice, begin, {}, (2, 0))
            elif all(word in fold(choice.help) for word in typed) and len(place.word) > 2:
                yield self._made(choice, begin, {}, (3, 0))

    def _made(
        self, choice: Choice, begin: int, held: dict[str, str] | object, rank: tuple[int, ...]
    ) -> Completion:
        place = self._place
        start = place.lexemes[begin].start if begin < len(place.lexemes) else place.start
        texts = held if isinstance(held, dict) else {}
        insertion = self._choices.filled(choice, texts)
        if choice.terminal in CONSTRUCTS and CONSTRUCTS[choice.terminal].closes:
            insertion = self._closed(choice, insertion)
        elif choice.terminal == "LISTED":
            item = unmarked(f"{form('ITEM')} {marked('')}")
            listed = self._joined(insertion.text, (), f"\n{place.indent}  ", item)
            insertion = Insertion(*listed)
        return Completion(
            label=choice.label,
            what=choice.what,
            span=Span(start, place.end),
            text=insertion.text,
            stops=insertion.stops,
            help=choice.help,
            example=choice.example,
            detail=choice.plugin,
            rank=rank,
            intention=choice.intention,
        )

    def _closed(self, choice: Choice, insertion: Insertion) -> Insertion:
        """An opener with the « fin » of its block, when nothing else stands on its line."""
        place = self._place
        if place.source[place.end : place.line_end].strip():
            return insertion
        text, stops = insertion.text.rstrip(), insertion.stops
        if CONSTRUCTS[choice.terminal].bound == "ATMOST":
            text, stops = self._joined(text, stops, " ", unmarked(limit(marked(SOME_TIME))))
        branches = [one for one in within(choice.terminal) if CONSTRUCTS[one].role is Role.BRANCH]
        for one in branches[:1]:
            branch = unmarked(f"{form(one)} {marked('')}")
            text, stops = self._joined(text, stops, f"\n{place.indent}  ", branch)
        if not stops:
            text += " " if insertion.text.endswith(" ") else ""
            stops = ((len(text), len(text)),)
        return Insertion(f"{text}\n{place.indent}{end_of(choice.terminal)}", stops)

    @staticmethod
    def _joined(
        text: str, stops: tuple[tuple[int, int], ...], between: str, more: Insertion
    ) -> tuple[str, tuple[tuple[int, int], ...]]:
        shift = len(text) + len(between)
        moved = tuple((start + shift, end + shift) for start, end in more.stops)
        return text + between + more.text, (*stops, *moved)

    def _possible(self, begin: int) -> Iterable[Choice]:
        """What may begin at that lexeme of the line."""
        place, choices = self._place, self._choices
        found = leading(place.lexemes)
        rest = found[1] if found is not None else 0
        conditional = begin > 0 or (found is not None and rest == 0)
        if place.mode is Mode.SCENARIO and place.blocks:
            return self._scenario(begin)
        if place.mode is Mode.POINTS and place.blocks:
            return self._condition(begin) if begin else self._point()
        if conditional:
            return self._condition(begin)
        return [
            *(choices.words[one] for one in self._line_words()),
            *(choices.of_kinds(Kind.ACTIVITY, Kind.WAIT) if place.acts else ()),
            *(self._headers() if self._heads() else ()),
        ]

    def _heads(self) -> bool:
        place = self._place
        return place.blocks == ("CAMPAIGN",) and not place.begun and not place.ruled

    def _line_words(self) -> Iterator[str]:
        """The words a line may begin with."""
        place = self._place
        if not place.blocks:
            yield from (one for one in self._choices.words if one in TOP)
            return
        opener = place.blocks[-1]
        if place.ruled:
            yield from self._rules()
            return
        yield from filter(place.admits, ("END",))
        yield from filter(place.admits, within(opener))
        if place.blocks == ("CAMPAIGN",) and not place.begun:
            heads = (one for one in CONSTRUCTS.values() if opener in one.within and one.forms)
            yield from (one.terminal for one in heads if one.terminal not in TOP)
        yield from self._rules()
        if place.acts:
            yield from statements()

    def _rules(self) -> Iterator[str]:
        place = self._place
        if place.section is not None and not place.begun:
            rules = (one for one in CONSTRUCTS.values() if place.section in one.within)
            yield from (one.terminal for one in rules if place.follows(one.terminal))

    def _headers(self) -> Iterator[Choice]:
        for name in dict.fromkeys(headers.HEADERS.values()):
            text = f"{name}{NBSP}: "
            ways = (tuple(fold(name).split()),)
            yield Choice(name, HEADER, ways, Insertion(text), intention=SETTLE)

    def _condition(self, begin: int) -> list[Choice]:
        """What may be asked, or counted, at that lexeme of the line."""
        asked, choices = self._asked, self._choices
        bounds = [one for one in choices.pieces if asked.bounds(one, begin)]
        if bounds or not asked.asks:
            return bounds
        known = [*choices.of_kinds(Kind.EVENT, Kind.STATE), *choices.pieces, choices.words["NOT"]]
        return [one for one in known if asked.opens(one, begin)]

    def _following(self) -> Iterator[Completion]:
        """What may follow a condition: what narrows it, another one."""
        place, asked = self._place, self._asked
        begin = _beginnings(place)[-1]
        said = asked.last(begin) if begin < len(place.lexemes) else None
        if said is None:
            return
        pieces = [one for one in self._choices.pieces if asked.narrows(one, said)]
        links = [self._choices.words[one] for one in ("AND", "OR") if asked.links(said)]
        for choice in (*pieces, *links):
            for way in choice.ways:
                got = fit(place.source, way, place.lexemes[said.end :], place.word)
                if got is not None and got.following is not None:
                    yield self._made(choice, said.end, {}, (1, len(place.lexemes) - said.end))
                    break

    def _scenario(self, begin: int) -> list[Choice]:
        words = self._choices.words
        if any(one.key == ":" for one in self._place.lexemes[:begin]):
            if leading(self._place.lexemes, record=True) is not None:
                return list(self._given())
            return self._condition(begin)
        leads = self._names.of(LEAD)
        name = marked(leads[0].name if leads else A_LEAD)
        lead = unmarked(f"{form('LEAD')} ({name})\u00a0: {marked('courriel')} ()")
        verify = unmarked(f"{form('VERIFY')} ({name})\u00a0: ")
        later = unmarked(f"{marked('1 jour')} plus tard, ({name})\u00a0: ")
        return [
            replace(words["LEAD"], insertion=lead),
            replace(words["VERIFY"], insertion=verify),
            Choice(later.text.strip(), words["LEAD"].what, (), later),
            words["END"],
        ]

    def _given(self) -> Iterator[Choice]:
        """What a lead of a scenario is said to have: « courriel (aline@exemple.ca) »."""
        for one in self._names.of(FIELD):
            text = unmarked(f"{one.name} ({marked('')})")
            yield Choice(one.name, NAME, (tuple(keys_of(one.name)),), text)

    def _point(self) -> list[Choice]:
        text = unmarked(f"+{marked('5')} {form('WHEN')} ")
        point = Choice(text.text.strip(), POINTS, ((),), text)
        return [point, self._choices.words["END"]]

    def _plain(
        self, texts: Iterable[tuple[str, Insertion]], lexemes: Sequence[object]
    ) -> Iterator[Completion]:
        place = self._place
        start = place.start
        if not lexemes and (colon := _colon_end(place)) is not None:
            start = colon
        typed = fold(place.source[start : place.offset])
        for rank, (label, insertion) in enumerate(texts):
            where = _where(fold(label), typed)
            if where is not None:
                span = Span(start, max(place.end, start))
                yield Completion(
                    label, VALUE, span, insertion.text, insertion.stops, rank=(where, rank)
                )


def _beginnings(place: CursorPlace) -> list[int]:
    """Where in a line a phrase may begin, the first first."""
    found = leading(place.lexemes)
    rest = found[1] if found is not None else 0
    # Phrases begin with the words of keywords too: « Attendre pendant 3 jours ».
    starts = [rest, 0]
    not_ = fold(form("NOT"))
    for at, one in enumerate(place.lexemes):
        if (at + 1 > rest and (one.key in LINKS or one.key in ("[", ":", ",", not_))) or (
            place.mode is Mode.POINTS and one.key == fold(form("WHEN"))
        ):
            starts.append(at + 1)
    return sorted(set(starts))


def _colon_end(place: CursorPlace) -> int | None:
    """Where the value after the « : » of a line begins."""
    at = place.source.find(":", place.line_start, place.offset)
    if at < 0:
        return None
    at += 1
    while at < place.offset and place.source[at].isspace():
        at += 1
    return at


def _where(label: str, typed: str) -> int | None:
    """How well what is typed finds a label: its beginning, a word of it, anywhere; None if nowhere."""
    if label.startswith(typed):
        return 0
    if any(word.startswith(typed) for word in label.replace("’", " ").replace("(", " ").split()):
        return 1
    return 2 if typed in label else None


def _detail(named: ProjectName) -> str:
    """How often a name is used."""
    uses = len(named.places)
    return f"{uses} fois" if uses > 1 else ""
