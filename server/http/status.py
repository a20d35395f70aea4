"""How the server is doing: `/sante` for machines, `/` for the operator.

The page names campaigns and leads, so it is whole only on the machine itself; anyone else learns
that the server runs.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from relance.errors import StoreUnavailable
from relance.host import Clock
from server.http import overview
from server.http.exchange import Answer
from server.http.pages import page
from server.intake.intake import Intake
from server.reports import words
from server.reports.rolls import noting_lines, unsettled_lines
from server.store.instants import now_micros
from server.store.store import Store

log = logging.getLogger("relance.http")


class Pulse(Protocol):
    """What the runtime knows of its own tasks and rules."""

    def failing(self) -> Sequence[str]:
        """The tasks that failed and have not run well since."""

    def cut(self) -> Mapping[str, str]:
        """The channels that are cut for a while, and why."""

    def diagnostics(self) -> Sequence[str]:
        """Why the rules on disk are not those that run; empty when they are."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `/sante` says."""

    ok: bool
    writable: bool
    backlog: int
    overdue: int
    failing: Sequence[str]
    channels: Mapping[str, str]
    rules_ok: bool


class StatusPages:
    """Answers `/` and `/sante`."""

    def __init__(
        self, store: Store, intake: Intake, clock: Clock, zone: ZoneInfo, pulse: Pulse
    ) -> None:
        self._store = store
        self._intake = intake
        self._clock = clock
        self._zone = zone
        self._pulse = pulse

    async def _health(self) -> Health:
        async with self._store.read() as conn:
            backlog = await overview.backlog(conn)
            overdue = await overview.overdue(conn, now_micros(self._clock))
        writable = await self._store.writable()
        failing = self._pulse.failing()
        return Health(
            ok=writable and not failing,
            writable=writable,
            backlog=backlog,
            overdue=overdue,
            failing=failing,
            channels=self._pulse.cut(),
            rules_ok=not self._pulse.diagnostics(),
        )

    async def health(self, *, full: bool) -> Answer:
        """200 when all works, 503 when a task is down or the database does not answer.

        Why a channel is cut may name a machine of ours: that is told on the machine only.
        """
        try:
            health = await self._health()
        except StoreUnavailable:
            return Answer(503, b'{"ok": false, "base": "injoignable"}')
        told = {
            "ok": health.ok,
            "base_inscriptible": health.writable,
            "evenements_en_attente": health.backlog,
            "echeances_en_retard": health.overdue,
            "taches_en_echec": list(health.failing),
            "canaux_coupes": {
                name: reason if full else "coupé" for name, reason in health.channels.items()
            },
            "regles_publiees": health.rules_ok,
        }
        body = json.dumps(told, ensure_ascii=False).encode()
        return Answer(200 if health.ok else 503, body)

    async def page(self, *, full: bool) -> Answer:
        """The status page; one sentence for who is not on the machine."""
        if not full:
            return page(
                "message.html",
                title="Relance est en marche.",
                advice="L’état détaillé se consulte sur le serveur lui-même.",
            )
        try:
            health = await self._health()
            async with self._store.read() as conn:
                campaigns = await overview.campaign_lines(conn)
                outbox = await overview.outbox_lines(conn)
                lists = await unsettled_lines(conn)
                conditions = await noting_lines(conn)
        except StoreUnavailable:
            return page(
                "message.html",
                503,
                title="La base de données ne répond pas.",
                advice="Le journal du serveur dit pourquoi.",
            )
        return page(
            "status.html",
            health=health,
            cut={words.channel(name): why for name, why in health.channels.items()},
            campaigns=campaigns,
            outbox=outbox,
            lists=lists,
            conditions=conditions,
            events=overview.event_lines(self._intake.recent, self._zone),
            diagnostics=self._pulse.diagnostics(),
        )
