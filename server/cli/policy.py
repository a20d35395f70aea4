"""`relance politique`: the lines of the policy that holds, and what each holds back now."""

import asyncio
from collections.abc import Sequence

from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import tell
from server.reports.policy import HeldByTerm, held_by_term, policy_report
from server.reports.reader import reading
from server.settings import load_settings


def policy(
    dossier: Folder = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Montrer la politique publiée, ligne par ligne, et ce que chacune retient en ce moment.

    Ce qui est retenu part de lui-même dès que la règle le permet ; ce qui n’est jamais parti a été
    sauté, ou était périmé, depuis que les comptes sont tenus ; « relance explain » dit d’un lead ce
    qui a retenu chaque message, et jusqu’à quand.
    """
    settings = load_settings(dossier)
    found = policy_report(asyncio.run(_held(settings.database)))
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _held(url: str) -> Sequence[HeldByTerm]:
    async with reading(url) as reader, reader.read() as conn:
        return await held_by_term(conn)
