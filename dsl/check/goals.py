"""Goals: what an « objectif » of a campaign counts, and whether anybody can reach it."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from dsl.check.bounds import bounded
from dsl.check.conditions import Conditions
from dsl.check.names import Names, Unknown
from dsl.check.naming import well_named
from dsl.check.scope import Setting
from dsl.check.text import plain
from dsl.check.triggers import TriggerChecker
from dsl.diagnostics import Fix, RelatedPlace, Span
from dsl.help.wording import did_you_mean
from dsl.identity import identity
from dsl.language.fr import goals, values
from dsl.language.fr.constructs import form
from dsl.language.fr.writing import written
from dsl.tree import nodes
from dsl.tree.bound import (
    BoundAwait,
    BoundBody,
    BoundGoal,
    BoundIf,
    BoundPause,
    BoundRepeat,
    BoundSplit,
    BoundTrigger,
    BoundWhen,
)
from relance.events import EventPattern
from relance.fold import key_of
from relance.french import quoted
from relance.phrase import Engagement, Kind
from relance.said import Said
from relance.values import Duration, Percentage
from relance.waits import WaitFor, WaitUpTo

#: How long after a lead left its campaign what it does still counts.
DEFAULT_WINDOW = Duration(days=3)
_LONGEST = 366
_MOST = 1_000_000_000
_EVENTLESS = (
    "Un objectif est atteint quand quelque chose arrive : nommez un événement, comme « Formulaire (X) rempli », "
    "suivi s’il le faut de « et » et d’un état."
)


class GoalChecker:
    """Binds the goals of one campaign; `owner`: the identity of that campaign."""

    def __init__(self, conditions: Conditions, triggers: TriggerChecker, owner: str) -> None:
        self._conditions, self._triggers, self._owner = conditions, triggers, owner
        self._findings, self._meanings = conditions.findings, conditions.meanings

    def bind(
        self, node: nodes.Campaign, body: BoundBody, sent: Collection[tuple[str, str]]
    ) -> tuple[BoundGoal, ...]:
        """They all. `sent`: the messages of the campaign, by type and name."""
        first: dict[str, nodes.GoalClause] = {}
        main = next((one for one in node.goals if one.main), None)
        found = []
        for one in node.goals:
            if not well_named(one.name, self._findings):
                continue
            if (other := first.setdefault(key_of(one.name.text), one)) is not one:
                self._twice(one, other)
            if one.main and one is not main and main is not None:
                self._two_main(one, main)
            main = main or one
            found.append(self._goal(one, one is main, body, sent))
        return tuple(found)

    def _twice(self, one: nodes.GoalClause, other: nodes.GoalClause) -> None:
        self._findings.error(
            "R318",
            one.name.span,
            f"Cette campagne a déjà un objectif nommé {quoted(plain(one.name.text))} : donnez un autre nom à celui-ci.",
            notes=(RelatedPlace(other.name.span, "le premier est ici"),),
        )

    def _two_main(self, one: nodes.GoalClause, other: nodes.GoalClause) -> None:
        self._findings.error(
            "R450",
            one.name.span,
            "Une campagne a un seul objectif principal : ôtez « principal » à l’un des deux. Les autres objectifs "
            "sont comptés de même.",
            (Fix(one.word, form("GOAL")),),
            (RelatedPlace(other.name.span, "le premier est ici"),),
        )

    def _goal(
        self, node: nodes.GoalClause, main: bool, body: BoundBody, sent: Collection[tuple[str, str]]
    ) -> BoundGoal:
        measures = _measures(node.condition)
        details = self._details(node)
        window = self._window(details.get(goals.WINDOW), body)
        target = self._target(details.get(goals.TARGET))
        kind = self._kind(details.get(goals.KIND)) or ("notify" if measures else "custom")
        said = self._conditions.sayings.condition(node.condition)
        key = identity(said)
        if measures:
            when = self._measured(node, measures, sent)
            key = f"{self._owner}/{key}"
        else:
            when = self._heard(node)
        name = plain(node.name.text)
        return BoundGoal(key, name, main, when, bool(measures), kind, target, window)

    # --- What is counted --------------------------------------------------------------------

    def _heard(self, node: nodes.GoalClause) -> BoundWhen:
        faults = self._findings.faults
        heard = nodes.When(node.condition, node.span)
        when = self._triggers.bind(heard, Setting.GOAL)
        if faults == self._findings.faults and any(one.on is None for one in when.triggers):
            self._findings.error("R447", node.condition.span, _EVENTLESS)
        return when

    def _measured(
        self,
        node: nodes.GoalClause,
        measures: Sequence[nodes.MeasureUse],
        sent: Collection[tuple[str, str]],
    ) -> BoundWhen:
        """A message of the campaign read, or clicked: each of those it sends."""
        said = Said("when", (), (self._conditions.sayings.condition(node.condition),))
        patterns = [
            pattern
            for one in measures
            for pattern in self._done_with(Engagement(one.how), sent, node)
        ]
        # What is sent is known where everything could be read.
        if not patterns and not self._findings.faults:
            self._findings.warn(
                "R448",
                node.condition.span,
                "Personne ne peut atteindre cet objectif : la campagne n’envoie aucun message dont on sache s’il est "
                f"{'cliqué' if measures[0].how == 'clicked' else 'lu'}.",
            )
        triggers = tuple(BoundTrigger(said, pattern) for pattern in patterns)
        return BoundWhen(said, triggers, node.condition.span)

    def _done_with(
        self, how: Engagement, sent: Collection[tuple[str, str]], node: nodes.GoalClause
    ) -> Iterator[EventPattern]:
        known = self._meanings.lexicon.engagements
        for kind, name in sorted(sent):
            if (kind, how) not in known:
                continue
            phrase, slot = known[kind, how]
            text = nodes.Text(name, node.condition.span)
            use = nodes.PhraseUse(phrase, ((slot, text),), (), phrase.example, text.span)
            meant = self._meanings.of(use, (Kind.EVENT,), self._findings)
            if meant is not None and isinstance(meant[0], EventPattern):
                yield meant[0]

    # --- What follows -----------------------------------------------------------------------

    def _details(self, node: nodes.GoalClause) -> dict[str, nodes.Text]:
        found: dict[str, nodes.Text] = {}
        for one in node.details:
            if one.name in found:
                message = f"{quoted(one.name)} est déjà dit de cet objectif : gardez l’un des deux."
                self._findings.error("R452", one.span, message)
            found.setdefault(one.name, one.value)
        return found

    def _target(self, text: nodes.Text | None) -> Percentage | Decimal | None:
        if text is None:
            return None
        count = bounded(values.number(text.text))
        if isinstance(count, Decimal):
            if count == int(count) and 0 < count <= _MOST:
                return count
        else:
            share = bounded(values.percentage(text.text))
            if isinstance(share, Percentage) and 0 < share.value <= 100:
                return share
        self._findings.error(
            "R452",
            text.span,
            f"{quoted(text.text)} n’est pas une cible. Écrivez une part de ceux qui entrent, plus de 0 % et 100 % au plus, comme "
            "« cible 25 % », ou un nombre de leads, comme « cible 500 ».",
        )
        return None

    def _kind(self, text: nodes.Text | None) -> str | None:
        if text is None:
            return None
        kind = goals.kind_of(text.text)
        if kind is None:
            found = Names(goals.kinds()).find(text.text)
            near = found.near if isinstance(found, Unknown) else ()
            known = ", ".join(map(quoted, goals.kinds()))
            self._findings.error(
                "R451",
                text.span,
                f"{quoted(text.text)} n’est pas un type d’objectif.{did_you_mean(near)} Les types sont {known}.",
                tuple(Fix(text.span, one) for one in near),
            )
        return kind

    def _window(self, text: nodes.Text | None, body: BoundBody) -> Duration:
        if text is None:
            return DEFAULT_WINDOW
        read = bounded(values.duration(text.text))
        if not isinstance(read, Duration) or _days(read) > _LONGEST:
            self._findings.error(
                "R453",
                text.span,
                f"{quoted(text.text)} n’est pas une fenêtre. Écrivez combien de temps après la sortie un lead peut "
                "encore atteindre l’objectif, un an au plus, comme « fenêtre 3 jours ».",
            )
            return DEFAULT_WINDOW
        longest = max(_waits(body), key=lambda one: _days(one[0]), default=None)
        if longest is not None and _days(read) < _days(longest[0]) <= _LONGEST:
            line = self._findings.line(longest[1])
            length = written(longest[0])
            self._findings.warn(
                "R449",
                text.span,
                f"Cette fenêtre est plus courte que l’attente de la ligne {line} ({length}) : qui met aussi longtemps à "
                f"répondre au dernier message ne sera pas compté. Écrivez {quoted(f'fenêtre {length}')}, ou davantage.",
                (Fix(text.span, length, compared=True),),
            )
        return read


def _measures(condition: nodes.Condition) -> list[nodes.MeasureUse]:
    """The ready measures a goal is made of; empty when it is made of anything else."""
    items = condition.items if isinstance(condition, nodes.Disjunction) else (condition,)
    found = [one for one in items if isinstance(one, nodes.MeasureUse)]
    return found if len(found) == len(items) else []


def _days(length: Duration) -> float:
    return length.months * 30 + length.days + length.seconds / 86_400


def _waits(body: BoundBody) -> Iterator[tuple[Duration, Span]]:
    """The waits of a body that last a known time."""
    for one in body:
        match one:
            case BoundPause(wait=WaitFor(length) | WaitUpTo(length)):
                yield length, one.span
            case BoundAwait():
                if one.limit is not None:
                    yield one.limit, one.span
                for branch in one.branches:
                    yield from _waits(branch.body)
                yield from _waits(one.timeout)
            case BoundIf():
                for _, inside in one.branches:
                    yield from _waits(inside)
                yield from _waits(one.otherwise)
            case BoundRepeat():
                yield from _waits(one.body)
            case BoundSplit():
                for share in one.shares:
                    yield from _waits(share.body)
