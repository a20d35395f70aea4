"""How a lead may be written to, read for whoever shows it to them (`relance.preferences`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel_type import ChannelType
from relance.preferences import ChannelAddress, Preferences
from relance.proof import Proof
from server.store import attached, consents, field_proofs, leads, suppressions
from server.store.challenges import canonical
from server.store.contacts import email_key
from server.store.field_proofs import ProvenRow
from server.store.fields import EMAIL_FIELD, FieldCatalogue


@dataclass(frozen=True, slots=True)
class AddressHolder:
    """What is asked: by which channels, and for the holder of which address."""

    fields: FieldCatalogue
    types: Sequence[ChannelType]
    region: str
    address: str

    def is_theirs(self, address: str) -> bool:
        """Whether it is that address, however either is written."""
        return canonical(address, self.region) == canonical(self.address, self.region)


async def preferences_of(
    conn: AsyncConnection, asked: AddressHolder, lead_id: int
) -> Preferences | None:
    """That of the lead it was merged into if it was; None for who is unknown or was forgotten."""
    lead = (await leads.survivors(conn, [lead_id])).get(lead_id)
    if lead is None:
        return None
    columns = [field.column.name for field in asked.fields]
    row = (await field_proofs.read(conn, asked.fields.table, [lead], columns)).get(lead)
    if row is None:
        return None
    types = [one for one in asked.types if one.left is not None]
    found = [await _address(conn, asked, one, lead, row) for one in types]
    addresses = [one for one in found if one is not None]
    held = any(one.own for one in addresses) or await _known(conn, asked, lead)
    ledger = (await consents.ledgers(conn, [lead])).get(lead, ())
    return Preferences(lead, held, addresses, [one.event for one in ledger])


async def _known(conn: AsyncConnection, asked: AddressHolder, lead: int) -> bool:
    """Whether the lead is known by that address, as who was merged into it was."""
    kind = "email" if "@" in asked.address else "phone"
    value = canonical(asked.address, asked.region)
    owned = (await leads.owners(conn, {kind: [value]})).get((kind, value))
    return owned is not None and owned.lead_id == lead


async def _address(
    conn: AsyncConnection, asked: AddressHolder, type_: ChannelType, lead: int, row: ProvenRow
) -> ChannelAddress | None:
    if type_.address_field is None:
        names = await attached.of_lead(conn, type_.channel, lead)
        return ChannelAddress(type_, names=tuple(names)) if names else None
    field = asked.fields.get(type_.address_field)
    address = None if field is None else row.values[field.column.name]
    if field is None or not isinstance(address, str) or not address:
        return None
    proof = await _proof(conn, field.column.name, address, lead, row)
    silent = await suppressions.find(conn, type_.channel, address) is not None
    own = asked.is_theirs(address)
    return ChannelAddress(type_, address, proof=proof, own=own, suppressed=silent)


async def _proof(
    conn: AsyncConnection, column: str, address: str, lead: int, row: ProvenRow
) -> Proof:
    """How sure it is that the address is the lead's; an e-mail is what its owner is known by."""
    if column == EMAIL_FIELD:
        key = email_key(address) or ""
        owned = (await leads.owners(conn, {"email": [key]})).get(("email", key))
        if owned is not None:
            return Proof(owned.proof) if owned.lead_id == lead else Proof.STATED
    return Proof(row.sure(column).proof)
