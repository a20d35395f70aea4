"""Publications as people read them: what one changes, line by line, and those that were made."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from relance.french import quoted
from relance.report import CellType, Column, Columns, Report, To, report
from server.publication.archive import KEPT, Imprint
from server.publication.difference import Difference
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.outlook import Outlook
from server.reports.presence import Present
from server.reports.transfers import Becoming, Insiders
from server.store.instants import from_micros

_CAMPAIGN, _PEOPLE, _LIST, _FILE, _POLICY = "campaign", "people", "list", "file", "policy"
_KINDS: Mapping[str, str] = {
    _CAMPAIGN: "campagne",
    _PEOPLE: "personnes dedans",
    _LIST: "liste",
    _FILE: "fichier",
    _POLICY: "politique",
}
_FEMININE: Mapping[str, str] = {"new": "nouvelle", "changed": "modifiée", "gone": "retirée"}
_MASCULINE: Mapping[str, str] = {"new": "nouveau", "changed": "modifié", "gone": "retiré"}

#: What nothing is done to.
LASTING = frozenset({Becoming.KEEPS.value})


@dataclass(frozen=True, slots=True)
class PublishedChange:
    """What becomes of a campaign, a list or a file: in words, and as a code for programs."""

    kind: str
    name: str
    change: str
    words: str
    count: int | None = None


def changes_of(
    outlook: Outlook, files: Difference, zone: ZoneInfo, glossary: Glossary
) -> Sequence[PublishedChange]:
    """All that a publication would do, in the order in which it matters."""
    return (
        *_campaigns(outlook),
        *_inside(outlook, glossary),
        *_redrawing(outlook, glossary),
        *_entering(outlook, zone),
        *_overlapping(outlook, glossary),
        *_lists(outlook),
        *_policy(outlook),
        *_files(files),
    )


def _policy(outlook: Outlook) -> Iterator[PublishedChange]:
    if outlook.changes.policy:
        words = "modifiée : elle vaut aussitôt, pour ce qui attend aussi"
        yield PublishedChange(_POLICY, "du projet", "changed", words)


def _campaigns(outlook: Outlook) -> Iterator[PublishedChange]:
    found, resting = outlook.changes, set(outlook.changes.resting)
    for name in found.new:
        words = "nouvelle, active"
        if name in resting:
            words = f"nouvelle, inactive : elle attend {quoted('relance activer')}"
        yield PublishedChange(_CAMPAIGN, name, "new", words)
    for name, former in found.renamed.items():
        yield PublishedChange(_CAMPAIGN, name, "renamed", f"renommée (auparavant {quoted(former)})")
    for name in found.back:
        yield PublishedChange(_CAMPAIGN, name, "back", f"de retour{_resting(name, resting)}")
    for name in found.changed:
        yield PublishedChange(_CAMPAIGN, name, "changed", f"modifiée{_resting(name, resting)}")
    for name in found.gone:
        words = "retirée : personne n’y entre plus, ceux qui y sont la finissent"
        yield PublishedChange(_CAMPAIGN, name, "gone", words)


def _resting(name: str, resting: Container[str]) -> str:
    """That publishing it has nobody enter: its state is the team's, whatever its text was then."""
    if name not in resting:
        return ""
    return f"\u00a0; personne n’y entre : {quoted('relance statut')} dit pourquoi"


_BECOMING: Mapping[Becoming, tuple[str, str]] = {
    Becoming.KEEPS: ("garde sa version", "gardent leur version"),
    Becoming.PASSES: (
        "passe à la nouvelle version, au même endroit",
        "passent à la nouvelle version, au même endroit",
    ),
    Becoming.WAITS_ANEW: (
        "passe à la nouvelle version ; son attente garde son début, sa fin change",
        "passent à la nouvelle version ; leur attente garde son début, sa fin change",
    ),
    Becoming.RETURNS: (
        "passe à la nouvelle version, qui n’a plus cet endroit : elle revient",
        "passent à la nouvelle version, qui n’a plus cet endroit : elles reviennent",
    ),
    Becoming.LEAVES: ("sort de la campagne", "sortent de la campagne"),
    Becoming.TAKEN_OUT: (
        "sort aussitôt : une sortie de la nouvelle version est déjà vraie pour elle",
        "sortent aussitôt : une sortie de la nouvelle version est déjà vraie pour elles",
    ),
}


def _inside(outlook: Outlook, glossary: Glossary) -> Iterator[PublishedChange]:
    for one in outlook.insiders:
        where = place_of(one, glossary)
        words = f"{french.number(one.count)} {_BECOMING[one.becoming][one.count > 1]}"
        if one.becoming is Becoming.RETURNS:
            words = f"{words} {_back(one)}"
        if one.due:
            words = f"{words}, et serait déjà passée pour {french.number(one.due)}"
        said = f"{where} : {words}"
        yield PublishedChange(_PEOPLE, one.campaign, one.becoming, said, one.count)


def _redrawing(outlook: Outlook, glossary: Glossary) -> Iterator[PublishedChange]:
    for one in outlook.redraws:
        part = french.number(round(100 * one.share, 2))
        draws = f"{part} % des tirages vont à une autre part"
        who = "personne n’a encore tiré"
        if one.drew:
            leads = french.count(one.changing, "lead", "leads")
            who = f"soit {leads} sur {french.number(one.drew)} qui ont tiré"
        words = f"{glossary.said(one.said)} : {draws}, {who}"
        yield PublishedChange(_CAMPAIGN, one.campaign, "redrawn", words, one.changing)


def place_of(one: Insiders, glossary: Glossary) -> str:
    """Where they stand, in words."""
    step = f"étape {quoted(one.step)}" if one.step else "avant toute étape"
    return f"{step}, {quoted(glossary.said(one.at))}" if one.at is not None else step


def _back(one: Insiders) -> str:
    if one.to is not None:
        return f"à l’étape {quoted(one.to)}"
    return "à la dernière étape passée qui y est encore, sinon au début"


def _entering(outlook: Outlook, zone: ZoneInfo) -> Iterator[PublishedChange]:
    resting = set(outlook.changes.resting)
    for one in outlook.present:
        when = "une fois activée" if one.campaign in resting else one.when("aussitôt", zone)
        words = f"{_who(one)} {when}, par : {one.trigger}"
        yield PublishedChange(_CAMPAIGN, one.campaign, "entering", words, one.count)


def _overlapping(outlook: Outlook, glossary: Glossary) -> Iterator[PublishedChange]:
    for one in outlook.overlaps:
        others = ", ".join(map(quoted, one.others[:_FEW]))
        more = f" et {len(one.others) - _FEW} autres" if len(one.others) > _FEW else ""
        words = (
            f"un même événement fait aussi entrer dans {others}{more} : {glossary.said(one.said)}"
        )
        yield PublishedChange(_CAMPAIGN, one.campaign, "overlap", words)


def _who(one: Present) -> str:
    if one.count is None:
        return "ceux qui y répondent déjà, que la base ne sait pas encore compter, entrent"
    return french.count(one.count, "personne y entre", "personnes y entrent")


def _lists(outlook: Outlook) -> Iterator[PublishedChange]:
    for name in outlook.changes.lists_new:
        yield PublishedChange(_LIST, name, "new", _FEMININE["new"])
    for name in outlook.changes.lists_changed:
        yield PublishedChange(_LIST, name, "changed", _FEMININE["changed"])
    for one in outlook.lost:
        left = french.count(one.members, "membre en sort", "membres en sortent")
        yield PublishedChange(_LIST, one.name, "gone", f"retirée : {left}", one.members)


def _files(files: Difference) -> Iterator[PublishedChange]:
    ways = (("new", files.added), ("changed", files.changed), ("gone", files.removed))
    for change, names in ways:
        for name in names:
            yield PublishedChange(_FILE, name, change, _MASCULINE[change])


def publication_report(
    changes: Sequence[PublishedChange], number: int | None, request: int | None = None
) -> Report:
    """What was published under that number, or would be; `request`: once it is agreed to."""
    columns: Columns[PublishedChange] = {
        Column("", "publication", CellType.NUMBER): lambda _: number,
        Column("", "demande", CellType.NUMBER): lambda _: request,
        Column("Quoi"): lambda one: _KINDS[one.kind],
        Column("", "kind"): lambda one: one.kind,
        Column("Nom", "name"): lambda one: one.name,
        Column("", "change"): lambda one: one.change,
        Column("Ce qui change", "words"): lambda one: one.words,
        Column("", "count", CellType.COUNT): lambda one: one.count,
    }
    title = f"Publication n°\u00a0{number}" if number else "Ce que ferait la publication"
    if request is not None:
        title = f"Demande n°\u00a0{request} : ce que ferait la publication"
    unchanged = "Rien n’a changé depuis la dernière publication."
    return report(title, columns, changes, empty=unchanged)


#: Of many campaigns, how many a screen names.
_FEW = 4

_MADE: Columns[Imprint] = {
    Column("Numéro", "number", CellType.NUMBER): lambda one: one.number,
    Column("Date", "at", CellType.INSTANT): lambda one: from_micros(one.at),
    Column("Par", "who"): lambda one: one.who or "",
    Column("Note", "note"): lambda one: one.note or "",
    Column("Reprend", "again", CellType.NUMBER): lambda one: one.again,
    Column("Campagnes", kind=CellType.LINES, to=To.SCREEN): lambda one: _shown(one.changes),
    Column("Campagnes", kind=CellType.LINES, to=To.SHEET): lambda one: tuple(_became(one.changes)),
    Column("", "changes", CellType.VALUE): lambda one: one.changes,
}


def _shown(changes: Mapping[str, object]) -> tuple[str, ...]:
    """The first of them, and how many others there are."""
    lines = tuple(_became(changes))
    if len(lines) <= _FEW + 1:
        return lines
    return (*lines[:_FEW], f"et {len(lines) - _FEW} autres")


def _became(changes: Mapping[str, object]) -> Iterator[str]:
    for key, words in (("new", "nouvelle"), ("changed", "modifiée"), ("back", "de retour")):
        yield from (
            f"{quoted(name)} ({words}{_staying(changes, name)})" for name in _names(changes, key)
        )
    for name in _names(changes, "renamed"):
        yield f"{quoted(name)} (renommée)"
    yield from (f"{quoted(name)} (retirée)" for name in _names(changes, "gone"))


def _staying(changes: Mapping[str, object], name: str) -> str:
    """Who kept the version they were in."""
    found = changes.get(KEPT)
    count = found.get(name) if isinstance(found, dict) else None
    if not count:
        return ""
    those = french.count(count, "personne y garde", "personnes y gardent")
    return f"\u00a0; {those} sa version" if count == 1 else f"\u00a0; {those} leur version"


def _names(changes: Mapping[str, object], key: str) -> Sequence[str]:
    found = changes.get(key)
    return [str(name) for name in found] if isinstance(found, list | dict) else []


def draft_notes(pending: Sequence[str], *, never: bool) -> Sequence[str]:
    """How a draft stands to what runs, in sentences; nothing when they are the same."""
    if never:
        return (f"Rien n’a encore été publié : {quoted('relance publier')} publie le projet.",)
    if not pending:
        return ()
    return (f"Le brouillon diffère de la dernière publication : {', '.join(pending)}.",)


def publications_report(made: Sequence[Imprint], most: int, notes: Sequence[str]) -> Report:
    """Those that were made, the latest first."""
    return report(
        "Publications",
        _MADE,
        made,
        empty="Rien n’a encore été publié : « relance publier » publie le projet.",
        notes=notes,
        most=most,
        cut=f"Seules les {most} dernières sont montrées.",
    )
