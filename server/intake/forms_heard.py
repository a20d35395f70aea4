"""The forms that the rules hear, known to the door before the rules are.

A server takes forms from its first connection on, while it still reads its rules. It then knows the
forms by what it noted when they were last published; at a first start, by nothing: those that come
wait for the engine under the name their address gave, and are named here once the rules are read.
"""

import json
from collections.abc import Callable, Collection

from sqlalchemy import delete, insert, select, text, update

from relance.events import FORM_SUBMITTED
from relance.fold import key_of
from server.store.schema.events import events
from server.store.schema.server import server_settings
from server.store.store import Store

_NAME = "forms_heard"
_NOTED = server_settings.c.name == _NAME
#: The words of the partial index of what waits.
_WAITING = (text("events.pending"), events.c.type == FORM_SUBMITTED)


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
    written = select(events.c.subject_key).where(*_WAITING, events.c.subject_key.is_not(None))
    async with store.read() as conn:
        known = (await conn.scalars(written.distinct())).all()
    named = {key: meant(key) for key in known}
    others = {key: name for key, name in named.items() if key_of(name) != key}
    if not others:
        return
    async with store.write() as conn:
        for key, name in others.items():
            await conn.execute(
                update(events)
                .where(*_WAITING, events.c.subject_key == key)
                .values(subject=name, subject_key=key_of(name))
            )
