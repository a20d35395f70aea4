"""`relance comptes`: whether the counters of reports say what the ledger says, and making them anew."""

import asyncio
from typing import Annotated

import typer
from sqlalchemy import select

from relance.errors import ConfigurationError
from relance.report import Report
from server.cli.ordering import order
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import MOST, MOST_IN_FILE, one_form, tell
from server.reports.agreement import agreement_report
from server.reports.reader import reading
from server.reports.version_number import version_numbers
from server.settings import load_settings
from server.store.counters.agreement import counted_rows, disagreements
from server.store.counting import counted_by
from server.store.schema.campaigns import campaigns

#: Said of a base that no server of this release has opened yet.
NOT_COUNTED = (
    "Rien n’est encore compté dans cette base : démarrez le serveur une fois (« relance serve ») ; "
    "tout le journal est alors compté."
)


def counters(
    dossier: Folder = HERE,
    verifier: Annotated[
        bool, typer.Option("--verifier", help="Tout recompter d’après le journal, et comparer.")
    ] = False,
    refaire: Annotated[
        bool, typer.Option("--refaire", help="Refaire tous les comptes d’après le journal.")
    ] = False,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Vérifier que les comptes des rapports disent ce que dit le journal.

    Les rapports lisent des comptes, tenus avec ce qu’ils comptent. --verifier recompte tout, dit
    ce qui diffère, et finit alors par le code 1 ; --refaire les remplace, pendant que rien ne
    s’écrit : quelques secondes par million de lignes.
    """
    one_form(sortie, ("--json", as_json), ("--refaire", refaire))
    if verifier == refaire:
        raise CommandStop(MISUSED, "Dites l’un ou l’autre : --verifier, ou --refaire.")
    settings = load_settings(dossier)
    if refaire:
        order(settings, "refaire-comptes", {"fuseau": settings.zone.key}, as_json=as_json)
        return
    found = asyncio.run(_read(settings.database, MOST if sortie is None else MOST_IN_FILE))
    tell(found, settings.zone, as_json=as_json, output=sortie)
    if found.rows:
        raise CommandStop(WRONG)


async def _read(url: str, most: int) -> Report:
    async with reading(url) as reader, reader.read() as conn:
        if await counted_by(conn) is None:
            raise ConfigurationError(NOT_COUNTED)
        names = await conn.execute(select(campaigns.c.id, campaigns.c.name))
        found = await disagreements(conn, most + 1)
        numbers, counters = await version_numbers(conn), await counted_rows(conn)
        return agreement_report(found, dict(map(tuple, names)), numbers, counters, most)
