"""`relance groupes`: the exclusive groups, whom each lets in first."""

import asyncio
from collections.abc import Sequence
from datetime import date

from dsl.service.group_order import ExclusiveGroup, exclusive_groups
from dsl.service.language_service import EditingDesk, LanguageService
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import tell
from server.cli.workspace import open_workspace
from server.clock import SystemClock
from server.reports.group_report import GroupLine, grouped_lines, groups_report
from server.reports.reader import reading


def show_groups(
    dossier: Folder = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Lister les groupes exclusifs : leurs campagnes, de la première servie à la dernière.

    Une personne est dans une campagne d’un groupe au plus. L’ordre est celui des scripts du dossier ; la
    base dit ce qui en tourne, combien de personnes y sont, et combien y ont été refusées depuis trente
    jours parce qu’elles étaient ailleurs.
    """
    work = open_workspace([dossier])
    groups = exclusive_groups(LanguageService(EditingDesk(work.plugins.catalogue), work.sources))
    today = SystemClock().now().astimezone(work.settings.zone).date()
    lines = asyncio.run(_lines(work.settings.database, groups, today))
    tell(groups_report(lines), work.settings.zone, as_json=as_json, output=sortie)


async def _lines(url: str, groups: Sequence[ExclusiveGroup], today: date) -> Sequence[GroupLine]:
    async with reading(url) as reader, reader.read() as conn:
        return await grouped_lines(conn, groups, today)
