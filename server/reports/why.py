"""Why a lead is in a campaign, or received a message of it, or why not: one question, one answer.

It is made of what `relance explain` tells: the ledger, the journal's proofs, what entries ask.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dsl.program import Act, Await, Decide, Pause, Program, Split, Statement
from relance.french import quoted
from relance.values import Duration
from server.engine.moves import Move
from server.reports import french, words
from server.reports.entrance import gates_of
from server.reports.forecast import Coming, next_places, sends_of
from server.reports.hours import hour_of
from server.reports.leaves import LeafLine
from server.reports.ledger import Ledger
from server.reports.moves import line_of, move_details, move_reason
from server.reports.position import position
from server.reports.timeline import hold_lines
from server.reports.verdict import Askable, WithinStay, verify
from server.store.instants import Micros, from_micros, to_micros

#: A message, as programs name it: its channel, its name.
Message = tuple[str, str]
_LEFT = frozenset({"sent", "sending", "gathered"})


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One of the things asked. `holds` None: it is waited for; `notes`: what was found, in words."""

    holds: bool | None
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """What is asked together, under what says so. `against`: what is true of it keeps out."""

    head: str
    lines: Sequence[ReasonLine]
    against: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`short`: « Oui. »; `text`: the sentence after it; `then`: what follows if nothing changes."""

    short: str
    text: str
    groups: Sequence[ReasonGroup] = ()
    then: str = ""
    #: Why nothing moves in that campaign, if nothing does.
    rest: str = ""
    #: Until when it waits for the hour, and why, if it does.
    hour: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked about, and when. `program`: the one that runs now, of that campaign."""

    store: Askable
    ledger: Ledger
    lead: int
    campaign: int
    program: Program
    now: datetime
    zone: ZoneInfo
    coming: Mapping[int, Sequence[Coming]] = field(default_factory=dict)

    async def answer(self, message: Message | None) -> Answer:
        """About a message of it; about being in it, for None."""
        found = await self._found(message)
        known = self.ledger.states.get(self.campaign)
        rest = (known.rest(self.zone) if known is not None else None) or ""
        then = found.then if not rest else ""
        return Answer(found.short, found.text, found.groups, then, rest, self._hour(message))

    def _hour(self, message: Message | None) -> str:
        """That it waits for the hour, where it may still enter or move; not of what has left."""
        if message is not None and self._sent(message) is not None:
            return ""
        stay = self._stay()
        inside = stay is not None and stay.active
        if stay is not None and not inside and not self.ledger.kept.get(self.campaign):
            return ""
        program = self.ledger.programs[stay.version_id] if inside else self.program
        return hour_of(self.ledger, self.campaign, program, self.now, self.zone)

    def _stay(self) -> Any:
        """The one that is asked about: that it is in, else the last; None when it never entered."""
        stays = [one for one in self.ledger.enrolments if one.campaign_id == self.campaign]
        return max(stays, key=lambda one: (one.active, one.entered_at), default=None)

    async def _found(self, message: Message | None) -> Answer:
        if message is not None and (sent := self._sent(message)) is not None:
            return self._of_message(sent)
        stay = self._stay()
        if stay is None:
            return await self._outside(message)
        if not stay.active:
            return self._gone(stay, message)
        if message is None:
            return await self._inside(stay)
        return await self._not_yet(stay, message)

    # A message that left, or was to.

    def _sent(self, message: Message) -> Any:
        rows = [
            row
            for row in self.ledger.messages
            if row.campaign_id == self.campaign and (row.channel, row.message) == message
        ]
        return max(rows, key=lambda row: row.created_at, default=None)

    def _of_message(self, row: Any) -> Answer:
        said = self.ledger.glossary.message(row.channel, row.message, row.recipient, row.state)
        why = f" ({row.reason})" if row.reason else ""
        if row.settled_at is not None:
            when = f", le {self._when(row.settled_at)}."
        else:
            due = f", prévu le {self._when(row.due_at)}" if row.due_at is not None else ""
            when = f". Décidé le {self._when(row.created_at)}{due}."
        short = "Oui." if row.state in _LEFT else "Pas encore." if row.due_at else "Non."
        move = self._move(row.entry, lambda one: one.move == row.move)
        groups = list(self._decided(row.entry, row.move))
        if holds := tuple(hold_lines(row.holds, self.zone)):
            lines = [ReasonLine(None, line) for line in holds]
            groups.append(ReasonGroup("La politique d’envoi l’a retenu :", lines))
        reason = move_reason(self.ledger, move, self.zone) if move is not None else ""
        because = f" Parce que : {reason}." if reason else ""
        return Answer(short, f"{said}{why}{when}{because}", groups)

    def _decided(self, entry: int, before: int) -> Sequence[ReasonGroup]:
        """What the last choice before a move was made on."""
        for one in reversed(self.ledger.moves):
            mine = one.campaign_id == self.campaign and one.entry == entry and one.move <= before
            if mine and (found := move_details(self.ledger, one, self.zone)):
                line = line_of(self.ledger, one)
                where = f"À la ligne {line}" if line else "À l’entrée"
                return [ReasonGroup(f"{where}, le {self._when(one.at)} :", _lines(found))]
        return ()

    # Inside, no more, or never.

    async def _inside(self, stay: Any) -> Answer:
        move = self._move(stay.entry, lambda one: one.kind == Move.ENTERED)
        reason = move_reason(self.ledger, move, self.zone) if move is not None else ""
        found = move_details(self.ledger, move, self.zone) if move is not None else []
        because = f", parce que : {reason}" if reason else ""
        text = f"Entré le {self._when(stay.entered_at)}{because}. {self._position(stay)}"
        groups = [ReasonGroup("L’entrée demandait :", _lines(found))] if found else []
        groups += await self._awaited(stay)
        return Answer("Oui.", text, groups, self._then(stay))

    def _gone(self, stay: Any, message: Message | None) -> Answer:
        text = self._position(stay)
        if message is not None:
            text += " Il est sorti sans être passé par là."
        move = self._move(stay.entry, lambda one: one.kind == Move.LEFT)
        found = move_details(self.ledger, move, self.zone) if move is not None else []
        groups = [ReasonGroup("À la sortie :", _lines(found))] if found else []
        return Answer("Non." if message is not None else "Plus maintenant.", text, groups)

    async def _outside(self, message: Message | None) -> Answer:
        refused = [one for one in self.ledger.refusals if one.campaign_id == self.campaign]
        text = "Aucune entrée dans cette campagne."
        if refused:
            last = max(refused, key=lambda one: one.at)
            other = self.ledger.holding.get(last.held_by)
            why = (
                words.refusal(last.reason, self.program.reentry_property)
                if other is None
                else words.held_by(other)
            )
            text = f"L’entrée lui a été refusée le {self._when(last.at)} : {why}."
        gates = await gates_of(
            self.store, self.program.name, self.lead, self.now, self.zone, {}, self.ledger.glossary
        )  # fmt: skip
        groups = [
            ReasonGroup(
                f"Ce qui l’écarterait : {gate.text}" if gate.bars else f"Pour entrer : {gate.text}",
                _lines(gate.found),
                gate.bars,
            )
            for gate in gates
        ]
        return Answer("Non.", text, groups)

    # Inside, and the message is not sent.

    async def _not_yet(self, stay: Any, message: Message) -> Answer:
        program = self.ledger.programs[stay.version_id]
        way = _way(program, stay.statement, message)
        name = self._named(message)
        if way is None:
            text = f"{self._position(stay)} De là, plus rien ne mène à {name}."
            return Answer("Non.", text, self._decided(stay.entry, stay.moves), self._then(stay))
        lines = [
            line
            for at, then in way
            for line in await self._asked(program.statements[at], then, stay, at)
        ]
        head = f"Pour que {name} parte, tout ceci doit être vrai :"
        groups = [ReasonGroup(head, lines)] if lines else []
        return Answer("Pas encore.", self._position(stay), groups, self._then(stay, message))

    async def _awaited(self, stay: Any) -> Sequence[ReasonGroup]:
        """Each thing that is waited for, and what is so of it now."""
        program = self.ledger.programs[stay.version_id]
        here = stay.statement
        statement = program.statements[here] if 0 <= here < len(program.statements) else None
        if not isinstance(statement, Await):
            return ()
        lines = []
        for branch in statement.branches:
            said = self.ledger.glossary.said(branch.place.said)
            lines.append(await self._verified(said, branch.condition, stay, waited=True))
        return [ReasonGroup("Il attend l’une de ces choses :", lines)]

    async def _asked(
        self, statement: Statement, then: int, stay: Any, at: int
    ) -> Sequence[ReasonLine]:
        """What a statement asks for the way to go on to `then`."""
        said = self.ledger.glossary.said(statement.place.said)
        here = at == stay.statement
        match statement:
            case Await():
                for branch in statement.branches:
                    if branch.next == then:
                        text = self.ledger.glossary.said(branch.place.said)
                        return [
                            await self._verified(text, branch.condition, stay, waited=True)
                            if here
                            else ReasonLine(None, text, ("à venir",))
                        ]
                left = self._left(stay.deadline) if here else "à venir"
                return [ReasonLine(None, f"passé ce délai : {said}", (left,))]
            case Pause():
                left = self._left(stay.wake_at) if here else "à venir"
                return [ReasonLine(None, said, (left,))]
            case Decide():
                found = await self._verified(said, statement.condition, stay)
                if then == statement.yes:
                    return [found]
                text = f"le contraire de : {found.text}"
                return [ReasonLine(not found.holds, text, found.notes)]
            case Split():
                share = next((one.name for one in statement.shares if one.next == then), "")
                return [ReasonLine(None, f"{said} : {share}", ("un tirage, le même pour lui",))]
            case _:
                return []

    async def _verified(
        self, text: str, condition: Any, stay: Any, *, waited: bool = False
    ) -> ReasonLine:
        program = self.ledger.programs[stay.version_id]
        found = await verify(
            self.store, condition, self.lead, self.now, self.zone, self.ledger.glossary,
            stay=WithinStay(self.campaign, stay.entry, program),
        )  # fmt: skip
        notes = _notes(found.found)
        return ReasonLine(None if waited and not found.holds else found.holds, text, notes)

    # Words.

    def _then(self, stay: Any, message: Message | None = None) -> str:
        """What comes if nothing changes: that message, or the first thing that is done."""
        coming = self.coming.get(stay.entry, ())
        if message is not None:
            for one in coming:
                if message in one.sends and one.at is not None:
                    return f"Si rien ne change, il partira le {self._when(to_micros(one.at))}."
            end = next((one for one in coming if one.kind == "leave"), None)
            if end is not None:
                return "Si rien ne change, il ne partira pas : son chemin n’y passe pas."
            return "Quand, et si ce sera le cas, dépend de ce qu’il fera d’ici là."
        first = next((one for one in coming if one.kind in ("act", "leave")), None)
        if first is None or first.at is None:
            return ""
        return f"Si rien ne change : {first.text}, le {self._when(to_micros(first.at))}."

    def _named(self, message: Message) -> str:
        channel, name = message
        return f"{quoted(name)} ({self.ledger.glossary.channel(channel)})"

    def _position(self, stay: Any) -> str:
        program = self.ledger.programs[stay.version_id]
        return position(program, stay, self.zone, self.ledger.glossary)

    def _move(self, entry: int, test: Any) -> Any:
        mine = (
            one
            for one in reversed(self.ledger.moves)
            if one.campaign_id == self.campaign and one.entry == entry
        )
        return next((one for one in mine if test(one)), None)

    def _when(self, at: Micros) -> str:
        return french.instant(from_micros(at), self.zone)

    def _left(self, until: Micros | None) -> str:
        """« encore 3 jours et 19 heures »."""
        if until is None:
            return "sans limite de temps"
        minutes = max(0, (until - to_micros(self.now)) // 60_000_000)
        days, rest = divmod(minutes, 24 * 60)
        seconds = rest * 60 if not days else rest // 60 * 3600
        return f"encore {french.duration(Duration(days=days, seconds=seconds))}"


def messages_of(program: Program) -> Sequence[Message]:
    """Each message it sends to the lead, once, in the order of the script."""
    found = (sent for one in program.statements if isinstance(one, Act) for sent in sends_of(one))
    return list(dict.fromkeys(found))


def next_message(program: Program, place: int) -> Message | None:
    """The first message that a lead who stands there may come to."""
    for message in messages_of(program):
        if _way(program, place, message):
            return message
    return None


def _way(program: Program, place: int, message: Message) -> Sequence[tuple[int, int]] | None:
    """The shortest way from a statement to one that sends it: each statement and where it goes on."""
    if not 0 <= place < len(program.statements):
        return None
    came: dict[int, int | None] = {place: None}
    queue = deque([place])
    while queue:
        at = queue.popleft()
        if message in sends_of(program.statements[at]):
            return _back(came, at)
        for then in next_places(program.statements[at]):
            if then not in came and 0 <= then < len(program.statements):
                came[then] = at
                queue.append(then)
    return None


def _back(came: Mapping[int, int | None], at: int) -> Sequence[tuple[int, int]]:
    way: list[tuple[int, int]] = []
    before = came[at]
    while before is not None:
        way.append((before, at))
        at, before = before, came[before]
    return way[::-1]


def _lines(found: Sequence[LeafLine]) -> Sequence[ReasonLine]:
    return [ReasonLine(one.holds, one.phrase, (one.seen,) if one.seen else ()) for one in found]


def _notes(found: Sequence[LeafLine]) -> tuple[str, ...]:
    """What was seen of the only thing asked; each thing with its truth where there are several."""
    if len(found) == 1:
        return (found[0].seen,) if found[0].seen else ()
    return tuple(found)
