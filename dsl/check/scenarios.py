"""Scenarios: what happens and what is verified, checked and ready to be played."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from dsl.check.conditions import Conditions
from dsl.check.findings import Findings
from dsl.check.lists import ListChecker
from dsl.check.meanings import Meanings
from dsl.check.names import Names
from dsl.check.naming import well_named
from dsl.check.sayings import named
from dsl.check.scope import CheckScope, Salts, Setting
from dsl.check.text import condition_text, phrase_text, plain
from dsl.identity import identity
from dsl.scenario import (
    At,
    CheckedLine,
    CheckedMoment,
    CheckedScenario,
    CheckedStimulus,
    CheckedVerify,
    Later,
    ScenarioLead,
)
from dsl.tree import nodes
from dsl.tree.nodes import Text
from relance.events import LIST_ADDED, LIST_REMOVED, EventPattern, NewEvent
from relance.french import quoted
from relance.phrase import Kind
from relance.values import Comparator, Duration, Value

_NOON = time(12)


class ScenarioChecker:
    """Checks one « scénario »."""

    def __init__(
        self, node: nodes.Scenario, meanings: Meanings, lists: ListChecker, findings: Findings
    ) -> None:
        self._node = node
        self._meanings = meanings
        self._findings = findings
        name = plain(node.name.text)
        scope = CheckScope(Salts(identity(named("scenario", name))), setting=Setting.VERIFY)
        self._conditions = Conditions(meanings, lists, findings, scope)
        self._leads = Names()
        self._unread = any(
            isinstance(line, nodes.GivenLead) and not line.name.text for line in node.lines
        )
        self._clock: datetime | None = None

    def check(self) -> CheckedScenario:
        """The scenario, all that is wrong being reported."""
        leads = tuple(
            self._lead(line) for line in self._node.lines if isinstance(line, nodes.GivenLead)
        )
        lines = tuple(
            found
            for line in self._node.lines
            if not isinstance(line, nodes.GivenLead) and (found := self._line(line)) is not None
        )
        return CheckedScenario(
            self._findings.file,
            plain(self._node.name.text),
            self._findings.line(self._node.span),
            leads,
            lines,
            self._node.span,
        )

    def _lead(self, line: nodes.GivenLead) -> ScenarioLead:
        name = plain(line.name.text)
        if not well_named(line.name, self._findings):
            return ScenarioLead(name, {}, self._findings.line(line.span))
        if name in self._leads:
            self._findings.error(
                "R318",
                line.name.span,
                f"Ce scénario a déjà un lead nommé {quoted(name)} : donnez un autre nom à celui-ci.",
            )
        self._leads.add(name)
        fields: dict[str, Value] = {}
        for label, text in line.fields:
            field = self._meanings.fields.find(label.text, label.span, self._findings)
            if field is not None and field.name in fields:
                self._findings.error(
                    "R318",
                    label.span,
                    f"Le champ {quoted(field.name)} de ce lead est déjà donné : ôtez l’un des deux.",
                )
            elif field is not None:
                value = self._meanings.fields.value(
                    field, text.text.strip(), text.span, self._findings
                )
                fields[field.name] = value
        return ScenarioLead(name, fields, self._findings.line(line.span))

    def _who(self, name: Text) -> str | None:
        """The lead a line is about. Where a lead's own line cannot be read, any name will do."""
        if self._unread:
            return None
        return self._meanings.references.among(self._leads, "lead", name, self._findings, "R321")

    def _line(self, line: nodes.Stimulus | nodes.Verify) -> CheckedLine | None:
        lead = self._who(line.lead)
        moment = self._moment(line.moment)
        number = self._findings.line(line.span)
        if isinstance(line, nodes.Verify):
            condition = self._conditions.bind(line.condition, Setting.VERIFY)
            text = condition_text(line.condition)
            return CheckedVerify(moment, lead or "", condition, number, text)
        phrase = line.use.phrase
        if phrase is not None and phrase.kind is not Kind.EVENT:
            self._findings.error(
                "R309",
                line.use.span,
                f"{quoted(phrase_text(line.use))} n’arrive pas à un lead : ici s’écrit un événement."
                f" Pour savoir ce qu’il en est, écrivez {quoted(f'vérifier ({line.lead.text}) : …')}.",
            )
            return None
        found = self._conditions.event(line.use)
        if found is None:
            return None
        pattern, narrowing = found
        self._not_followed(pattern, line.use)
        if narrowing.since is not None or narrowing.times != 1:
            self._findings.error(
                "R315",
                line.use.qualifiers[0].span,
                "Dans un scénario, un événement a lieu une fois, à son heure : écrivez une ligne par "
                "événement, et gardez « où (…) égal à (…) » seulement.",
            )
        event = self._event(pattern, line.use)
        return CheckedStimulus(moment, lead or "", event, number, phrase_text(line.use))

    def _not_followed(self, pattern: EventPattern, use: nodes.PhraseUse) -> None:
        """Nobody is put in a list whose members follow from a condition, nor taken out."""
        name = pattern.subject
        listed = pattern.type in (LIST_ADDED, LIST_REMOVED)
        if listed and name is not None and name in self._conditions.lists:
            self._findings.error(
                "R320",
                use.span,
                f"La liste {quoted(name)} est dynamique : un lead y entre et en sort par sa condition. "
                "Écrivez plutôt ce qui rend cette condition vraie ou fausse.",
            )

    def _event(self, pattern: EventPattern, use: nodes.PhraseUse) -> NewEvent:
        self._no_wildcard(pattern, use)
        properties: dict[str, object] = {}
        for test in pattern.properties:
            if test.comparator is not Comparator.EQUAL:
                self._findings.error(
                    "R323",
                    use.span,
                    f"Pour faire arriver un événement, il faut la valeur exacte de "
                    f"{quoted(test.name)} : écrivez « où ({test.name}) égal à (…) ».",
                )
            properties[test.name] = test.value
        event = NewEvent(
            pattern.type, pattern.subject, context=pattern.context, properties=properties
        )
        if pattern.subject and "://" in pattern.subject:
            path = urlsplit(pattern.subject).path or "/"
            subject = path if pattern.type == "page_visited" else pattern.subject
            return replace(event, subject=subject, address=pattern.subject)
        return event

    def _no_wildcard(self, pattern: EventPattern, use: nodes.PhraseUse) -> None:
        vague = next(
            (one for one in (pattern.subject, pattern.context) if one and "*" in one), None
        )
        if vague is not None:
            self._findings.error(
                "R322",
                use.span,
                f"{quoted(vague)} désigne plusieurs choses à la fois : pour faire arriver un "
                "événement, nommez-en une seule, sans « * ».",
            )

    # --- Moments ------------------------------------------------------------------------

    def _moment(self, moment: nodes.ScenarioMoment | None) -> CheckedMoment:
        if moment is None:
            return None
        if moment.later is not None:
            return self._later(moment.later)
        day = self._read_day(moment.day)
        at = self._meanings.read("heure", moment.at, self._findings) if moment.at else _NOON
        if not isinstance(at, time):
            return None
        if day is None:
            if self._clock is None:
                return None
            day = self._clock.date()
        return self._absolute(At(day, at), moment)

    def _read_day(self, text: Text | None) -> date | None:
        read = self._meanings.read("date", text, self._findings) if text else None
        return read if isinstance(read, date) else None

    def _later(self, text: Text) -> CheckedMoment:
        read = self._meanings.read("durée", text, self._findings)
        if not isinstance(read, Duration):
            return None
        if self._clock is not None and not read.months:
            self._clock = _after(self._clock, read)
        else:
            self._clock = None
        return Later(read)

    def _absolute(self, moment: At, written: nodes.ScenarioMoment) -> At:
        at = datetime.combine(moment.day, moment.time)
        if self._clock is not None and at < self._clock:
            self._findings.error(
                "R324",
                written.span,
                "Le temps ne recule pas : cette ligne a lieu avant la précédente. Placez-la plus haut, "
                "ou corrigez sa date.",
            )
        self._clock = at
        return moment


def _after(clock: datetime, length: Duration) -> datetime:
    try:
        return clock + timedelta(days=length.days, seconds=length.seconds)
    except OverflowError:
        return clock
