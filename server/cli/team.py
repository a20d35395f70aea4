"""`relance utilisateur` and `relance audit`: the accounts of the team, and what was done."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from relance.french import quoted
from relance.report import Report
from server.access import accounts, audit, roles
from server.cli.account import account
from server.cli.ordering import order
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, FolderOption, Output
from server.cli.report import MOST, MOST_IN_FILE, tell
from server.orders.team import TEAM
from server.reports.audit import audit_report
from server.reports.reader import reading
from server.reports.team import team_report
from server.settings import load_settings


class TeamDeed(StrEnum):
    """What may be asked of accounts."""

    LISTER = "lister"
    INVITER = "inviter"
    LIEN = "lien"
    ROLES = "roles"
    FERMER = "fermer"
    ROUVRIR = "rouvrir"
    DECONNECTER = "deconnecter"
    RETIRER_FACTEUR = "retirer-facteur"
    RETIRER_CLES = "retirer-cles"
    DELIER = "delier"


_WORDS = {role.value: role for role in AccessRole} | {role.code: role for role in AccessRole}
_GIVEN = "lecture, rédaction, publication, données personnelles, administration, ou tous"


def team(
    geste: Annotated[
        TeamDeed, typer.Argument(help="Ce qu’il faut faire.", metavar="geste", show_default=False)
    ] = TeamDeed.LISTER,
    courriel: Annotated[
        str, typer.Argument(help="L’adresse du compte.", metavar="courriel", show_default=False)
    ] = "",
    nom: Annotated[
        str, typer.Option("--nom", help="Le nom de qui est invité.", metavar="nom")
    ] = "",
    role: Annotated[
        list[str] | None,
        typer.Option("--role", help=f"Un rôle\u00a0: {_GIVEN}. Répétez-la.", metavar="rôle"),
    ] = None,
    as_json: AsJson = False,
    sortie: Output = None,
    dossier: FolderOption = HERE,
) -> None:
    """Lister les comptes, en inviter, changer leurs rôles, les fermer.

    Gestes : lister, inviter, lien (pour qui a perdu le sien, ou son mot de passe), roles, fermer,
    rouvrir, deconnecter, retirer-facteur, retirer-cles, delier. Aucun mot de passe ne passe par ici : un lien laisse entrer
    une fois, et chacun choisit le sien.
    """
    settings = load_settings(dossier)
    if geste is TeamDeed.LISTER:
        tell(
            asyncio.run(_everybody(settings.database)),
            settings.zone,
            as_json=as_json,
            output=sortie,
        )
        return
    if not courriel.strip():
        raise CommandStop(
            MISUSED, f"Dites de quel compte\u00a0: relance utilisateur {geste} camille@exemple.ca"
        )
    given = {"geste": geste.value, "courriel": courriel.strip(), "qui": account()}
    if geste in (TeamDeed.INVITER, TeamDeed.ROLES):
        given["roles"] = roles.stored(_roles(role or []))
    if geste is TeamDeed.INVITER:
        given["nom"] = nom.strip() or courriel.partition("@")[0]
    order(settings, TEAM, given, as_json=as_json)


def _roles(words: list[str]) -> frozenset[AccessRole]:
    if not words:
        raise CommandStop(MISUSED, f"Donnez au moins un rôle\u00a0: --role lecture ({_GIVEN}).")
    found: set[AccessRole] = set()
    for word in words:
        one = word.strip().casefold()
        if one == "tous":
            return roles.ALL
        if one not in _WORDS:
            raise CommandStop(
                MISUSED, f"{quoted(word)} n’est pas un rôle. Les rôles sont\u00a0: {_GIVEN}."
            )
        found.add(_WORDS[one])
    return frozenset(found)


async def _everybody(url: str) -> Report:
    async with reading(url) as reader, reader.read() as conn:
        return team_report(await accounts.everybody(conn))


def audit_log(
    dossier: Folder = HERE,
    verifier: Annotated[
        bool,
        typer.Option("--verifier", help="Dire si aucune ligne n’a été changée ou ôtée."),
    ] = False,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Lire le journal d’audit : qui a fait quoi, quand, d’où.

    Chaque ligne porte l’empreinte de la précédente. --verifier les refait toutes, et dit la
    dernière : gardée ailleurs, elle prouve que rien n’a été réécrit depuis.
    """
    settings = load_settings(dossier)
    most = MOST if sortie is None else MOST_IN_FILE
    found, verified = asyncio.run(_log(settings.database, most, verify=verifier))
    notes = () if verified is None else (_verdict(verified),)
    tell(audit_report(found, most, notes), settings.zone, as_json=as_json, output=sortie)
    if verified is not None and verified.broken is not None:
        raise CommandStop(WRONG, "" if not as_json else _verdict(verified))


async def _log(
    url: str, most: int, *, verify: bool
) -> tuple[list[audit.AuditEntry], audit.Verification | None]:
    async with reading(url) as reader, reader.read() as conn:
        return list(await audit.latest(conn, most + 1)), await _verified(conn) if verify else None


async def _verified(conn: AsyncConnection) -> audit.Verification:
    return await audit.verify(conn)


def _verdict(found: audit.Verification) -> str:
    if found.broken is not None:
        return (
            f"Le journal est abîmé à la ligne n° {found.broken}\u00a0: elle, ou celle d’avant, a été "
            "changée ou ôtée hors de Relance."
        )
    return f"Le journal est entier\u00a0: {found.rows} lignes. Dernière empreinte\u00a0: {found.mark or 'aucune'}"
