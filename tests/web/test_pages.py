"""Which pages a rule designates, as the documentation's table tells it, on both stores."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, literal, select

from plugins.web.addresses import page_of
from plugins.web.phrases import page, section
from relance.events import EventPattern
from relance.facts import Events
from server.engine.conditions.history import seen
from server.engine.conditions.scope import Scope
from tests.engine.world import World
from tests.web.conftest import SITE

SEEN = (
    "https://www.exemple.ca/tarifs/?utm_source=mai#prix",
    "https://boutique.exemple.ca/tarifs?taille=54",
    "https://www.exemple.ca/recherche?q=v%C3%A9lo+rouge",
    "https://www.exemple.ca/blogue",
    "https://www.exemple.ca/blogue/v%C3%A9los",
    "https://www.exemple.ca/blogues",
    "https://www.exemple.ca/100%25_sur",
)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (page("/tarifs"), [0, 1]),
        (page(SITE + "/tarifs"), [0]),
        (page("https://boutique.exemple.ca/tarifs*"), [1]),
        (page("*/recherche?q=vélo*"), [2]),
        (page("/blogue"), [3]),
        (page("/blogue/*"), [4]),
        (page("/blogue/vélos"), [4]),
        (section("/blogue"), [3, 4, 5]),
        (section("/blogue/"), [4]),
        (section(SITE + "/blogue"), [3, 4, 5]),
        (page("/Tarifs"), []),
        # What SQL would take for a wildcard is a letter like any other.
        (page("/100%25_su?"), []),
        (page("/100%25_s*"), [6]),
        (page("/100%25_%"), []),
        (page("/_______*"), []),
        (page("*"), [0, 1, 2, 3, 4, 5, 6]),
        (EventPattern("page_visited"), [0, 1, 2, 3, 4, 5, 6]),
    ],
)
async def test_a_pattern_of_pages_finds_those_it_stands_for(
    world: World, pattern: EventPattern, found: list[int]
) -> None:
    numbers = []
    for address in SEEN:
        kept = page_of(address)
        assert kept is not None
        numbers.append(await world.event(1, "page_visited", kept.path, address=kept.address))
    async with world.store.read() as conn:
        scope = Scope(conn.dialect.name, world.store.fields, ZoneInfo("UTC"), literal(1))
        rows, wanted = seen(Events(pattern), scope)
        query = select(rows.c.id).where(wanted).order_by(rows.c.id)
        assert (await conn.execute(query)).scalars().all() == [numbers[n] for n in found]
        assert await conn.scalar(select(func.count()).select_from(rows)) == len(SEEN)
