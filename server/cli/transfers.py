"""`relance publier --annuler-migration`: those whom a publication moved are where they were."""

import asyncio

from relance.french import quoted
from server.cli.account import account
from server.cli.ordering import ordered, say_answer
from server.cli.outcome import WRONG, CommandStop
from server.engine.life import deciding
from server.reports import french
from server.reports.reader import reading
from server.reports.transfers import may_be_put_back
from server.settings import Settings

UNDO = "annuler-migration"


def undo_transfer(
    settings: Settings, campaign: str, why: str, *, essai: bool, as_json: bool
) -> None:
    """Put them back, those who have not moved since; `essai`: say how many that would be."""
    if essai:
        said = asyncio.run(_would(settings, campaign))
    else:
        said = ordered(settings, UNDO, {"campagne": campaign, "qui": account(), "pourquoi": why})
    say_answer(said, as_json=as_json)


async def _would(settings: Settings, name: str) -> str:
    async with reading(settings.database) as reader, reader.read() as conn:
        row = await deciding.find(conn, name)
        if row is None:
            raise CommandStop(
                WRONG,
                f"La campagne {quoted(name)} n’existe pas. «\u00a0relance statut\u00a0» les dit toutes.",
            )
        count = await may_be_put_back(conn, row.id)
    who = french.count(
        count, "personne retrouverait sa version", "personnes retrouveraient leur version"
    )
    return f"Dans la campagne {quoted(row.name)}, {who}. Rien n’a été fait."
