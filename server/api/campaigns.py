"""Campaigns: their list, one of them, and what may be done of its life."""

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from relance.fold import key_of
from relance.french import quoted
from relance.host import Clock
from relance.legible import in_json
from relance.slip import slip_of
from server.access.actor import Actor
from server.api.asking import (
    Misasked,
    answered,
    body,
    count,
    cursor,
    in_part,
    limit,
    text,
    unchanged,
)
from server.api.declining import misasked
from server.api.operation import CURSOR, LIMIT, ApiOperation, Parameter, Schema
from server.api.schemas import COUNT, DAY, FLAG, INSTANT, TEXT, or_null, part, several, shape
from server.engine.life import deciding
from server.engine.life.journal import LONGEST_WHY
from server.engine.life.resuming import LONGEST_SPAN, How
from server.http.exchange import JSON
from server.orders import crowds, shelving
from server.orders.declined import Declined
from server.reports.as_json import as_json
from server.reports.campaigns import campaign_rows, overdue_report, status_report
from server.reports.lateness import overdue_rows
from server.store import binders
from server.store.instants import SECOND, now_micros
from server.store.schema.campaigns import campaign_binders, campaign_labels, campaigns
from server.store.store import Store
from server.web.page import Access

#: Gives an order of the team's; what is said of it.
Perform: TypeAlias = Callable[[str, Mapping[str, str], Actor], Awaitable[str]]

CAMPAIGN = shape(
    {
        "campagne": TEXT,
        "etat_dit": TEXT,
        "etat": {"type": "string", "enum": ["inactive", "active", "paused", "archived"]},
        "tourne": FLAG,
        "depuis": or_null(INSTANT),
        "personnes": COUNT,
        "en_retard": COUNT,
        "classeur": or_null(TEXT),
        "etiquettes": several(TEXT),
        "du": or_null(DAY),
        "au": or_null(DAY),
        "par": or_null(TEXT),
        "pourquoi": or_null(TEXT),
    }
)
OVERDUE = shape(
    {
        "quoi": TEXT,
        "canal": or_null(TEXT),
        **dict.fromkeys(
            ("nombre", "moins_une_heure", "moins_un_jour", "moins_une_semaine", "plus"), COUNT
        ),
    }
)
DONE = shape({"fait": FLAG, "dit": TEXT, "campagne": CAMPAIGN})
_NAME = Parameter("name", "path", TEXT, "Le nom de la campagne.")
_SEEN = Parameter("If-Match", "header", TEXT, "L’ETag de la campagne, telle qu’on l’a vue.")
_BINDER = Parameter("classeur", "query", TEXT, "Celles de ce classeur.")
_LABEL = Parameter("etiquette", "query", TEXT, "Celles qui ont cette étiquette.")
_PUT: Mapping[str, Schema] = {"classeur": TEXT, "etiquettes": several(TEXT)}
_WHY: Mapping[str, Schema] = {"pourquoi": {"type": "string", "maxLength": LONGEST_WHY}}
_LATE: Mapping[str, Schema] = {
    "en_retard": {"type": "string", "enum": [one.value for one in How]},
    "secondes": {"type": "integer", "minimum": 1},
}
_CROWD: Mapping[str, Schema] = {crowds.ALLOWED: {"type": "integer", "minimum": 0}}
#: Each decision: its address, its order, and what it does.
_DECISIONS = {
    "activate": ("activer", "Faire partir une campagne."),
    "pause": ("pause", "Suspendre une campagne : rien n’y bouge plus."),
    "resume": (
        "reprendre",
        "Faire repartir une campagne, et dire ce que devient ce qui est en retard.",
    ),
    "archive": ("archiver", "Archiver une campagne : tous en sortent."),
    "restore": ("restaurer", "Rendre une campagne archivée, vide et en pause."),
}
#: What is said of some of them besides why.
_MORE: Mapping[str, Mapping[str, Schema]] = {"activer": _CROWD, "reprendre": {**_LATE, **_CROWD}}


class CampaignOperations:
    """The campaigns of a server."""

    def __init__(self, store: Store, clock: Clock, perform: Perform) -> None:
        self._store, self._clock, self._perform = store, clock, perform

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listCampaigns", "GET", "/campaigns", Access.READ, "Les campagnes, par leur nom."),
            self._list,
            part(CAMPAIGN),
            (LIMIT, CURSOR, _BINDER, _LABEL),
        )
        yield ApiOperation(
            *("getCampaign", "GET", "/campaigns/{name}", Access.READ, "Une campagne."),
            self._one,
            CAMPAIGN,
            (_NAME,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("listOverdue", "GET", "/campaigns/{name}/overdue", Access.READ),
            "Ce qu’une campagne en pause a en retard, par étape, message et âge : ce que «\u00a0resume\u00a0» "
            "ferait partir.",
            self._late,
            shape({"items": several(OVERDUE)}),
            (_NAME,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("putCampaign", "POST", "/campaigns/{name}/put", Access.WRITE),
            "Ranger une campagne : dans un classeur (vide : aucun), sous des étiquettes, qui remplacent celles "
            "qu’elle avait. Ce qui n’est pas dit reste.",
            self._put,
            DONE,
            (_NAME,),
            shape(_PUT, *_PUT),
            ("inconnu", "refuse", "json-attendu", "json-illisible"),
        )
        for way, (verb, summary) in _DECISIONS.items():
            members = {**_WHY, **_MORE.get(verb, {})}
            yield ApiOperation(
                *(f"{way}Campaign", "POST", f"/campaigns/{{name}}/{way}", Access.PUBLISH, summary),
                partial(self._decide, verb, frozenset(members)),
                DONE,
                (_NAME, _SEEN),
                shape(members, *members),
                ("inconnu", "refuse", "a-change", "json-attendu", "json-illisible"),
            )

    async def _list(self, request: Request) -> Response:
        most, begun = limit(request), cursor(request)
        async with self._store.read() as conn:
            keys = sorted(await conn.scalars(_looked_for(request)))
            keys = keys[bisect_right(keys, begun) if begun else 0 :][: most + 1]
            rows = await campaign_rows(conn, *keys) if keys else ()
        rows = sorted(rows, key=lambda row: key_of(row.name))
        said = as_json(status_report(rows))
        last = keys[min(most, len(keys)) - 1] if keys else ""
        return answered(request, in_part(said if isinstance(said, list) else [], most, last))

    async def _one(self, request: Request) -> Response:
        return answered(request, await self._said(request.path_params["name"]))

    async def _said(self, name: str) -> Any:
        async with self._store.read() as conn:
            rows = await campaign_rows(conn, key_of(name))
        found = as_json(status_report(rows))
        if not isinstance(found, list) or not found:
            raise await self._unknown(name)
        return found[0]

    async def _unknown(self, name: str) -> Misasked:
        async with self._store.read() as conn:
            near = slip_of(name, (await conn.scalars(select(campaigns.c.name))).all())
        instead = "«\u00a0GET …/campaigns\u00a0» les donne toutes."
        if near is not None:
            instead = f"Vouliez-vous dire {quoted(near)}\u00a0?"
        why = f"Aucune campagne ne s’appelle {quoted(name)}. {instead}"
        return Misasked("inconnu", "/name", why)

    async def _late(self, request: Request) -> Response:
        name = (await self._said(request.path_params["name"]))["campagne"]
        async with self._store.read() as conn:
            campaign = await deciding.find(conn, name)
            if campaign is None:
                raise await self._unknown(name)
            rows = await overdue_rows(conn, campaign.id, now_micros(self._clock))
        return answered(request, {"items": as_json(overdue_report(rows))})

    async def _put(self, request: Request) -> Response:
        given = await body(request, frozenset(_PUT))
        name = (await self._said(request.path_params["name"]))["campagne"]
        actor = request.state.caller.actor
        try:
            said = "Rien n’a changé."
            if (order := await self._arranged(name, given)) is not None:
                said = await self._perform(order[0], {**order[1], "qui": actor.who}, actor)
        except Declined as declined:
            raise misasked(declined) from declined
        now = await self._said(name)
        found = {"fait": True, "dit": said, "campagne": now}
        return Response(in_json(found), media_type=JSON)

    async def _arranged(
        self, name: str, given: Mapping[str, Any]
    ) -> tuple[str, Mapping[str, str]] | None:
        """What is to be ordered for it to be as is asked."""
        binder = text(given, "classeur") if "classeur" in given else None
        on, off = list[str](), list[str]()
        if "etiquettes" in given:
            wished = given["etiquettes"]
            if not isinstance(wished, list) or not all(isinstance(one, str) for one in wished):
                raise Misasked("contenu-refuse", "/etiquettes", "Une liste de noms.")
            async with self._store.read() as conn:
                now = (await binders.orders_of(conn, [key_of(name)])).get(key_of(name))
            had = {key_of(one): one for one in (now.labels if now else ())}
            has = {key_of(one): one for one in wished}
            on = [has[key] for key in has.keys() - had.keys()]
            off = [had[key] for key in had.keys() - has.keys()]
        return shelving.arranging([name], binder, on, off)

    async def _decide(self, verb: str, members: frozenset[str], request: Request) -> Response:
        given = await body(request, members)
        before = await self._said(request.path_params["name"])
        unchanged(request, before)
        caller = request.state.caller
        order = {"campagne": before["campagne"], "qui": caller.actor.who, **_plan(given)}
        if why := text(given, "pourquoi", LONGEST_WHY):
            order["pourquoi"] = why
        if (allowed := count(given, crowds.ALLOWED)) is not None:
            order[crowds.ALLOWED] = str(allowed)
        try:
            said = await self._perform(verb, order, caller.actor)
        except Declined as declined:
            raise misasked(declined) from declined
        now = await self._said(before["campagne"])
        return Response(in_json({"fait": True, "dit": said, "campagne": now}), media_type=JSON)


def _looked_for(request: Request) -> Any:
    """The keys of those of a binder, under a label, or of all."""
    query = select(campaigns.c.key)
    ways = (
        (campaign_binders, "binder_key", "classeur"),
        (campaign_labels, "label_key", "etiquette"),
    )
    for table, column, name in ways:
        if wanted := request.query_params.get(name, "")[:500].replace("\x00", ""):
            mine = select(table.c.campaign_key).where(table.c[column] == key_of(wanted))
            query = query.where(campaigns.c.key.in_(mine))
    return query


def _plan(given: Mapping[str, Any]) -> dict[str, str]:
    """What becomes of what is overdue, when somebody says."""
    if "en_retard" not in given:
        return {}
    ways = [one.value for one in How]
    if given["en_retard"] not in ways:
        raise Misasked("contenu-refuse", "/en_retard", f"L’un de : {', '.join(ways)}.")
    seconds = given.get("secondes", 0)
    timed = given["en_retard"] in (How.SPREAD.value, How.SKIP.value)
    if (
        type(seconds) is not int
        or seconds < 0
        or seconds * SECOND > LONGEST_SPAN
        or (timed and not seconds)
    ):
        raise Misasked(
            "contenu-refuse", "/secondes", "Il faut une durée, en secondes, d’un an au plus."
        )
    return {"comment": given["en_retard"], "duree": str(seconds * SECOND)}
