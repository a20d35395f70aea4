"""What changes from one publication or draft to another, campaign by campaign, as a report."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import Enum

from dsl.comparison import Alteration, CampaignPart, ComparedProgram, ProgramEdit, edits
from dsl.program import Act, Reentry
from dsl.project import Checked, CheckedProgram
from relance.effects import Send
from relance.fold import key_of
from relance.french import quoted
from relance.report import CellType, Column, Columns, Report, report
from relance.said import Said
from relance.values import Duration
from server.publication.goal_edits import GoalComparison
from server.publication.policy_edits import PolicyEdit
from server.reports import french
from server.reports.glossary import Glossary

_ALTERATIONS: Mapping[str, str] = {
    Alteration.ADDED: "ajouté",
    Alteration.REMOVED: "retiré",
    Alteration.MOVED: "déplacé",
    Alteration.REWORDED: "dit autrement",
    Alteration.SHORTER: "attente plus courte",
    Alteration.LONGER: "attente plus longue",
    Alteration.CHANGED: "modifié",
    "message": "message modifié",
    "new": "campagne nouvelle",
    "gone": "campagne retirée",
    "renamed": "campagne renommée",
}
_PARTS: Mapping[CampaignPart, str] = {
    CampaignPart.HEADER: "en-tête",
    CampaignPart.ENTRIES: "entrée",
    CampaignPart.EXITS: "sortie",
    CampaignPart.JOURNEY: "parcours",
    CampaignPart.GOALS: "objectif",
}
_FIELDS: Mapping[str, str] = {
    "name": "nom",
    "description": "description",
    "zone": "fuseau",
    "starts": "période, début",
    "ends": "période, fin",
    "starts_at": "période, heure du début",
    "ends_at": "période, heure de la fin",
    "reentry": "réentrée",
    "reentry_delay": "réentrée, délai",
    "reentry_property": "réentrée, par",
    "restarts": "en cas de doublon, recommencer",
    "hourly": "ordre, Audience",
    "timeout": "sortie échouée, après",
    "group": "groupe exclusif",
    "priority": "groupe exclusif, priorité",
}
_REENTRIES: Mapping[Reentry, str] = {
    Reentry.NEVER: "jamais",
    Reentry.AFTER_EXIT: "après la sortie",
    Reentry.AFTER_DELAY: "après un délai",
    Reentry.BY_VALUE: "une fois par valeur",
}


@dataclass(frozen=True, slots=True)
class CampaignComparison:
    """A campaign that is not the same on both sides. `former`: its name on the first."""

    name: str
    former: str | None
    edits: Sequence[ProgramEdit] = ()
    #: Messages it sends, whose files change.
    messages: Sequence[str] = ()
    change: str = "changed"

    @property
    def keys(self) -> frozenset[str]:
        """The folded names it goes by."""
        return frozenset(key_of(one) for one in (self.name, self.former) if one)


def compare(old: Checked, new: Checked, messages: Collection[str]) -> Sequence[CampaignComparison]:
    """The campaigns that differ; `messages`: folded names of those whose files do."""
    before = {key_of(one.program.name): one for one in old.programs}
    goals, found = GoalComparison(old, new), []
    for one in new.programs:
        keys = map(key_of, (one.program.name, *reversed(one.former)))
        former = next((before.pop(key) for key in keys if key in before), None)
        if former is None:
            found.append(CampaignComparison(one.program.name, None, change="new"))
            continue
        changed = (*edits(_side(former), _side(one)), *goals.edits(former, one))
        sent = sorted(name for name in _sent(one) if key_of(name) in messages)
        if changed or sent:
            name = former.program.name
            found.append(CampaignComparison(one.program.name, name, changed, sent))
    gone = (CampaignComparison(one.program.name, None, change="gone") for one in before.values())
    return (*found, *gone)


def _side(one: CheckedProgram) -> ComparedProgram:
    return ComparedProgram(one.program, one.source)


def _sent(one: CheckedProgram) -> set[str]:
    return {
        effect.message
        for statement in one.program.statements
        if isinstance(statement, Act)
        for effect in statement.effects
        if isinstance(effect, Send)
    }


# --- As a report --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    campaign: str | None
    where: str
    change: str
    before: str
    after: str
    inside: int | None


_COLUMNS: Columns[_Row] = {
    Column("Campagne", "campaign"): lambda one: one.campaign,
    Column("Où", "where"): lambda one: one.where,
    Column("", "change"): lambda one: one.change,
    Column("Ce qui change"): lambda one: _ALTERATIONS[one.change],
    Column("Avant", "before"): lambda one: one.before,
    Column("Après", "after"): lambda one: one.after,
    Column("Leads à cet endroit", "inside", CellType.COUNT): lambda one: one.inside,
}


def comparison_report(
    title: str,
    compared: Sequence[CampaignComparison],
    inside: Mapping[str, Mapping[str, int]],
    glossary: Glossary,
    policy: Iterable[PolicyEdit] = (),
) -> Report:
    """`inside`: by campaign name, how many stand at each statement; `policy`: what changes of it."""
    rows = [row for one in compared for row in _rows(one, inside.get(one.name, {}), glossary)]
    rows += [_Row(None, "politique", one.alteration, one.before, one.after, None) for one in policy]
    return report(title, _COLUMNS, rows, empty="Aucune campagne ne change.")


def _rows(one: CampaignComparison, inside: Mapping[str, int], glossary: Glossary) -> Iterator[_Row]:
    if one.change != "changed":
        people = sum(inside.values()) if one.change == "gone" else None
        yield _Row(one.name, "", one.change, "", "", people)
    for edit in one.edits:
        people = inside.get(edit.key, 0) if edit.key is not None else None
        yield _Row(
            one.name,
            _where(edit),
            edit.alteration,
            _words(edit.before, glossary),
            _words(edit.after, glossary),
            people,
        )
    for name in one.messages:
        yield _Row(one.name, _PARTS[CampaignPart.JOURNEY], "message", name, name, None)


def _where(edit: ProgramEdit) -> str:
    if edit.part is CampaignPart.HEADER:
        return _FIELDS.get(edit.name, edit.name)
    return f"étape {quoted(edit.step)}" if edit.step else _PARTS[edit.part]


def _words(value: object, glossary: Glossary) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case Said():
            return glossary.said(value)
        case Reentry():
            return _REENTRIES.get(value, value.value)
        case Enum():
            return str(value.value)
        case date() | time() | Duration():
            return french.value(value)
    return str(value)
