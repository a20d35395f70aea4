"""The verbs of a campaign’s life: activate, pause, resume, archive, restore. Done by the engine."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.slip import slip_of
from server.engine.life import archiving, deciding, overdue, proceeding, resuming
from server.engine.life.journal import Author
from server.engine.life.resuming import LONGEST_SPAN, Course, How, Plan
from server.engine.life.state import CampaignChange, State
from server.engine.publication.named import listed, names_campaign, users
from server.engine.tick import Tick
from server.engine.transfer import transfers
from server.orders import crowds
from server.orders.declined import Declined, Gesture
from server.orders.recorded import RecordedEngine
from server.reports import french
from server.reports.undoing import Undoing, undoing, undoing_text
from server.store import policies
from server.store.calendar import earlier
from server.store.instants import Micros, from_micros
from server.store.schema.campaigns import campaigns

Decision: TypeAlias = Callable[[RecordedEngine, Mapping[str, str]], Awaitable[str]]

_UTC = ZoneInfo("UTC")
#: Of campaigns, how many are named to whoever named none of them.
_FEW = 20
#: Why a decision is not to be taken of a campaign in that state, and what to do instead.
_INSTEAD: Mapping[tuple[CampaignChange, State], tuple[str | Gesture, ...]] = {
    (CampaignChange.ACTIVATED, State.PAUSED): (
        "est en pause : ",
        Gesture.RESUME,
        " la fait repartir.",
    ),
    (CampaignChange.ACTIVATED, State.ARCHIVED): ("est archivée : ", Gesture.RESTORE, " d’abord."),
    (CampaignChange.PAUSED, State.INACTIVE): (
        "n’a jamais été activée : il n’y a rien à suspendre.",
    ),
    (CampaignChange.PAUSED, State.ARCHIVED): ("est archivée : rien n’y bouge plus.",),
    (CampaignChange.RESUMED, State.INACTIVE): (
        "n’a jamais été activée : ",
        Gesture.ACTIVATE,
        " la fait partir.",
    ),
    (CampaignChange.RESUMED, State.ARCHIVED): ("est archivée : ", Gesture.RESTORE, " d’abord."),
    (CampaignChange.RESTORED, State.INACTIVE): (
        "n’est pas archivée : ",
        Gesture.ACTIVATE,
        " la fait partir.",
    ),
    (CampaignChange.RESTORED, State.ACTIVE): ("n’est pas archivée : elle est active.",),
    (CampaignChange.RESTORED, State.PAUSED): (
        "n’est pas archivée : ",
        Gesture.RESUME,
        " la fait repartir.",
    ),
}


async def activate(engine: RecordedEngine, given: Mapping[str, str]) -> str:
    """Have a campaign take people in. `campagne`, `qui`, `pourquoi`; `autoriser`: how many at once."""
    await _ask_about_a_crowd(engine, "activer", given)

    async def work(tick: Tick) -> str:
        campaign = await _campaign(tick, given["campagne"])
        name = quoted(campaign.name)
        if State(campaign.state) is State.ACTIVE:
            return f"La campagne {name} est déjà active."
        _may(campaign, CampaignChange.ACTIVATED)
        if campaign.version_id is None or not campaign.present:
            raise Declined(
                f"La campagne {name} n’est pas dans ce qui est publié : publiez-la d’abord."
            )
        await deciding.decide(tick, campaign.id, CampaignChange.ACTIVATED, _author(given))
        return f"La campagne {name} est active."

    return await engine.change(work)


async def pause(engine: RecordedEngine, given: Mapping[str, str]) -> str:
    """Have nothing happen in a campaign until it is resumed."""

    people = await _inside(engine, given)

    async def work(tick: Tick) -> str:
        campaign = await _campaign(tick, given["campagne"])
        name, inside = quoted(campaign.name), french.count(people, "personne")
        resuming_ = await deciding.under_way(tick.conn, campaign.id)
        if State(campaign.state) is State.PAUSED and resuming_ is None:
            return f"La campagne {name} est déjà en pause."
        if State(campaign.state) is not State.PAUSED:
            _may(campaign, CampaignChange.PAUSED)
        details = {"people": people}
        await deciding.decide(tick, campaign.id, CampaignChange.PAUSED, _author(given), details)
        return f"La campagne {name} est en pause : {inside} dedans, rien n’y bouge plus."

    return await engine.change(work)


async def resume(engine: RecordedEngine, given: Mapping[str, str]) -> str:
    """Have it run again. `comment`: what becomes of what is overdue; `duree`: its span, microseconds.

    `autoriser`: how many may enter at once.
    """

    chosen = (
        Plan(How(given["comment"]), int(given.get("duree") or 0)) if given.get("comment") else None
    )
    if chosen is not None and chosen.span > LONGEST_SPAN:
        raise Declined(
            "Au-delà d’un an, rien ne s’étale ni ne se saute : dites une durée plus courte. Rien n’a été fait.",
            about="duree",
        )
    valid = None if chosen is not None else await _validity(engine)
    plan = chosen or (Plan() if valid is None else Plan(How.SKIP, valid[0]))
    course = await _course(engine, given["campagne"], plan)
    late = 0 if chosen is not None else await _late(engine, given["campagne"])
    if not late or valid is not None:
        await _ask_about_a_crowd(engine, "reprendre", given)

    async def work(tick: Tick) -> str:
        campaign = await _campaign(tick, given["campagne"])
        name = quoted(campaign.name)
        if State(campaign.state) is State.ACTIVE:
            return f"La campagne {name} est déjà active."
        _may(campaign, CampaignChange.RESUMED)
        if await deciding.under_way(tick.conn, campaign.id) is not None:
            return f"La campagne {name} reprend déjà."
        if late and valid is None:
            count = french.count(late, "personne ou message est", "personnes ou messages sont")
            raise Declined(
                *(f"Dans la campagne {name}, {count} en retard. ", Gesture.SEE_LATE),
                *(" les montre. Dites ce qu’ils deviennent : ", Gesture.CHOOSE_LATE, "."),
                about="comment",
            )
        await resuming.begin(tick, campaign, plan, _author(given), course)
        await proceeding.go_on(tick)
        if late and valid is not None:
            return (
                f"La campagne {name} reprend ; de ce qui est en retard, la politique dit ce qui part encore : "
                f"{quoted(valid[1])}."
            )
        return f"La campagne {name} reprend."

    return await engine.change(work)


async def _validity(engine: RecordedEngine) -> tuple[Micros, str] | None:
    """How late a message may still leave, whatever its channel, as the policy says: and its words."""
    async with engine.store.read() as conn:
        policy = (await policies.read(conn)).policy
    now = engine.now()
    spans = [
        (now - earlier(now, one.lasts, _UTC), one.said)
        for one in policy.validities
        if not one.channels
    ]
    return min(spans, default=None)


async def archive(engine: RecordedEngine, given: Mapping[str, str]) -> str:
    """Have everybody leave for good; its history is kept."""

    people = await _inside(engine, given)

    async def work(tick: Tick) -> str:
        campaign = await _campaign(tick, given["campagne"])
        name, inside = quoted(campaign.name), french.count(people, "personne")
        if State(campaign.state) is State.ARCHIVED:
            return f"La campagne {name} est déjà archivée."
        author = _author(given)
        details = {"people": people}
        await deciding.decide(tick, campaign.id, CampaignChange.ARCHIVED, author, details)
        await archiving.begin(tick, campaign.id, author)
        return (
            f"La campagne {name} est archivée : {inside} en {'sortent' if people > 1 else 'sort'}."
        )

    return await engine.change(work)


async def restore(engine: RecordedEngine, given: Mapping[str, str]) -> str:
    """Have an archived campaign back, empty and paused."""

    async def work(tick: Tick) -> str:
        campaign = await _campaign(tick, given["campagne"])
        name = quoted(campaign.name)
        again = await deciding.last_change(tick.conn, campaign.id) is CampaignChange.RESTORED
        if again and State(campaign.state) is State.PAUSED:
            return f"La campagne {name} est déjà restaurée, vide et en pause."
        _may(campaign, CampaignChange.RESTORED)
        if await deciding.under_way(tick.conn, campaign.id) is not None:
            raise Declined(f"La campagne {name} se vide encore : redemandez-le dans un instant.")
        await deciding.decide(tick, campaign.id, CampaignChange.RESTORED, _author(given))
        return f"La campagne {name} est restaurée, vide et en pause : «\u00a0relance reprendre\u00a0» la fait repartir."

    return await engine.change(work)


async def delete(engine: RecordedEngine, given: Mapping[str, str]) -> str:
    """Do away with a campaign that nobody ever entered and nothing names."""
    # Nobody enters one that the scripts no longer have: it may be asked before anybody is held up.
    async with engine.store.read() as conn:
        known = await deciding.find(conn, given["campagne"])
        entered = known is not None and await deciding.was_entered(conn, known.id)

    async def work(tick: Tick) -> str:
        campaign = await deciding.find(tick.conn, given["campagne"])
        if campaign is None and await deciding.was_deleted(tick.conn, given["campagne"]):
            return f"La campagne {quoted(given['campagne'])} n’existe plus."
        campaign = await _campaign(tick, given["campagne"])
        why = await kept(tick.conn, campaign, entered=entered)
        if why is not None:
            raise Declined(why)
        await deciding.delete_unused(tick, campaign, _author(given))
        return f"La campagne {quoted(campaign.name)} n’existe plus."

    return await engine.change(work)


async def kept(conn: AsyncConnection, campaign: Any, *, entered: bool) -> str | None:
    """Why a campaign is not to be deleted, if it is not. `entered`: whether anybody ever was in it."""
    name = quoted(campaign.name)
    if campaign.present:
        return (
            f"La campagne {name} est dans ce qui est publié : ôtez d’abord son script, et publiez."
        )
    if entered:
        return (
            f"Des personnes sont passées par la campagne {name} : son histoire est gardée. "
            "«\u00a0relance archiver\u00a0» en fait sortir tout le monde."
        )
    used = [one async for one in users(conn, campaign.key, names_campaign)]
    if used:
        return f"La campagne {name} sert encore : {listed(used)}. Ôtez-la d’abord de là."
    return None


async def undo_transfer(engine: RecordedEngine, given: Mapping[str, str]) -> str:
    """Have those whom the last publication moved be where they were, until they move."""
    async with engine.store.read() as conn:
        row = await deciding.find(conn, given["campagne"])
        # Counted before anybody is kept from writing.
        found = Undoing() if row is None else await undoing(conn, row.id)

    async def work(tick: Tick) -> str:
        campaign = await _campaign(tick, given["campagne"])
        name = quoted(campaign.name)
        if State(campaign.state) is State.ARCHIVED:
            raise Declined(f"La campagne {name} est archivée : personne n’y est plus.")
        if not await transfers.undo(tick, campaign.id, _author(given)):
            raise Declined(
                f"Dans la campagne {name}, aucune publication n’a fait changer personne de version."
            )
        return (
            f"Dans la campagne {name}, qui n’a pas bougé depuis retrouve sa version et sa place. "
            f"L’histoire de la campagne dira combien.{_others(found)}"
        )

    return await engine.change(work)


def _others(found: Undoing) -> str:
    """Those who are not put back, and why."""
    said = undoing_text(found)
    return f" Des autres, {said}." if said else ""


DECISIONS: Mapping[str, Decision] = {
    "annuler-migration": undo_transfer,
    "activer": activate,
    "pause": pause,
    "reprendre": resume,
    "archiver": archive,
    "restaurer": restore,
    "supprimer-campagne": delete,
}


async def _ask_about_a_crowd(engine: RecordedEngine, verb: str, given: Mapping[str, str]) -> None:
    """Counted before anybody is kept from writing."""
    now = from_micros(engine.now())
    declined = await crowds.unasked(engine.store, engine.settings, now, verb, given)
    if declined is not None:
        raise declined


async def _inside(engine: RecordedEngine, given: Mapping[str, str]) -> int:
    async with engine.store.read() as conn:
        return await deciding.inside(conn, given["campagne"])


async def _course(engine: RecordedEngine, name: str, plan: Plan) -> Course:
    """Of what is to be spread, before anybody is kept from writing."""
    if plan.how is not How.SPREAD:
        return ()
    async with engine.store.read() as conn:
        campaign = await deciding.find(conn, name)
        if campaign is None:
            return ()
        return await resuming.course(conn, campaign.id, engine.now())


async def _campaign(tick: Tick, name: str) -> Any:
    found = await deciding.find(tick.conn, name)
    if found is None:
        names = (await tick.conn.scalars(select(campaigns.c.name).order_by(campaigns.c.name))).all()
        raise Declined(f"La campagne {quoted(name)} n’existe pas. {_those_there(name, names)}")
    return found


def _those_there(name: str, names: Sequence[str]) -> str:
    """The one that is likest; else those there are, when they are few enough to be read."""
    near = slip_of(name, names)
    if near is not None:
        return f"Vouliez-vous dire {quoted(near)}\u00a0?"
    if not names:
        return "Aucune n’a été publiée."
    if len(names) > _FEW:
        return "«\u00a0relance statut\u00a0» les dit toutes."
    return f"Campagnes : {', '.join(map(quoted, names))}."


def _may(campaign: Any, change: CampaignChange) -> None:
    state = State(campaign.state)
    if state not in deciding.DECISIONS[change][0]:
        raise Declined(f"La campagne {quoted(campaign.name)} ", *_INSTEAD[change, state])


def _author(given: Mapping[str, str]) -> Author:
    return Author(given.get("qui") or None, given.get("pourquoi") or None)


async def _late(engine: RecordedEngine, name: str) -> int:
    """How many are overdue, people and messages: counted before anybody is kept from writing."""
    async with engine.store.read() as conn:
        campaign = await deciding.find(conn, name)
        if campaign is None or State(campaign.state) is not State.PAUSED:
            return 0
        now = engine.now()
        late = (overdue.late_people(campaign.id, now), overdue.late_messages(campaign.id, now))
        counts = [select(func.count()).select_from(each) for each in late]
        return sum([await conn.scalar(each) or 0 for each in counts])
