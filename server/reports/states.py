"""The states of campaigns, in the words of people: what each is in, since when, by whom and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.life.state import CampaignChange, State
from server.reports import french
from server.store.instants import Micros, from_micros
from server.store.schema.campaigns import campaign_changes, campaigns, transitions

_STATES: Mapping[State, str] = {
    State.INACTIVE: "inactive",
    State.ACTIVE: "active",
    State.PAUSED: "en pause",
    State.ARCHIVED: "archivée",
}
CHANGES: Mapping[str, str] = {
    CampaignChange.PUBLISHED: "publiée",
    CampaignChange.ACTIVATED: "activée",
    CampaignChange.PAUSED: "mise en pause",
    CampaignChange.RESUMING: "reprise commencée",
    CampaignChange.RESUMED: "reprise",
    CampaignChange.ARCHIVED: "archivée",
    CampaignChange.EMPTIED: "vidée",
    CampaignChange.RESTORED: "restaurée",
    CampaignChange.CLONED: "copiée",
    CampaignChange.DELETED: "supprimée",
    CampaignChange.SUSPENDED: "suspendue (hors période)",
    CampaignChange.OPENED: "de nouveau active (période)",
    CampaignChange.TRANSFERRED: "personnes migrées ou sorties",
    CampaignChange.PUT_BACK: "migration annulée",
}
#: Why nothing happens in a campaign of that state.
_RESTS: Mapping[State, str] = {
    State.INACTIVE: "n’est pas activée : personne n’y entre",
    State.ACTIVE: "est suspendue : hors de sa période, personne n’y entre et qui y est n’avance pas",
    State.PAUSED: "est en pause : personne n’y entre et qui y est n’avance pas",
    State.ARCHIVED: "est archivée : personne n’y entre, et qui y était en est sorti",
}


@dataclass(frozen=True, slots=True)
class CampaignState:
    """What a campaign is in. `phase`: of what is being done to its people, if anything is."""

    state: State
    since: Micros
    runs: bool
    present: bool
    who: str | None = None
    why: str | None = None
    phase: str | None = None

    @property
    def label(self) -> str:
        """In a few words."""
        if self.phase is not None and self.state is State.PAUSED:
            return "en pause, reprend"
        if self.phase is not None and self.state is State.ARCHIVED:
            return "archivée, se vide"
        if self.state is State.ACTIVE and not self.runs:
            return "suspendue (hors période)"
        if self.state is State.ACTIVE and not self.present:
            return "retirée ; qui y est la finit"
        return _STATES[self.state]

    @property
    def rests(self) -> bool:
        """Whether nothing happens there."""
        return self.state is not State.ACTIVE or not self.runs

    def rest(self, zone: ZoneInfo) -> str | None:
        """Why nothing happens there; None when it runs."""
        if not self.rests:
            return None
        since = ""
        if self.state is not State.ACTIVE and self.since:
            since = f", depuis le {french.instant(from_micros(self.since), zone)}"
        by = f" (par {self.who})" if self.who else ""
        why = f" Pourquoi : {self.why}." if self.why else ""
        return f"La campagne {_RESTS[self.state]}{since}{by}.{why}"


def state_of(row: Any) -> CampaignState:
    """As a row of `states_query` tells."""
    return CampaignState(
        State(row.state),
        row.state_at,
        bool(row.runs),
        bool(row.present),
        row.who,
        row.why,
        row.phase,
    )


#: Those of a decision; what the calendar does has no author.
_DECIDED = [
    each.value for each in (CampaignChange.ACTIVATED, CampaignChange.PAUSED, CampaignChange.RESUMED)
] + [each.value for each in (CampaignChange.ARCHIVED, CampaignChange.RESTORED)]


def states_query() -> Any:
    """Every campaign, with who decided last of its state, and what is under way."""
    # Of each campaign that is asked about, by its own rows: of all, years of decisions would be read.
    changes = campaign_changes.alias("decided")
    last = (
        select(changes.c.id)
        .where(changes.c.campaign_id == campaigns.c.id, changes.c.kind.in_(_DECIDED))
        .order_by(changes.c.id.desc())
        .limit(1)
        .correlate(campaigns)
        .scalar_subquery()
    )
    return (
        select(
            campaigns.c.id,
            campaigns.c.name,
            campaigns.c.present,
            campaigns.c.state,
            campaigns.c.state_at,
            campaigns.c.runs,
            campaigns.c.version_id,
            campaign_changes.c.who,
            campaign_changes.c.why,
            transitions.c.phase,
            transitions.c.counts,
        )
        .select_from(campaigns)
        .join(campaign_changes, campaign_changes.c.id == last, isouter=True)
        .join(transitions, transitions.c.campaign_id == campaigns.c.id, isouter=True)
    )


async def states(conn: AsyncConnection, ids: Collection[int]) -> Mapping[int, CampaignState]:
    """The state of each of these campaigns, by its id; one that is not there is left out."""
    query = states_query().where(campaigns.c.id.in_(sorted(ids)))
    return {row.id: state_of(row) for row in await conn.execute(query)}
