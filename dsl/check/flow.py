"""Flow: what the statements, once linked, say of the journey as a whole.

Unreachable statements, cycles that would turn without rest, waits that nothing ends or that
outlast the campaign.
"""

import heapq
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from dsl.check.findings import Findings
from dsl.diagnostics import Span
from dsl.program import (
    END,
    Await,
    Decide,
    Jump,
    Leave,
    Loop,
    Pause,
    Split,
    Statement,
)
from dsl.tree.bound import BoundCampaign, Header
from relance.facts import Events, Field, SinceWait, timed, walk
from relance.french import quoted
from relance.values import Duration
from relance.waits import WaitFor, WaitForWorkingDays, WaitUntil, WaitUntilNext, WaitUpTo

_A_DAY = 86_400


def successors(statement: Statement) -> tuple[int, ...]:
    """Where a lead may go from a statement."""
    if isinstance(statement, Decide):
        return statement.yes, statement.no
    if isinstance(statement, Await):
        late = () if statement.limit is None else (statement.timeout,)
        return (*(branch.next for branch in statement.branches), *late)
    if isinstance(statement, Split):
        return tuple(share.next for share in statement.shares)
    if isinstance(statement, Jump):
        return (statement.target,) + (() if statement.limit is None else (statement.next,))
    if isinstance(statement, Loop):
        return statement.body, statement.next
    return () if isinstance(statement, Leave) else (statement.next,)


def judge_flow(
    campaign: BoundCampaign,
    statements: Sequence[Statement],
    spans: Sequence[Span],
    findings: Findings,
) -> None:
    """Judge the statements of a campaign, once linked; `spans` says where each stands."""
    header, ways_in = campaign.header, tuple(campaign.ways_in())
    guarded = {name for entry in ways_in for name in fields_of(entry.condition)}
    flow = _Flow(statements, spans, findings)
    flow.check(header, campaign.timeout, guarded)
    if (
        header.returning is not None
        and not header.hourly
        and statements
        and any(one.by_state for one in ways_in)
    ):
        flow.returns(header.returning)


class _Flow:
    """Checks the statements of one campaign."""

    def __init__(
        self, statements: Sequence[Statement], spans: Sequence[Span], findings: Findings
    ) -> None:
        self._statements = statements
        self._spans = spans
        self._findings = findings

    def check(self, header: Header, timeout: Duration | None, guarded: Collection[str]) -> None:
        """Tell all that is wrong. `guarded`: the fields an entry condition looks at."""
        if not header.hourly:  # as Audience does, who is in a part cut off goes on there
            self._unreachable()
        self._cycles()
        known = {*guarded, *self._fields_decided_on()}
        for statement, span in zip(self._statements, self._spans, strict=True):
            if isinstance(statement, Await):
                self._endless(statement, span)
            if isinstance(statement, Await | Pause):
                self._too_long(statement, span, header, timeout)
            if isinstance(statement, Pause):
                self._maybe_empty(statement, span, known)

    def returns(self, span: Span) -> None:
        """Question a campaign that who leaves enters again, as long as a state holds; `span`: where
        that is said.
        """
        shortest = self._shortest()
        if shortest == 0:
            self._findings.warn(
                "R428",
                span,
                "Tant que l’état d’une entrée dure, qui sort rentre aussitôt. Mais ici un lead peut "
                "traverser la campagne sans attendre : il n’y rentrera pas avant que l’état n’ait "
                "cessé puis repris. Ajoutez une attente (« Attendre pendant 7 jours ») pour qu’il "
                "revienne à ce rythme, ou écrivez « réentrée : jamais ».",
            )
        elif shortest < _A_DAY:
            self._findings.warn(
                "R428",
                span,
                "Tant que l’état d’une entrée dure, qui sort rentre aussitôt : un lead peut ici "
                "recommencer sans fin plusieurs fois par jour. Attendez plus longtemps dans la "
                "campagne (« Attendre pendant 7 jours »), ou écrivez « réentrée : jamais ».",
            )

    def _shortest(self) -> int:
        """The seconds the quickest way through takes at least; a day for each wait of other kinds."""
        best = {0: 0}
        pending = [(0, 0)]
        while pending:
            spent, index = heapq.heappop(pending)
            if index == END or not 0 <= index < len(self._statements):
                return spent
            statement = self._statements[index]
            if isinstance(statement, Leave):
                return spent
            spent += _seconds(statement)
            for follower in successors(statement):
                if spent < best.get(follower, spent + 1):
                    best[follower] = spent
                    heapq.heappush(pending, (spent, follower))
        return _A_DAY

    def _reached(self, start: int, barriers: Collection[int] = ()) -> set[int]:
        reached: set[int] = set()
        pending = [start]
        while pending:
            index = pending.pop()
            if index == END or index in reached or index in barriers:
                continue
            reached.add(index)
            pending.extend(successors(self._statements[index]))
        return reached

    def _unreachable(self) -> None:
        reached = self._reached(0) if self._statements else set()
        for index in range(len(self._statements)):
            if index not in reached and (index == 0 or index - 1 in reached):
                self._findings.error(
                    "R401",
                    self._spans[index],
                    "Aucun lead n’arrive jamais ici : ce qui précède fait toujours sortir ou aller "
                    "ailleurs. Ôtez cette ligne, ou placez-la avant.",
                )

    def _cycles(self) -> None:
        waits = {i for i, one in enumerate(self._statements) if isinstance(one, Await | Pause)}
        sure = {i for i in waits if _sure(self._statements[i])}
        for index, statement in enumerate(self._statements):
            if not isinstance(statement, Jump | Loop):
                continue
            back = statement.target if isinstance(statement, Jump) else statement.body
            if index in self._reached(back, waits):
                self._restless(index)
            elif _unbounded(statement) and index in self._reached(back, sure):
                self._spinning(index)

    def _restless(self, index: int) -> None:
        self._findings.error(
            "R402",
            self._spans[index],
            "Cette boucle ne contient aucune attente : tout s’y répéterait au même instant. Ajoutez "
            "par exemple « Attendre pendant 1 jour » à l’intérieur.",
        )

    def _spinning(self, index: int) -> None:
        self._findings.error(
            "R424",
            self._spans[index],
            "Les attentes de cette boucle peuvent toutes finir à l’instant même, et la boucle "
            "tournerait alors sans fin. Ajoutez une borne (« , 3 fois au plus ») ou une attente d’une "
            "durée certaine (« Attendre pendant 1 jour »).",
        )

    def _endless(self, statement: Await, span: Span) -> None:
        if statement.limit is not None or statement.topics:
            return
        if any(timed(branch.condition) for branch in statement.branches):
            return
        self._findings.error(
            "R405",
            span,
            "Rien ne peut mettre fin à cette attente : aucun événement ne change la réponse, et il n’y "
            "a pas de délai. Ajoutez « au plus 3 jours », par exemple.",
        )

    def _too_long(
        self, statement: Await | Pause, span: Span, header: Header, timeout: Duration | None
    ) -> None:
        wait = statement.limit if isinstance(statement, Await) else statement.wait
        if isinstance(wait, WaitUntil):
            self._past_the_end(wait, span, header)
            return
        length = wait.duration if isinstance(wait, WaitFor | WaitUpTo) else wait
        if not isinstance(length, Duration):
            return
        days = _days(length)
        if header.starts and header.ends and days > (header.ends - header.starts).days + 1:
            self._outlasting(span, "la période de la campagne")
        elif timeout is not None and days > _days(timeout):
            self._outlasting(span, "le délai de « sortie échouée »")

    def _past_the_end(self, wait: WaitUntil, span: Span, header: Header) -> None:
        if isinstance(wait.day, date) and header.ends and wait.day > header.ends:
            self._outlasting(span, "la période de la campagne")

    def _outlasting(self, span: Span, what: str) -> None:
        self._findings.warn(
            "R406",
            span,
            f"Cette attente dure plus longtemps que {what} : aucun lead n’en verra la fin. "
            "Raccourcissez-la, ou allongez ce qui la borne.",
        )

    def _maybe_empty(self, statement: Pause, span: Span, known: Collection[str]) -> None:
        wait = statement.wait
        day = wait.day if isinstance(wait, WaitUntil) else None
        if isinstance(day, Field) and day.name not in known:
            self._findings.warn(
                "R503",
                span,
                f"Si le champ {quoted(day.name)} est vide, le lead n’attend pas et continue tout de "
                f"suite. Pour l’éviter, placez avant : « si Champ lead ({day.name}) est vide ».",
            )

    def _fields_decided_on(self) -> Iterator[str]:
        for statement in self._statements:
            if isinstance(statement, Decide):
                yield from fields_of(statement.condition)


def fields_of(condition: object) -> Iterator[str]:
    """The lead fields a condition looks at."""
    for node in walk(condition):
        if isinstance(node, Field):
            yield node.name


def _unbounded(statement: Statement) -> bool:
    return isinstance(statement, Jump) and statement.limit is None


def _sure(statement: Statement) -> bool:
    """Whether a wait always lasts: some length, or some event yet to come."""
    if isinstance(statement, Pause):
        wait = statement.wait
        if isinstance(wait, WaitForWorkingDays | WaitUntilNext):
            return wait.days > 0
        return isinstance(wait, WaitFor | WaitUpTo) and wait.duration != Duration()
    if not isinstance(statement, Await):
        return False
    return all(
        any(isinstance(node, Events) and node.since == SinceWait() for node in walk(one.condition))
        for one in statement.branches
    )


def _seconds(statement: Statement) -> int:
    if isinstance(statement, Pause) and isinstance(statement.wait, WaitFor):
        return round(_days(statement.wait.duration) * _A_DAY)
    return _A_DAY if isinstance(statement, Pause | Await) else 0


def _days(length: Duration) -> float:
    return length.months * 28 + length.days + length.seconds / 86_400
