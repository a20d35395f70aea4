"""What a condition is for a lead now; of a dynamic list, which of its phrases fails."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from relance.facts import All, AnyOf, HasTag, InList, Leaf, Not
from relance.said import Said
from server.plugins import load_plugins
from server.reports.glossary import BARE
from server.reports.verdict import verify
from server.store.schema.leads import lead_tags, leads
from server.store.store import Store

NOW, ZONE = datetime(2026, 11, 29, tzinfo=UTC), ZoneInfo("UTC")


async def test_a_dynamic_list_that_is_false_says_which_of_its_phrases_is(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(leads.insert(), [{"id": 1, "created_at": 1}])
        tag = {"lead_id": 1, "tag_key": "curieux", "name": "Curieux", "since": 1}
        await conn.execute(lead_tags.insert(), [tag])
    asked = Leaf(Said("Lead dans liste (Chauds)"), InList("Chauds"))
    parts = (
        Leaf(Said("Lead étiqueté (Curieux)"), HasTag("Curieux")),
        Leaf(Said("Lead étiqueté (Client)"), HasTag("Client")),
    )
    verdict = await verify(store, asked, 1, NOW, ZONE, BARE, {"chauds": All(parts)})
    assert verdict.found == (
        "Lead dans liste (Chauds) : faux",
        "liste (Chauds) : Lead étiqueté (Curieux) : vrai",
        "liste (Chauds) : Lead étiqueté (Client) : faux",
    )
    assert (await verify(store, asked, 1, NOW, ZONE, BARE)).found == verdict.found[:1]


async def test_what_is_denied_is_told_as_met_and_of_a_denied_list_nothing_fails(
    store: Store,
) -> None:
    async with store.write() as conn:
        await conn.execute(leads.insert(), [{"id": 1, "created_at": 1}])
    on, curious, client = (
        Leaf(Said("Lead dans liste (Chauds)"), InList("Chauds")),
        Leaf(Said("Lead étiqueté (Curieux)"), HasTag("Curieux")),
        Leaf(Said("Lead étiqueté (Client)"), HasTag("Client")),
    )
    asked = All((Not(on), Not(AnyOf((curious, Not(client))))))
    verdict = await verify(store, asked, 1, NOW, ZONE, load_plugins().glossary, {"chauds": curious})
    assert not verdict.holds
    assert verdict.found == (
        "non Lead dans liste (Chauds) : vrai",
        "non Lead étiqueté (Curieux) : vrai",
        "Lead étiqueté (Client) : faux",
    )
