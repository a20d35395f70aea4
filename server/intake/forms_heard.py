"""The forms that the rules hear, known to the door before the rules are.

A server takes forms from its first connection on, while it still reads its rules. It then knows the
forms by what it noted when they were last published; at a first start, by nothing: those that come
wait for the engine under the name their address gave, and are named here once the rules are read.
"""

import json
from collections.abc import Callable, Collection

from sqlalchemy import delete, insert, select, tuple_, update

from relance.events import FORM_SUBMITTED
from relance.fold import key_of
from server.store.schema.events import events, inbox
from server.store.schema.server import server_settings
from server.store.store import Store

_NAME = "forms_heard"
_NOTED = server_settings.c.name == _NAME
#: The forms among what waits.
_WAITING = inbox.c.type == FORM_SUBMITTED


async def noted(store: Store) -> Collection[str]:
    """Those of the last publication."""
    async with store.read() as conn:
        found = await conn.scalar(select(server_settings.c.value).where(_NOTED))
    return [] if found is None else list(json.loads(found))


async def note(store: Store, names: Collection[str]) -> None:
    """Note those of a publication."""
    if sorted(names) == sorted(await noted(store)):
        return
    value = json.dumps(sorted(names), ensure_ascii=False)
    async with store.write() as conn:
        await conn.execute(delete(server_settings).where(_NOTED))
        await conn.execute(insert(server_settings).values(name=_NAME, value=value))


async def name_waiting(store: Store, meant: Callable[[str], str]) -> None:
    """Give the forms that wait for the engine the names by which the rules know them."""
    written = select(inbox.c.subject_key).where(_WAITING, inbox.c.subject_key.is_not(None))
    async with store.read() as conn:
        known = (await conn.scalars(written.distinct())).all()
    named = {key: meant(key) for key in known}
    others = {key: name for key, name in named.items() if key_of(name) != key}
    if not others:
        return
    async with store.write() as conn:
        for key, name in others.items():
            mine = (_WAITING, inbox.c.subject_key == key)
            these = select(inbox.c.lead_id, inbox.c.type, inbox.c.id).where(*mine)
            named_so = tuple_(events.c.lead_id, events.c.type, events.c.id).in_(these)
            values = {"subject": name, "subject_key": key_of(name)}
            await conn.execute(update(events).where(named_so).values(**values))
            await conn.execute(update(inbox).where(*mine).values(subject_key=key_of(name)))
