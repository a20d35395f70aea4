"""The exclusive groups, each with its campaigns in the order in which it lets in: as the draft writes them, with
what runs of them and how many are in each. A page, a command and programs say the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.service.group_order import ExclusiveGroup
from dsl.service.grouped import GroupedCampaign
from relance.report import CellType, Column, Columns, Report, To, report
from server.reports.group_ranks import RankedCampaign, ranked

#: Of how many campaigns of one priority the names are read out; and are handed over: a group may have
#: thousands, each of which would name all others.
_NAMED, _HANDED = 3, 20


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A campaign of a group. `file`: where its priority is written, empty for one that runs there still and
    that the draft has taken out; `ties`: the first others of its priority, of `tied_with`; `running`: what
    is said of what runs, where that is another."""

    group: str
    name: str
    priority: int
    file: str = ""
    ties: Sequence[str] = ()
    tied_with: int = 0
    known: RankedCampaign | None = None
    running: str = ""

    @property
    def tied(self) -> str:
        """With whom it shares its priority, in words; empty with nobody. The first of them are named."""
        if not self.ties:
            return ""
        more = self.tied_with - _NAMED
        others = ", ".join(self.ties[:_NAMED]) + (f" et {more} de plus" if more > 0 else "")
        return f"même priorité que {others}"


def group_line(
    group: ExclusiveGroup,
    one: GroupedCampaign,
    known: RankedCampaign | None,
    peers: Mapping[int, Sequence[GroupedCampaign]],
) -> GroupLine:
    """That of a campaign the draft writes. `peers`: those of its group by priority."""
    among = peers[one.priority]
    ties = [other.name for other in among[: _HANDED + 1] if other is not one][:_HANDED]
    running = ""
    if known is not None and known.group != group.key:
        running = "dans ce groupe une fois publiée"
    elif known is not None and known.priority != one.priority:
        running = f"en marche : priorité {known.priority}"
    tied = ties, len(among) - 1
    return GroupLine(group.name, one.name, one.priority, one.file, *tied, known, running)


def peers_of(group: ExclusiveGroup) -> Mapping[int, Sequence[GroupedCampaign]]:
    """Its campaigns by their priority."""
    found: dict[int, list[GroupedCampaign]] = {}
    for one in group.campaigns:
        found.setdefault(one.priority, []).append(one)
    return found


def left_in(group: ExclusiveGroup, known: Mapping[str, RankedCampaign]) -> Sequence[RankedCampaign]:
    """Those that run in a group the draft has taken them out of."""
    here = {one.key for one in group.campaigns}
    return [
        one
        for key, one in known.items()
        if one.group == group.key and one.present and key not in here
    ]


def group_lines(
    groups: Sequence[ExclusiveGroup], known: Mapping[str, RankedCampaign]
) -> Iterator[GroupLine]:
    """All of them, a group after another, the first served first."""
    for group in groups:
        peers = peers_of(group)
        for one in group.campaigns:
            yield group_line(group, one, known.get(one.key), peers)
        for left in left_in(group, known):
            said = "dans ce groupe tant que le brouillon n’est pas publié"
            yield GroupLine(group.name, left.name, left.priority, known=left, running=said)


async def grouped_lines(
    conn: AsyncConnection, groups: Sequence[ExclusiveGroup], today: date
) -> Sequence[GroupLine]:
    """The same, with what runs of them read from the base."""
    keys = [one.key for group in groups for one in group.campaigns]
    return list(group_lines(groups, await ranked(conn, keys, today)))


def _state(line: GroupLine) -> str:
    return line.known.state.label if line.known is not None else "pas encore publiée"


_COLUMNS: Columns[GroupLine] = {
    Column("Groupe", "groupe"): lambda line: line.group,
    Column("Priorité", "priorite", CellType.NUMBER): lambda line: line.priority,
    Column("Campagne", "campagne"): lambda line: line.name,
    Column("État", "etat_dit"): _state,
    Column("", "etat"): lambda line: line.known.state.state.value if line.known else None,
    Column("À l’intérieur", "personnes", CellType.COUNT): lambda line: (
        line.known.inside if line.known else 0
    ),
    Column("Refusées en 30 jours", "refusees", CellType.COUNT): lambda line: (
        line.known.elsewhere if line.known else 0
    ),
    Column("Priorité qui tourne", "priorite_en_marche", CellType.NUMBER, To.SHEET): lambda line: (
        line.known.priority if line.known and line.known.group is not None else None
    ),
    Column("Même priorité", "egales", CellType.LINES, To.SHEET): lambda line: line.ties,
    Column("Égales en tout", "egales_en_tout", CellType.NUMBER, To.SHEET): lambda line: (
        line.tied_with
    ),
    Column("Script", "script", to=To.SHEET): lambda line: line.file or None,
}


def groups_report(lines: Sequence[GroupLine]) -> Report:
    """Whom each lets in first."""
    notes = [f"{line.name}\u00a0: {line.running}." for line in lines if line.running]
    notes += [
        f"{line.name}\u00a0: {line.tied}, leurs noms décident." for line in lines if line.ties
    ]
    return report(
        "Groupes exclusifs",
        _COLUMNS,
        lines,
        empty="Aucune campagne n’est dans un groupe exclusif.",
        notes=notes,
    )
