"""What was published, or waits for another person, said to who asked for it: by the page, or afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from relance.french import quoted
from server.engine.life.state import State
from server.orders.publishing import PublishAnswer
from server.reports import french
from server.store.schema.campaigns import campaigns
from server.store.store import Store


@dataclass(frozen=True, slots=True)
class PublishedWords:
    """A sentence or some; `campaign`: the one to look at next, where it brought one."""

    text: str
    campaign: int | None = None


async def published_words(answer: PublishAnswer, store: Store) -> PublishedWords:
    """What is said of it: a new campaign waits for « Activer » on its page."""
    if answer.request is not None:
        kept = f"La demande n° {answer.request} est gardée : rien n’est publié avant l’accord d’une autre personne."
        if answer.replaces:
            kept = f"{kept} Elle remplace la demande {answer.replaces}."
        return PublishedWords(f"{kept} {answer.rehearsal.success}".strip())
    if answer.number is None:
        return PublishedWords("Rien n’a changé depuis la dernière publication.")
    said = f"La publication n° {answer.number} est faite."
    if beside := answer.rehearsal.success or answer.rehearsal.overlooked:
        said = f"{said} {beside}"
    brought, waiting = await _brought(answer, store)
    if not waiting:
        return PublishedWords(said, _only(brought))
    if len(waiting) > 1:
        several = french.count(len(waiting), "nouvelle campagne", "nouvelles campagnes")
        first = f", dont {quoted(min(waiting.values()))}"
        said = f"{said} {several}{first}, attendent «\u00a0Activer\u00a0»."
        return PublishedWords(said)
    (name,) = waiting.values()
    new = f"{quoted(name)} est nouvelle : personne n’y entre avant «\u00a0Activer\u00a0»."
    return PublishedWords(f"{said} {new}", _only(waiting))


async def _brought(
    answer: PublishAnswer, store: Store
) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """The new campaigns; those of them that nobody enters yet."""
    new = {one.name for one in answer.changes if (one.kind, one.change) == ("campaign", "new")}
    if not new:
        return {}, {}
    c = campaigns.c
    query = select(c.id, c.name, c.state).where(c.name.in_(new), c.present)
    async with store.read() as conn:
        rows = (await conn.execute(query)).all()
    waiting = {row.id: row.name for row in rows if row.state == State.INACTIVE}
    return {row.id: row.name for row in rows}, waiting


def _only(several: Mapping[int, str]) -> int | None:
    return next(iter(several)) if len(several) == 1 else None
