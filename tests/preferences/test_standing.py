"""How the base says a lead stands, to who holds one address: what is another's is sure of nothing."""

from sqlalchemy import insert, update

from relance.channel_type import ChannelType
from relance.preferences import Preferences
from relance.proof import Proof
from server.preferences import AddressHolder, preferences_of
from server.store.schema.leads import identities
from server.store.store import Store

MAIL = ChannelType("email", "courriel", address_field="courriel", left="email_unsubscribed")
ALINE, NUMBER = "aline@exemple.ca", "+15145550142"


async def stands(store: Store, address: str) -> Preferences:
    async with store.read() as conn:
        asked = AddressHolder(store.fields, [MAIL], "CA", address)
        found = await preferences_of(conn, asked, 7)
    assert found is not None
    return found


async def test_an_address_that_is_another_lead_s_is_neither_proven_nor_held(store: Store) -> None:
    owned = identities.c.lead_id
    async with store.write() as conn:
        lead = {"id": 7, "created_at": 1, "f_courriel": ALINE, "proof": int(Proof.TEAM)}
        await conn.execute(insert(store.fields.table).values(lead))
        rows = [
            {"kind": kind, "value": value, "lead_id": 7, "proof": int(Proof.SIGNED)}
            for kind, value in (("email", ALINE), ("phone", NUMBER))
        ]
        await conn.execute(insert(identities), rows)
    theirs = await stands(store, "(514) 555-0142")
    assert (theirs.held, [one.proof for one in theirs.addresses]) == (True, [Proof.SIGNED])
    async with store.write() as conn:
        await conn.execute(update(identities).where(owned == 7).values(lead_id=8))
    others = await stands(store, "(514) 555-0142")
    assert (others.held, [one.proof for one in others.addresses]) == (False, [Proof.STATED])
