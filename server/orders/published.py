"""What was published, or waits for another person, said to who asked for it: by the page, or afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from relance.french import quoted
from server.engine.life.state import State
from server.orders.publishing import PublishAnswer
from server.reports import french
from server.store.schema.campaigns import campaigns
from server.store.store import Store


@dataclass(frozen=True, slots=True)
class PublishedWords:
    """A sentence or some; `waiting`: the campaigns that it brought and that nobody enters yet."""

    text: str
    waiting: Mapping[int, str] = field(default_factory=dict)


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
    waiting = await _waiting(answer, store)
    if not waiting:
        return PublishedWords(said)
    if len(waiting) > 1:
        several = french.count(len(waiting), "nouvelle campagne", "nouvelles campagnes")
        first = f", dont {quoted(min(waiting.values()))}"
        said = f"{said} {several}{first}, attendent «\u00a0Activer\u00a0»."
        return PublishedWords(said, waiting)
    (name,) = waiting.values()
    new = f"{quoted(name)} est nouvelle : personne n’y entre avant «\u00a0Activer\u00a0»."
    return PublishedWords(f"{said} {new}", waiting)


async def _waiting(answer: PublishAnswer, store: Store) -> Mapping[int, str]:
    new = {one.name for one in answer.changes if (one.kind, one.change) == ("campaign", "new")}
    if not new:
        return {}
    inactive = campaigns.c.present & (campaigns.c.state == State.INACTIVE)
    query = select(campaigns.c.id, campaigns.c.name).where(campaigns.c.name.in_(new), inactive)
    async with store.read() as conn:
        return {row.id: row.name for row in await conn.execute(query)}
