"""`relance explain`: why a lead is where it is, from the journal, while the server runs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select

from dsl.project import check
from relance.facts import Condition
from relance.fold import key_of
from relance.french import quoted
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, FolderOption
from server.cli.safe import safe
from server.cli.terminal import Console
from server.clock import SystemClock
from server.engine.publication import inheritance
from server.plugins import Plugins, load_plugins
from server.publication import archive
from server.publication.reading import scripts_of
from server.reports import french
from server.reports.declared import declared_lines
from server.reports.entrance import WayIn, current_program, gates_of
from server.reports.hours import hour_of, hours_of
from server.reports.ledger import Ledger, read_ledger
from server.reports.moves import lists_of
from server.reports.people import find_lead
from server.reports.points import warmth_text
from server.reports.reader import StoreReader, reading
from server.reports.stays import matching, of_stay, stays_of
from server.reports.timeline import Journey, TimelineLine, journeys_of, timeline_of, zone_of
from server.reports.verdict import verify
from server.settings import Settings, load_settings
from server.setup import setup_of
from server.store import declarations
from server.store.schema.campaigns import campaigns


def explain(
    campagne: Annotated[str, typer.Argument(help="Le nom de la campagne, ou « toutes ».")],
    lead: Annotated[str, typer.Argument(help="Le courriel, le téléphone ou le numéro du lead.")],
    sejour: Annotated[
        str | None,
        typer.Option(
            "--sejour",
            help="D’une campagne où l’on est plusieurs fois, ce séjour seulement : sa clé, ou son numéro.",
            metavar="clé",
        ),
    ] = None,
    dossier: FolderOption = HERE,
) -> None:
    """Dire où en est un lead dans une campagne, et pourquoi.

    Chaque ligne donne l’instant, ce qui s’est passé ou ce qui a été fait, et la raison.
    Une campagne en « réentrée : par (clé) » garde un séjour par valeur, en parallèle : « --sejour » en
    choisit un. La commande ne fait que lire : elle peut servir pendant que le serveur tourne.
    """
    settings = load_settings(dossier)
    asyncio.run(_explain(settings, campagne, lead, sejour))


async def _lists(
    reader: StoreReader, plugins: Plugins, settings: Settings
) -> Mapping[str, Condition]:
    """What the dynamic lists of the rules that run ask, in their words."""
    async with reader.read() as conn:
        published = await archive.publication(conn)
        kept = (await inheritance.known(conn)).seeds
    if published is None:
        return {}
    files = published.files
    checked = check(
        scripts_of(files), plugins.catalogue, plugins.references(files, setup_of(settings, files))
    )
    return {key_of(one.name): inheritance.seeded(one.condition, kept) for one in checked.lists}


async def _explain(settings: Settings, campaign: str, lead: str, asked: str | None) -> None:
    url, zone = settings.database, settings.zone
    async with reading(url) as reader:
        name = None if key_of(campaign) == "toutes" else await _campaign(reader, campaign)
        async with reader.read() as conn:
            lead_id = await find_lead(conn, lead)
        if lead_id is None:
            raise CommandStop(MISUSED, f"Aucun lead ne répond à « {lead} ».")
        async with reader.read() as conn:
            said = await declarations.of_lead(conn, lead_id)
        plugins = load_plugins(settings.enabled, settings.disabled)
        ledger = await read_ledger(reader, lead_id, plugins.glossary, name)
        if asked is not None:
            ledger = _of_one_stay(ledger, name, asked, zone)
        never = not ledger.enrolments and not ledger.refusals
        now = SystemClock().now()
        gates: Sequence[WayIn] = ()
        wanted = lists_of(ledger)
        lists = await _lists(reader, plugins, settings) if wanted or (name and never) else {}
        if name and never:
            gates = await gates_of(reader, name, lead_id, now, zone, lists, plugins.glossary)
        current = await current_program(reader, name) if name and never else None
        parts = {
            key: (
                await verify(
                    reader, lists[key], lead_id, now, zone_of(ledger, zone), plugins.glossary, lists
                )
            ).found
            for key in wanted & lists.keys()
        }
        ledger = replace(ledger, lists=parts)
    console = Console(highlight=False, soft_wrap=True)
    zone = zone_of(ledger, zone)
    console.print(f"[bold]Lead n° {lead_id}[/bold] {safe(f'({lead})')}")
    console.print(f"[dim]{safe(french.zone_name(zone))}[/dim]\n")
    show_timeline(console, timeline_of(ledger, zone), zone)
    console.print(f"\n{safe(warmth_text(ledger.warmth))}")
    show_states(console, journeys_of(ledger, zone))
    for where, said_of_hour in hours_of(ledger, now, zone):
        console.print(safe(f"{quoted(where)} : {said_of_hour}"))
    show_declared(console, declared_lines(said, reader.fields, zone))
    if never:
        where = f"la campagne « {name} »" if name else "aucune campagne"
        console.print(f"\nCe lead n’est jamais entré dans {where}.")
        rests = [known.rest(zone) for known in ledger.states.values()] if name else []
        for rest in filter(None, rests):
            console.print(safe(rest))
        if current is not None:
            waits = [hour_of(ledger, one, current, now, zone) for one in ledger.campaigns]
            for one in filter(None, waits):
                console.print(safe(one))
        show_gates(console, gates)


def _of_one_stay(ledger: Ledger, name: str | None, asked: str, zone: ZoneInfo) -> Ledger:
    """Of the one stay that is asked about; `name`: the campaign it is in."""
    if name is None:
        raise CommandStop(
            MISUSED, "--sejour demande une campagne : un séjour est dans l’une d’elles."
        )
    campaign = next(iter(ledger.campaigns))
    stays = stays_of(ledger, campaign, zone_of(ledger, zone))
    one = matching(stays, asked)
    if one is None:
        known = "\n".join(f"  {stay.text}" for stay in stays) or "  aucun"
        raise CommandStop(
            MISUSED,
            f"Le lead n’a pas de séjour {quoted(asked)} dans la campagne {quoted(name)}. Les siens :\n{known}",
        )
    return of_stay(ledger, campaign, one.entry)


async def _campaign(reader: StoreReader, asked: str) -> str:
    async with reader.read() as conn:
        names = list(await conn.scalars(select(campaigns.c.name).order_by(campaigns.c.name)))
    for name in names:
        if key_of(name) == key_of(asked):
            return str(name)
    known = ", ".join(f"« {name} »" for name in names) or "aucune n’a été publiée"
    raise CommandStop(MISUSED, f"La campagne « {asked} » n’existe pas. Campagnes : {known}.")


def show_timeline(console: Console, lines: Sequence[TimelineLine], zone: ZoneInfo) -> None:
    """Print the lines, their reasons beneath."""
    shared = french.shared_minutes(line.at for line in lines)
    for line in lines:
        when = french.instant(line.at, zone, seconds=line.at in shared)
        reason = f" — {line.reason}" if line.reason else ""
        mark = safe(line.icon)
        console.print(f"[dim]{when:>24}[/dim]  {mark} {safe(line.text)}[dim]{safe(reason)}[/dim]")
        for detail in line.details:
            console.print(f"{'':24}      [dim]{safe(detail)}[/dim]")


def show_declared(console: Console, lines: Sequence[str]) -> None:
    """Print what was said of the lead without proof."""
    if lines:
        console.print("\nCe qui a été dit de ce lead sans le prouver :")
    for line in lines:
        console.print(f"  {safe(line)}")


def show_gates(console: Console, gates: Sequence[WayIn]) -> None:
    """Print what the entries of a campaign ask, and what is so."""
    if gates:
        console.print(
            "Ce que demandent ses entrées et ce qui les ferme, et ce qu’il en est maintenant :"
        )
    for gate in gates:
        console.print(f"  {safe(gate.text)}")
        for line in gate.found:
            console.print(f"      [dim]{safe(line)}[/dim]")


def show_states(console: Console, journeys: Sequence[Journey]) -> None:
    """Print where the lead stands in each campaign."""
    for journey in journeys:
        console.print(f"\n[bold]{safe(quoted(journey.campaign))}[/bold]")
        console.print(safe(journey.state))
