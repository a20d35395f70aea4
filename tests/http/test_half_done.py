"""A store that refuses in the middle of what a door of a plugin does: nothing of it is done, and
telling it again does the whole, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from plugins.email.headers import Mailbox
from plugins.email.identity import message_id
from plugins.email.unsubscribe import PURPOSE as LEAVE
from plugins.sms.receipts import PURPOSE as RECEIPT
from relance.channel import Message
from relance.errors import StoreUnavailable
from server.runtime import Runtime
from server.store import arrivals, attached, suppressions
from tests.http.doors import Post, by_browser, by_provider, house, signed

EMAIL, NUMBER = "aline@exemple.ca", "+15145551234"
#: What each door does in the store, in order, the event and the receipt aside.
EVENTS, RECEIPTS = (arrivals, "insert_events"), (arrivals, "insert_receipts")
SUPPRESS, FORGET = (suppressions, "suppress"), (suppressions, "forget")
ATTACH, DETACH = (attached, "attach"), (attached, "detach")


@dataclass(frozen=True)
class Door:
    """What is told there, what it does in the store, and the rows it leaves (more, or less)."""

    post: Post
    steps: tuple[tuple[Any, str], ...]
    leaves: Mapping[str, int]


async def doors(server: Runtime) -> list[Door]:
    """Those that change whom, or where, one writes to; each after what it undoes."""
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        known = {"courriel": EMAIL, "cellulaire": NUMBER}
        assert (await visitor.post("/webhooks/forms/Essai", data=known)).status_code == 201
    host = server.host
    (name,) = await host.keep(["Rappel"])
    sent = Message("1.1.1.1.1.3", "Rappel", 1, EMAIL, {}, "Essai", 1, host.clock.now())
    identity = message_id(host, sent, name, EMAIL, Mailbox("nous@exemple.ca"))
    receipt = "/webhooks/sms/statut/" + host.sign(RECEIPT, 1, "1.1.1.1.1.1", name)
    dead = {"MessageStatus": "undelivered", "ErrorCode": "30005", "To": NUMBER}
    leave = "/d/" + host.seal(LEAVE, 1, "1.1.1.1.1.2", name, EMAIL)
    stop = {"From": NUMBER, "Body": "STOP", "MessageSid": "SM1"}
    start = {"From": NUMBER, "Body": "START", "MessageSid": "SM2"}
    complaint = {"type": "plainte", "message": identity, "courriel": EMAIL}
    yes = by_browser(mark="")
    no = Post("push_unsubscribed", "/notifications/desabonnement", yes.body, yes.headers)
    left, back = {"suppressions": 1}, {"suppressions": -1}
    sms = "/webhooks/sms"
    return [
        Door(by_provider("sms_unsubscribed", sms, **stop), (SUPPRESS, EVENTS, RECEIPTS), left),
        Door(by_provider("sms_subscribed", sms, **start), (FORGET, EVENTS, RECEIPTS), back),
        Door(by_provider("sms_undelivered", receipt, **dead), (SUPPRESS, EVENTS, RECEIPTS), left),
        Door(Post("email_unsubscribed", leave, b""), (SUPPRESS, EVENTS, RECEIPTS), left),
        Door(
            signed("email_complained", "/webhooks/email", complaint),
            (SUPPRESS, EVENTS, RECEIPTS),
            {},  # who left has left
        ),
        Door(yes, (ATTACH, EVENTS, RECEIPTS), {"attached": 1, "leads": 1}),
        Door(no, (DETACH, EVENTS), {"attached": -1}),
    ]


async def rows(server: Runtime, event: str) -> dict[str, int]:
    asked = {
        table: f"SELECT count(*) FROM {table}" for table in ("suppressions", "attached", "leads")
    }
    asked["events"] = f"SELECT count(*) FROM events WHERE type = '{event}'"
    async with server.store.read() as conn:
        return {what: (await conn.scalar(text(query))) or 0 for what, query in asked.items()}


def refuse_after(monkeypatch: pytest.MonkeyPatch, module: Any, step: str) -> None:
    done = getattr(module, step)

    async def refused(*given: Any, **named: Any) -> None:
        await done(*given, **named)
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(module, step, refused)


async def test_a_store_that_refuses_at_any_step_leaves_nothing_half_done(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(store_url, tmp_path) as server:
        all_doors = await doors(server)
        async with httpx.AsyncClient(base_url=server.url, timeout=20) as sender:
            for door in all_doors:
                one = door.post
                before = await rows(server, one.event)
                for module, step in door.steps:
                    with monkeypatch.context() as refusing:
                        refuse_after(refusing, module, step)
                        answer = await sender.post(one.path, content=one.body, headers=one.headers)
                    assert answer.status_code == 503, (one.event, step, answer.text)
                    assert await rows(server, one.event) == before, (one.event, step)
                whole = {what: count + door.leaves.get(what, 0) for what, count in before.items()}
                for _ in range(2):
                    answer = await sender.post(one.path, content=one.body, headers=one.headers)
                    assert answer.status_code < 300, (one.event, answer.text)
                    assert await rows(server, one.event) == {**whole, "events": 1}, one.event
