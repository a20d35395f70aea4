"""Tokens to nodes, as the parser reduces: one method a rule of `grammar.lark`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from lark import Transformer

from dsl.diagnostics import Span
from dsl.tree.nodes import (
    After,
    AtStepUse,
    Block,
    Campaign,
    Clause,
    Condition,
    Conjunction,
    ConversionLine,
    Disjunction,
    Do,
    Every,
    ExitBlock,
    ExitedUse,
    FieldLine,
    FieldsBlock,
    GivenLead,
    GoalClause,
    GoalDetail,
    GoTo,
    HeaderLine,
    If,
    LinkBlock,
    LinkDetail,
    ListLine,
    MeasureUse,
    Negation,
    ObjectiveLine,
    PhraseUse,
    PointLine,
    PointsBlock,
    PolicyBlock,
    PolicyTerm,
    Qualifier,
    Quit,
    ReachedUse,
    Repeat,
    Scenario,
    ScenarioMoment,
    Script,
    ShareBranch,
    SplitBlock,
    Statement,
    StepMark,
    Stimulus,
    Text,
    Verify,
    WaitBlock,
    WaitBranch,
    WaitThat,
    When,
)
from dsl.tree.tokens import Token

N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class _Part:
    """A branch on its way to its block: what opens it, and what follows."""

    condition: Condition | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Entry:
    """A section of a campaign's head, on its way to it."""

    rules: tuple[When, ...]


def _span(children: Sequence[Any]) -> Span:
    return Span(children[0].span.start, children[-1].span.end)


def _text(children: Sequence[Any], kind: str = "TEXT") -> Text | None:
    for child in children:
        if isinstance(child, Token) and child.type == kind:
            return cast(Text, child.value)
    return None


def _named(children: Sequence[Any], kind: str = "TEXT") -> Text:
    """A name the grammar requires; empty only where an error was reported."""
    return _text(children, kind) or Text("")


def _those(children: Sequence[Any], kind: type[N]) -> tuple[N, ...]:
    return tuple(child for child in children if isinstance(child, kind))


_STATEMENTS = (Do, If, WaitBlock, WaitThat, StepMark, GoTo, Repeat, Quit, SplitBlock)
_CONDITIONS = (
    *(PhraseUse, AtStepUse, ExitedUse, ReachedUse, MeasureUse),
    *(Every, Negation, Conjunction, Disjunction),
)


def _body(children: Sequence[Any]) -> tuple[Statement, ...]:
    return tuple(child for child in children if isinstance(child, _STATEMENTS))


def _condition(children: Sequence[Any]) -> Condition:
    for child in children:
        if isinstance(child, _CONDITIONS):
            return child
    return PhraseUse(None)


class Builder(Transformer[Token, Script]):
    """Called by the parser at each reduction; keeps no state, so that parsing shares nothing."""

    def start(self, children: list[Block]) -> Script:
        """A file."""
        return Script(tuple(children), _span(children) if children else Span(0, 0))

    def campaign(self, children: list[Any]) -> Campaign:
        """« campagne » … « fin »."""
        return Campaign(
            _named(children),
            _those(children, HeaderLine),
            _those(children, Clause),
            _those(children, GoalClause),
            tuple(when for entry in _those(children, _Entry) for when in entry.rules),
            _those(children, ExitBlock),
            _body(children),
            _span(children),
        )

    def header(self, children: list[Token]) -> HeaderLine:
        """A line of the campaign's header."""
        return cast(HeaderLine, children[0].value)

    def clause(self, children: list[Any]) -> Clause:
        """« exclusion : C », « suppression : C »."""
        return Clause(children[0].type == "SUPPRESSION", _condition(children), _span(children))

    def goal(self, children: list[Any]) -> GoalClause:
        """« objectif « N » : C, cible 25 % »."""
        details: tuple[GoalDetail, ...] = tuple(
            child.value
            for child in children
            if isinstance(child, Token) and child.type == "GOAL_DETAIL"
        )
        main = children[0].type == "MAIN_GOAL"
        word = children[0].span
        return GoalClause(
            _named(children), main, _condition(children), details, word, _span(children)
        )

    def entry(self, children: list[Any]) -> _Entry:
        """« entrée »: its rules."""
        return _Entry(_those(children, When))

    def exit(self, children: list[Any]) -> ExitBlock:
        """« sortie réussie », « sortie échouée »."""
        rules = tuple(child for child in children if isinstance(child, When | After))
        return ExitBlock(children[0].type == "EXIT_WON", rules, _span(children))

    def when(self, children: list[Any]) -> When:
        """« quand »."""
        return When(_condition(children), _span(children))

    def after(self, children: list[Token]) -> After:
        """« après 30 jours »."""
        return After(_named(children, "DURATION"), _span(children))

    def do(self, children: list[Token]) -> Do:
        """A phrase on its own line."""
        return Do(children[0].value, children[0].span)

    def if_(self, children: list[Any]) -> If:
        """« si » … « fin »."""
        parts = _those(children, _Part)
        asked = tuple((part.condition, part.body) for part in parts if part.condition is not None)
        last = parts[-1]
        otherwise = last.body if last.condition is None else None
        return If(asked, otherwise, _span(children))

    def if_part(self, children: list[Any]) -> _Part:
        """« si C » and what follows."""
        return _Part(_condition(children), _body(children), _span(children))

    elsif = if_part

    def else_(self, children: list[Any]) -> _Part:
        """« sinon » and what follows."""
        return _Part(None, _body(children), _span(children))

    timeout = else_

    def wait_block(self, children: list[Any]) -> WaitBlock:
        """« attendre [au plus D] » … « fin »."""
        late = _those(children, _Part)
        return WaitBlock(
            _text(children, "ATMOST"),
            _those(children, WaitBranch),
            late[0].body if late else None,
            _span(children),
        )

    def wait_branch(self, children: list[Any]) -> WaitBranch:
        """« dès que »."""
        return WaitBranch(_condition(children), _body(children), _span(children))

    def wait_that(self, children: list[Any]) -> WaitThat:
        """« attendre que C, au plus D »."""
        return WaitThat(_condition(children), _text(children, "ATMOST"), _span(children))

    def step(self, children: list[Token]) -> StepMark:
        """« étape « N » »."""
        return StepMark(_named(children), _span(children))

    def goto(self, children: list[Token]) -> GoTo:
        """« aller à l'étape « N », N fois au plus »."""
        return GoTo(_named(children), _text(children, "TIMES"), _span(children))

    def repeat(self, children: list[Any]) -> Repeat:
        """« répéter N fois au plus » … « fin »."""
        return Repeat(_named(children, "TIMES"), _body(children), _span(children))

    def quit(self, children: list[Token]) -> Quit:
        """« sortir (réussite) »."""
        return Quit(_text(children), _span(children))

    def split(self, children: list[Any]) -> SplitBlock:
        """« répartir « N » » … « fin »."""
        by_goal = _text(children, "BY_GOAL")
        return SplitBlock(_text(children), _those(children, ShareBranch), by_goal, _span(children))

    def share(self, children: list[Any]) -> ShareBranch:
        """« 50 % « N » »."""
        return ShareBranch(children[0].value, _text(children), _body(children), _span(children))

    def listed(self, children: list[Any]) -> Condition:
        """« toutes ces conditions », « au moins une de ces conditions », one a line."""
        items = tuple(_condition([child]) for child in children[1:])
        made = Conjunction if children[0].value == "all" else Disjunction
        return made(items, listed=True, span=_span(children))

    def item(self, children: list[Any]) -> Condition:
        """« - C »."""
        return _condition(children)

    def either(self, children: list[Any]) -> Disjunction:
        """« A ou B »."""
        items = tuple(child for child in children if not isinstance(child, Token))
        return Disjunction(items, span=_span(children))

    def both(self, children: list[Any]) -> Conjunction:
        """« A et B »."""
        items = tuple(child for child in children if not isinstance(child, Token))
        return Conjunction(items, span=_span(children))

    def negation(self, children: list[Any]) -> Negation:
        """« non A »."""
        return Negation(_condition(children), _span(children))

    def use(self, children: list[Token]) -> PhraseUse:
        """A phrase and its qualifiers."""
        phrase: PhraseUse = children[0].value
        if len(children) == 1:
            return phrase
        qualifiers: tuple[Qualifier, ...] = tuple(child.value for child in children[1:])
        written = " ".join(child.shown for child in children)
        return PhraseUse(phrase.phrase, phrase.slots, qualifiers, written, _span(children))

    def every(self, children: list[Token]) -> Every:
        """« chaque jour à 9 h »."""
        return cast(Every, children[0].value)

    def at_step(self, children: list[Token]) -> AtStepUse:
        """« à l'étape « N » »."""
        return cast(AtStepUse, children[0].value)

    def exited(self, children: list[Token]) -> ExitedUse:
        """« sortie réussie »."""
        return cast(ExitedUse, children[0].value)

    def reached(self, children: list[Token]) -> ReachedUse:
        """« objectif « N » atteint »."""
        return cast(ReachedUse, children[0].value)

    def measure(self, children: list[Token]) -> MeasureUse:
        """« au moins un message lu »."""
        return cast(MeasureUse, children[0].value)

    def fields(self, children: list[Any]) -> FieldsBlock:
        """« champs » … « fin »."""
        return FieldsBlock(_those(children, FieldLine), _span(children))

    def field(self, children: list[Token]) -> FieldLine:
        """« pointure : nombre »."""
        return cast(FieldLine, children[0].value)

    def list(self, children: list[Any]) -> ListLine:
        """« liste « N » : C »."""
        return ListLine(_named(children), _condition(children), _span(children))

    def points(self, children: Sequence[Any]) -> PointsBlock:
        """« pointage » … « fin »."""
        return PointsBlock(None, _those(children, PointLine), _span(children))

    def interest(self, children: Sequence[Any]) -> PointsBlock:
        """« intérêt « Vélo » » … « fin »."""
        return PointsBlock(_named(children), _those(children, PointLine), _span(children))

    def point(self, children: Sequence[Any]) -> PointLine:
        """« +5 quand C »."""
        return PointLine(_named(children, "POINT"), _condition(children), _span(children))

    def conversion(self, children: Sequence[Any]) -> ConversionLine:
        """« conversion « N » : C »."""
        return ConversionLine(_named(children), _condition(children), _span(children))

    def objective(self, children: Sequence[Any]) -> ObjectiveLine:
        """« objectif chiffré « N » : … »."""
        return ObjectiveLine(_named(children), _named(children, "REST"), _span(children))

    def link(self, children: Sequence[Any]) -> LinkBlock:
        """« lien suivi « N » : https://… » … « fin »."""
        url = _named(children, "URL")
        return LinkBlock(_named(children), url, _those(children, LinkDetail), _span(children))

    def detail(self, children: Sequence[Token]) -> LinkDetail:
        """« source : infolettre »."""
        return cast(LinkDetail, children[0].value)

    def policy(self, children: Sequence[Any]) -> PolicyBlock:
        """« politique » … « fin »."""
        return PolicyBlock(_those(children, PolicyTerm), _span(children))

    def term(self, children: Sequence[Token]) -> PolicyTerm:
        """« au plus 3 courriels par 7 jours »."""
        return cast(PolicyTerm, children[0].value)

    def scenario(self, children: Sequence[Any]) -> Scenario:
        """« scénario « N » » … « fin »."""
        lines = tuple(c for c in children if isinstance(c, GivenLead | Stimulus | Verify))
        return Scenario(_named(children), lines, _span(children))

    def given(self, children: Sequence[Token]) -> GivenLead:
        """« lead (Aline) : courriel (…) »."""
        return cast(GivenLead, children[0].value)

    def stimulus(self, children: Sequence[Any]) -> Stimulus:
        """« (Aline) : Formulaire (X) rempli »."""
        use = _those(children, PhraseUse)[0]
        return Stimulus(_named(children), use, _moment(children), _span(children))

    def verify(self, children: Sequence[Any]) -> Verify:
        """« vérifier (Aline) : C »."""
        return Verify(_named(children), _condition(children), _moment(children), _span(children))


def _moment(children: Sequence[Any]) -> ScenarioMoment | None:
    first = children[0]
    return first.value if isinstance(first, Token) and first.type == "MOMENT" else None
