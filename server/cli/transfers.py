"""`relance publier --annuler-migration`: those whom a publication moved are where they were."""

import asyncio

from relance.french import quoted
from server.cli.account import account
from server.cli.ordering import ordered, say_answer, say_line
from server.cli.outcome import WRONG, CommandStop
from server.cli.report import tell
from server.engine.life import deciding
from server.reports import french
from server.reports.reader import reading
from server.reports.undoing import undoing, undoing_report, undoing_text
from server.settings import Settings

UNDO = "annuler-migration"


def undo_transfer(
    settings: Settings, campaign: str, why: str, *, essai: bool, as_json: bool
) -> None:
    """Put them back, those who have not moved since; `essai`: say how many that would be."""
    if essai:
        asyncio.run(_try(settings, campaign, as_json=as_json))
        return
    said = ordered(settings, UNDO, {"campagne": campaign, "qui": account(), "pourquoi": why})
    say_answer(said, as_json=as_json)


async def _try(settings: Settings, name: str, *, as_json: bool) -> None:
    async with reading(settings.database) as reader, reader.read() as conn:
        row = await deciding.find(conn, name)
        if row is None:
            raise CommandStop(
                WRONG,
                f"La campagne {quoted(name)} n’existe pas. «\u00a0relance statut\u00a0» les dit toutes.",
            )
        found = await undoing(conn, row.id)
    if as_json:
        tell(undoing_report(row.name, found), settings.zone, as_json=True)
        return
    who = french.count(
        found.back, "personne retrouverait sa version", "personnes retrouveraient leur version"
    )
    others = undoing_text(found)
    more = f"\u00a0; {others}" if others else ""
    say_line(f"Dans la campagne {quoted(row.name)}, {who}{more}. Rien n’a été fait.")
