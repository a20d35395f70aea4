"""Plays one scenario, line by line, on a stage of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from dsl.scenario import CheckedLine, CheckedScenario, CheckedStimulus, CheckedVerify, ScenarioLead
from relance.errors import Unacceptable
from relance.event_type import EventType
from relance.events import NewEvent
from relance.facts import Condition
from relance.host import Identities, Incoming
from relance.proof import Proof
from server.reports.glossary import BARE, Glossary
from server.reports.timeline import TimelineLine, timeline
from server.reports.verdict import verify
from server.simulation import consent, memberships
from server.simulation.course import Course
from server.simulation.moments import instant_of
from server.simulation.results import Failure, ScenarioResult
from server.simulation.stage import Stage, Stuck, about
from server.store.amounts import stated_amount

SOURCE = "scénario"


@dataclass
class Player:
    """A scenario being played. It stops at a line that cannot be played; checks that fail do not."""

    scenario: CheckedScenario
    stage: Stage
    zone: ZoneInfo
    types: Mapping[str, EventType] = field(default_factory=dict)
    glossary: Glossary = BARE
    #: What the project's dynamic lists ask, by folded name.
    lists: Mapping[str, Condition] = field(default_factory=dict)
    #: Whether what happens between its lines is kept: a timeline is read at each.
    follows: bool = False

    async def play(self) -> ScenarioResult:
        """Make the leads, then follow the lines."""
        self._leads: dict[str, int] = {}
        course = Course(self.zone)
        failures: list[Failure] = []
        checks = 0
        for lead in self.scenario.leads:
            failure = await self._given(lead)
            if failure:
                return ScenarioResult(self.scenario, checks, (failure,))
        for line in self.scenario.lines:
            failure = await self._line(line)
            if self.follows:
                threads = {name: await self._timeline(name) for name in self._leads}
                course.add(line, self.stage.clock.now(), threads)
            checks += isinstance(line, CheckedVerify)
            if failure:
                failures.append(failure)
                if not isinstance(line, CheckedVerify) or not failure.found:
                    break
        return ScenarioResult(self.scenario, checks, tuple(failures), tuple(course.lines))

    async def _given(self, lead: ScenarioLead) -> Failure | None:
        email = lead.fields.get("courriel")
        # Without an address the lead is known by a visitor's mark, as on a site.
        number = len(self._leads) + 1
        identities = Identities(
            email=str(email) if email else None,
            visitor=None if email else f"scenario-{number:020d}",
        )
        try:
            fact = Incoming(SOURCE, identities, lead.fields, proof=Proof.TEAM)
            self._leads[lead.name] = await self.stage.record(fact)
            await self.stage.settle()
        except Unacceptable as error:
            return Failure(lead.line, f"lead ({lead.name})", _problems(error), lead.name)
        except Stuck as stuck:
            return Failure(lead.line, f"lead ({lead.name})", str(stuck), lead.name)
        return None

    async def _line(self, line: CheckedLine) -> Failure | None:
        now = self.stage.clock.now()
        instant = instant_of(line.moment, now, self.zone)
        if instant < now:
            return Failure(
                line.line,
                line.text,
                "Cette ligne se passe avant la précédente : le temps ne recule pas.",
                line.lead,
            )
        try:
            await self.stage.reach(instant)
            if isinstance(line, CheckedVerify):
                return await self._verify(line)
            return await self._happen(line)
        except Stuck as stuck:
            return await self._failed(line, str(stuck))

    async def _happen(self, line: CheckedStimulus) -> Failure | None:
        properties = {name: _plain(value) for name, value in line.event.properties.items()}
        event = replace(line.event, properties=properties)
        if (known := self.types.get(event.type)) is not None:
            event = replace(event, amount=stated_amount(known, properties))
        stage, lead_id = self.stage, self._leads[line.lead]
        async with stage.store.write() as conn:
            await memberships.apply(conn, lead_id, event, stage.clock.now())
            fields, channels = stage.store.fields, stage.channels
            await consent.apply(conn, fields, channels, lead_id, event, stage.clock.now())
        try:
            await stage.record(self._fact(line.lead, event))
        except Unacceptable as error:
            return Failure(line.line, line.text, _problems(error), line.lead)
        await self.stage.settle()
        return None

    def _fact(self, lead: str, event: NewEvent) -> Incoming:
        return Incoming(SOURCE, about(self._leads[lead]), events=(event,), proof=Proof.TEAM)

    async def _verify(self, line: CheckedVerify) -> Failure | None:
        lead_id = self._leads[line.lead]
        now = self.stage.clock.now()
        verdict = await verify(
            self.stage.store, line.condition, lead_id, now, self.zone, self.glossary, self.lists
        )
        if verdict.holds:
            return None
        return await self._failed(line, "Ce n’est pas le cas.", verdict.found or (line.text,))

    async def _failed(
        self, line: CheckedLine, message: str, found: tuple[str, ...] = ()
    ) -> Failure:
        lines = await self._timeline(line.lead)
        return Failure(line.line, line.text, message, line.lead, found, lines)

    async def _timeline(self, lead: str) -> tuple[TimelineLine, ...]:
        lines = await timeline(self.stage.store, self._leads[lead], self.glossary, zone=self.zone)
        return tuple(lines)


def _problems(error: Unacceptable) -> str:
    return " ".join(problem.message for problem in error.problems)


def _plain(value: object) -> object:
    """A property as a program would send it in JSON."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
