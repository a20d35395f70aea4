"""`relance activer`, `pause`, `reprendre`, `archiver`, `restaurer`, `statut`, `historique`."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer

from dsl.language.fr import values
from relance.fold import key_of
from relance.french import quoted
from relance.values import Duration
from server.cli.account import account
from server.cli.draft import draft_of
from server.cli.ordering import order, say_line
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption, Output
from server.cli.report import MOST, MOST_IN_FILE, tell
from server.clock import SystemClock
from server.engine.life import deciding
from server.engine.life.resuming import How, span_of
from server.engine.life.state import CampaignChange, State
from server.orders import crowds
from server.orders.campaigns import kept
from server.orders.reason import AT_MOST, too_long
from server.orders.spool import Order
from server.plugins import load_plugins
from server.reports import campaigns as reports
from server.reports import french
from server.reports.lateness import overdue_rows
from server.reports.reader import reading
from server.reports.states import states_query
from server.settings import Settings, load_settings
from server.store.instants import now_micros
from server.store.schema.campaigns import campaigns

Campaign = Annotated[str, typer.Argument(help="Le nom de la campagne.", metavar="campagne")]
Trial = Annotated[
    bool,
    typer.Option("--essai", help="Dire ce qui serait fait, avec les nombres, et ne rien faire."),
]
Why = Annotated[
    str | None,
    typer.Option(
        "--pourquoi", help=f"La raison ; elle est gardée au journal. {AT_MOST}.", metavar="raison"
    ),
]
Allow = Annotated[
    int | None,
    typer.Option(
        "--autoriser",
        min=0,
        max=10**9,
        help="Laisser entrer aussitôt jusqu’à ce nombre de personnes.",
        metavar="nombre",
    ),
]


def activate(
    campagne: Campaign,
    pourquoi: Why = None,
    autoriser: Allow = None,
    essai: Trial = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Faire partir une campagne : elle prend dès lors qui répond à ses entrées.

    Ceux pour qui un état de ses entrées est déjà vrai y entrent aussitôt ; « --essai » dit combien ils
    sont. Plus de « entrees_max » (10 000, sauf réglage) ne le font que si « --autoriser » le dit. Hors
    de sa période, elle attend que celle-ci s’ouvre.
    """
    more = _allowing(autoriser)
    _decide(CampaignChange.ACTIVATED, "activer", dossier, campagne, pourquoi, essai, as_json, more)


def pause(
    campagne: Campaign,
    pourquoi: Why = None,
    essai: Trial = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Suspendre une campagne : personne n’y entre, rien n’y bouge, rien n’en part.

    Ceux qui y sont y restent, et leurs attentes gardent leurs dates. Ce qui leur arrive entre-temps
    n’est pas entendu par elle. « relance reprendre » la fait repartir.
    """
    _decide(CampaignChange.PAUSED, "pause", dossier, campagne, pourquoi, essai, as_json)


def archive(
    campagne: Campaign,
    pourquoi: Why = None,
    essai: Trial = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Archiver une campagne : tous en sortent, sans succès ni échec, et rien n’en part plus.

    Son histoire est gardée. « relance restaurer » la rend, vide et en pause.
    """
    _decide(CampaignChange.ARCHIVED, "archiver", dossier, campagne, pourquoi, essai, as_json)


def restore(
    campagne: Campaign,
    pourquoi: Why = None,
    essai: Trial = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Rendre une campagne archivée : vide, en pause, avec son histoire."""
    _decide(CampaignChange.RESTORED, "restaurer", dossier, campagne, pourquoi, essai, as_json)


def delete(
    campagne: Campaign,
    pourquoi: Why = None,
    essai: Trial = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Supprimer une campagne où personne n’est jamais entré, et dont rien ne se sert.

    Son script est ôté et publié d’abord. Une campagne par où quelqu’un est passé s’archive : son
    histoire est gardée.
    """
    settings = load_settings(dossier)
    if essai:
        asyncio.run(_try_deleting(settings, campagne, as_json))
        return
    _order("supprimer-campagne", settings, campagne, pourquoi, as_json)


def resume(
    campagne: Campaign,
    tout: Annotated[
        bool, typer.Option("--tout", help="Tout de suite, tout ce qui est en retard.")
    ] = False,
    etaler: Annotated[
        str | None,
        typer.Option(
            "--etaler", help="Étaler sur cette durée, les plus anciens d’abord.", metavar="durée"
        ),
    ] = None,
    sauter: Annotated[
        str | None,
        typer.Option(
            "--sauter",
            help="Ne pas envoyer ce qui est en retard de plus que cela.",
            metavar="durée",
        ),
    ] = None,
    decaler: Annotated[
        bool,
        typer.Option("--decaler", help="Repousser toutes les attentes de la durée de la pause."),
    ] = False,
    pourquoi: Why = None,
    autoriser: Allow = None,
    essai: Trial = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Faire repartir une campagne en pause, et dire ce que devient ce qui est en retard.

    « --essai » montre ce qui est en retard, par étape, par canal et par âge. Rien n’est en retard : elle
    repart là où elle en est, sans qu’il faille choisir ; de même si la politique du projet dit combien de
    temps les messages sont valables (« messages valables 2 jours ») : les plus vieux ne partent pas.
    Ceux pour qui un état de ses entrées est devenu vrai pendant la pause y entrent ; plus de
    « entrees_max » à la fois ne le font que si « --autoriser » le dit.
    """
    chosen = [(How.ALL, tout), (How.SPREAD, etaler), (How.SKIP, sauter), (How.SHIFT, decaler)]
    plans = [(how, given) for how, given in chosen if given]
    if len(plans) > 1:
        raise CommandStop(
            MISUSED, "--tout, --etaler, --sauter et --decaler : l’un ou l’autre, pas plusieurs."
        )
    how, given = plans[0] if plans else (None, None)
    span = _span(given) if isinstance(given, str) else 0
    more = {"comment": how.value, "duree": str(span)} if how else {}
    more |= _allowing(autoriser)
    _decide(CampaignChange.RESUMED, "reprendre", dossier, campagne, pourquoi, essai, as_json, more)


def status(
    campagne: Annotated[
        str | None, typer.Argument(help="Cette campagne seulement.", metavar="campagne")
    ] = None,
    classeur: Annotated[
        str, typer.Option("--classeur", help="Celles de ce classeur.", metavar="nom")
    ] = "",
    etiquette: Annotated[
        str, typer.Option("--etiquette", help="Celles qui ont cette étiquette.", metavar="nom")
    ] = "",
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Dire l’état de chaque campagne, depuis quand, par qui, et combien de personnes y sont.

    « relance ranger » les met dans des classeurs et sous des étiquettes.
    """
    settings = load_settings(dossier)
    every = asyncio.run(_rows(settings, campagne))
    rows = [
        row
        for row in every
        if key_of(classeur) in ("", key_of(row.put.binder))
        and (not etiquette or key_of(etiquette) in map(key_of, row.put.labels))
    ]
    found = reports.status_report(rows)
    if every and not rows:
        found = replace(found, empty=reports.none_put_there(every, classeur, etiquette))
    found = replace(found, notes=(*found.notes, *asyncio.run(_draft(settings))))
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _draft(settings: Settings) -> tuple[str, ...]:
    """Whether what is saved is yet to be published."""
    async with reading(settings.database) as reader, reader.read() as conn:
        return tuple(await draft_of(settings, conn))


def history(
    campagne: Annotated[
        str | None, typer.Argument(help="Cette campagne seulement.", metavar="campagne")
    ] = None,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Dire ce qui a été fait des campagnes, quand, par qui et pourquoi ; le plus récent d’abord."""
    settings = load_settings(dossier)
    most = MOST if sortie is None else MOST_IN_FILE
    rows = asyncio.run(_changes(settings, campagne, most + 1))
    tell(reports.history_report(rows, most), settings.zone, as_json=as_json, output=sortie)


def _allowing(allowed: int | None) -> dict[str, str]:
    return {} if allowed is None else {crowds.ALLOWED: str(allowed)}


def _decide(
    change: CampaignChange,
    verb: str,
    folder: Any,
    campaign: str,
    why: str | None,
    trial: bool,
    as_json: bool,
    more: Mapping[str, str] | None = None,
) -> None:
    settings = load_settings(folder)
    if trial:
        tried = Order(verb, {"campagne": campaign, **(more or {})}, account())
        asyncio.run(_try(settings, change, tried, as_json))
        return
    _order(verb, settings, campaign, why, as_json, more)


def _order(
    verb: str,
    settings: Settings,
    campaign: str,
    why: str | None,
    as_json: bool,
    more: Mapping[str, str] | None = None,
) -> None:
    if refused := too_long(why or ""):
        raise CommandStop(MISUSED, refused)
    given = {"campagne": campaign, "qui": account(), "pourquoi": why or "", **(more or {})}
    order(settings, verb, given, as_json=as_json)


async def _try(settings: Settings, change: CampaignChange, order: Order, as_json: bool) -> None:
    """Say what it would do, with figures; and why it would be declined."""
    clock = SystemClock()
    now, name = now_micros(clock), order.arguments["campagne"]
    async with reading(settings.database) as reader, reader.read() as conn:
        row = await _known(conn, name)
        campaign = await deciding.find(conn, name)
        (line,) = await reports.campaign_rows(conn, key_of(name))
        late = await overdue_rows(conn, row.id, now) if change is CampaignChange.RESUMED else ()
        entering = await crowds.crowd(reader, campaign, order.verb, clock.now(), settings.zone)
    may = State(row.state) in deciding.DECISIONS[change][0]
    if not may:
        tell(reports.status_report([line]), settings.zone, as_json=as_json)
        raise CommandStop(
            WRONG, f"La campagne {quoted(row.name)} est {line.state.label} : rien ne serait fait."
        )
    declined = crowds.unallowed(entering, settings, order.arguments, line.name)
    if as_json and change is CampaignChange.RESUMED:
        tell(reports.tried_resume(line, entering, late), settings.zone, as_json=True)
    elif change is CampaignChange.RESUMED:
        glossary = load_plugins(settings.enabled, settings.disabled).glossary
        tell(reports.overdue_report(late, glossary), settings.zone, as_json=False)
        if entering:
            say_line(f"Si elle reprend, {_let_in(entering)}.")
    elif as_json:
        tell(reports.tried_report(line, entering), settings.zone, as_json=True)
    else:
        say_line(_would(change, line, entering))
    if declined is not None:
        raise CommandStop(WRONG, str(declined))


def _let_in(entering: int) -> str:
    return french.count(
        entering, "personne y entrerait aussitôt", "personnes y entreraient aussitôt"
    )


def _would(change: CampaignChange, line: reports.CampaignRow, entering: int) -> str:
    stay = french.count(line.inside, "personne y resterait", "personnes y resteraient")
    leave = french.count(line.inside, "personne en sortirait", "personnes en sortiraient")
    would = {
        CampaignChange.ACTIVATED: f"partirait : {_let_in(entering)}",
        CampaignChange.PAUSED: f"serait en pause : {stay} sans bouger",
        CampaignChange.ARCHIVED: f"serait archivée : {leave}",
        CampaignChange.RESTORED: "serait rendue, vide et en pause",
    }[change]
    return f"La campagne {quoted(line.name)} {would}. Rien n’a été fait."


async def _try_deleting(settings: Settings, name: str, as_json: bool) -> None:
    """Say whether it would be deleted."""
    async with reading(settings.database) as reader, reader.read() as conn:
        await _known(conn, name)
        row = await deciding.find(conn, name)
        why = await kept(conn, row, entered=await deciding.was_entered(conn, row.id))
        (line,) = await reports.campaign_rows(conn, key_of(name))
    if why is not None:
        raise CommandStop(WRONG, why)
    if as_json:
        tell(reports.status_report([line]), settings.zone, as_json=True)
        return
    said = f"La campagne {quoted(row.name)} serait supprimée. Rien n’a été fait."
    say_line(said)


async def _known(conn: Any, name: str) -> Any:
    row = (await conn.execute(states_query().where(campaigns.c.key == key_of(name)))).one_or_none()
    if row is None:
        raise CommandStop(
            WRONG,
            f"La campagne {quoted(name)} n’existe pas. «\u00a0relance statut\u00a0» les dit toutes.",
        )
    return row


async def _rows(settings: Settings, name: str | None) -> Any:
    async with reading(settings.database) as reader, reader.read() as conn:
        if name is not None:
            await _known(conn, name)
        return await reports.campaign_rows(conn, *((key_of(name),) if name else ()))


async def _changes(settings: Settings, name: str | None, most: int) -> Any:
    async with reading(settings.database) as reader, reader.read() as conn:
        if name is not None:
            await _known(conn, name)
        return await reports.changes(conn, key_of(name) if name else None, most)


def _span(text: str) -> int:
    """A duration as scripts write them, in microseconds."""
    found = values.duration(text)
    if not isinstance(found, Duration):
        raise CommandStop(
            MISUSED,
            f"«\u00a0{text}\u00a0» n’est pas une durée. Écrivez par exemple «\u00a010 heures\u00a0» ou «\u00a02 jours\u00a0».",
        )
    return span_of(found)
