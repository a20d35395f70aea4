"""The syntax tree: what the author wrote, before anyone asks what it means.

Frozen nodes whose spans stand outside equality, so that tests compare meaning and tools still
find the source. A phrase is already resolved against the catalogue (by the longest match in its
trie); its slots still hold text.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.diagnostics import Span
from relance.phrase import Phrase

NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Text:
    """A value as written, its delimiters taken off; `span` covers the inner text."""

    text: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A narrowing of an event phrase.

    `kind`: "entry", "step" (value: name), "since" (date), "last_days" (number), "times"
    (number), "where" (`field_name`, `comparator` and `value`).
    """

    kind: str
    value: Text | None = None
    field_name: Text | None = None
    comparator: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PhraseUse:
    """A phrase with its slots, in the order of the pattern, and its qualifiers.

    `phrase` is None for words that are no phrase: the parser has said so already.
    """

    phrase: Phrase | None
    slots: tuple[tuple[str, Text], ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    written: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    #: The text of the message that it writes in place, whose words stand in its slot.
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class AtStepUse:
    """« à l'étape « N » », in a scenario's check."""

    step: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Every:
    """« chaque jour à 9 h », « chaque lundi à 9 h »… as a trigger. `day` None: every day."""

    day: Text | None
    at: Text | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negation:
    """« non … »."""

    item: "Condition"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conjunction:
    """« … et … », or « toutes ces conditions » when `listed`."""

    items: tuple["Condition", ...]
    listed: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Disjunction:
    """« … ou … », or « au moins une de ces conditions » when `listed`."""

    items: tuple["Condition", ...]
    listed: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExitedUse:
    """« sortie réussie [de la campagne (X)] », in a scenario's check; `how` is the key of the way."""

    how: str
    written: str
    campaign: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ReachedUse:
    """« objectif « N » atteint [de la campagne (X)] », in a scenario's check."""

    goal: Text
    written: str
    campaign: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MeasureUse:
    """« au moins un message lu », in a goal; `how` is the key of what is done with the message."""

    how: str
    written: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Condition: TypeAlias = (
    PhraseUse
    | AtStepUse
    | ExitedUse
    | ReachedUse
    | MeasureUse
    | Every
    | Negation
    | Conjunction
    | Disjunction
)


@dataclass(frozen=True, slots=True)
class Do:
    """An activity or a wait phrase on its own line."""

    use: PhraseUse
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class If:
    """`branches` are « si » and each « sinon si »; `otherwise` the « sinon », None if unwritten."""

    branches: tuple[tuple[Condition, tuple["Statement", ...]], ...]
    otherwise: tuple["Statement", ...] | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WaitBranch:
    """« dès que … » and what follows it."""

    condition: Condition
    body: tuple["Statement", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WaitBlock:
    """« attendre [au plus D] … dès que … passé ce délai … fin »."""

    limit: Text | None
    branches: tuple[WaitBranch, ...]
    timeout: tuple["Statement", ...] | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WaitThat:
    """« attendre que C[, au plus D] »."""

    condition: Condition
    limit: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StepMark:
    """« étape « N » »."""

    name: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GoTo:
    """« aller à l'étape « N »[, N fois au plus] »."""

    step: Text
    times: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Repeat:
    """« répéter N fois au plus … fin »."""

    times: Text
    body: tuple["Statement", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Quit:
    """« sortir (réussite) », « sortir (échec) »; no value means success is not claimed: FINISHED."""

    outcome: Text | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ShareBranch:
    """« 50 % « Question » » and what follows it."""

    percent: Text
    name: Text | None
    body: tuple["Statement", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SplitBlock:
    """« répartir « Objet » … fin »; `by_goal`: the least part of a share, empty where unsaid, of a
    draw that follows the goal."""

    name: Text | None
    shares: tuple[ShareBranch, ...]
    by_goal: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Statement: TypeAlias = Do | If | WaitBlock | WaitThat | StepMark | GoTo | Repeat | Quit | SplitBlock


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """« fuseau : America/Montreal ». `key` is folded (description, periode, fuseau, reentree)."""

    key: str
    value: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Clause:
    """« exclusion : C », or « suppression : C » (`leaves`)."""

    leaves: bool
    condition: Condition
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GoalDetail:
    """« cible 25 % », after the condition of a goal; `name` is the word."""

    name: str
    value: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GoalClause:
    """« objectif « N » : C, cible 25 % », or « objectif principal » (`main`); `word` is where that stands."""

    name: Text
    main: bool
    condition: Condition
    details: tuple[GoalDetail, ...] = ()
    word: Span = field(default=NOWHERE, compare=False, repr=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class When:
    """« quand C », in an entry or an exit block."""

    condition: Condition
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class After:
    """« après 30 jours », in a failed exit."""

    duration: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExitBlock:
    """« sortie réussie » (`success`) or « sortie échouée »."""

    success: bool
    rules: tuple[When | After, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Campaign:
    """« campagne « … » … fin »."""

    name: Text
    headers: tuple[HeaderLine, ...]
    clauses: tuple[Clause, ...]
    goals: tuple[GoalClause, ...]
    entries: tuple[When, ...]
    exits: tuple[ExitBlock, ...]
    body: tuple[Statement, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FieldLine:
    """« pointure : nombre » ; for choix, the allowed values stand in `choices`."""

    name: Text
    type: Text
    choices: tuple[Text, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FieldsBlock:
    """« champs … fin »."""

    fields: tuple[FieldLine, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListLine:
    """« liste « Inactifs » : <condition> »."""

    name: Text
    condition: Condition
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScenarioMoment:
    """When a scenario's line happens: a date and time (`at`), or some time after the line before."""

    day: Text | None = None
    at: Text | None = None
    later: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenLead:
    """« lead (Aline) : courriel (aline@exemple.ca), ville (Montréal) »."""

    name: Text
    fields: tuple[tuple[Text, Text], ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Stimulus:
    """« 2 jours plus tard, (Aline) : <event phrase> » ; `where` (champ) égal à (valeur) sets properties."""

    lead: Text
    use: PhraseUse
    moment: ScenarioMoment | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Verify:
    """« [moment,] vérifier (Aline) : <condition> »."""

    lead: Text
    condition: Condition
    moment: ScenarioMoment | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


ScenarioLine: TypeAlias = GivenLead | Stimulus | Verify


@dataclass(frozen=True, slots=True)
class Scenario:
    """« scénario « … » … fin »: a test of the rules on a virtual clock."""

    name: Text
    lines: tuple[ScenarioLine, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PointLine:
    """« +5 quand C », in a block of points; `change` is « +5 » as written."""

    change: Text
    condition: Condition
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PointsBlock:
    """« pointage … fin », or « intérêt « Vélo » … fin » when `topic` is given."""

    topic: Text | None
    rules: tuple[PointLine, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ConversionLine:
    """« conversion « Démo » : <événement> »."""

    name: Text
    condition: Condition
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ObjectiveLine:
    """« objectif chiffré « Mille contacts » : nombre de contacts au moins 1000 »."""

    name: Text
    text: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LinkDetail:
    """« source : infolettre », in a tracked link."""

    name: Text
    value: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LinkBlock:
    """« lien suivi « Infolettre de mai » : https://… » … « fin »."""

    name: Text
    url: Text
    details: tuple[LinkDetail, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PolicyTerm:
    """« au plus 3 courriels par 7 jours », as written."""

    text: Text
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PolicyBlock:
    """« politique … fin »."""

    terms: tuple[PolicyTerm, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Block: TypeAlias = (
    Campaign
    | FieldsBlock
    | ListLine
    | Scenario
    | PointsBlock
    | ConversionLine
    | LinkBlock
    | PolicyBlock
    | ObjectiveLine
)


@dataclass(frozen=True, slots=True)
class Script:
    """A file."""

    blocks: tuple[Block, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)
