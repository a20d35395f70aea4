"""A person chooses what they receive by the link of a message, in a real server, and nobody else does."""

import asyncio
from dataclasses import replace

from sqlalchemy import text

from plugins.preferences.links import PreferenceLinks
from relance.channel import Message
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.reach import Attach
from relance.testing import FakeHost
from server.access.actor import SERVER
from server.runtime import Runtime
from server.store.merges import merge
from tests.email.sink import Sink
from tests.preferences.conftest import (
    ALINE,
    NUMBER,
    PreferencePage,
    answered,
    fill,
    link_of,
    mailed,
)
from tests.sms.provider import Provider
from tests.whole import eventually

MAILS, TEXTS = "Je veux recevoir vos courriels.", "Je veux recevoir vos SMS."
LETTER, CONTEST = "J’accepte de recevoir l’infolettre.", "J’accepte d’être prévenu des concours."
LEDGER = "SELECT type, context FROM events WHERE type LIKE 'consent%' ORDER BY occurred_at, id"
SILENT = "SELECT channel, reason FROM suppressions ORDER BY channel"
EVERYTHING = "SELECT count(*) FROM events", SILENT, "SELECT kind, proof FROM identities"
STATES = "SELECT channel, state, count(*) FROM outbox GROUP BY channel, state ORDER BY 1, 2"


async def test_looking_changes_nothing_and_another_site_neither(
    server: Runtime, sink: Sink
) -> None:
    await fill(server, 2, courriel=ALINE, cellulaire=NUMBER)
    page = mailed(server, sink)
    before = [await answered(server, one) for one in EVERYTHING]
    for method in ("GET", "HEAD", "GET"):
        seen = await page.client.request(method, page.path)
        assert seen.status_code == 200
    assert seen.headers["cache-control"] == "no-store"
    assert "<script" not in seen.text
    assert ALINE in seen.text
    assert NUMBER not in seen.text
    assert "finit par 42" in seen.text
    assert "aline" not in page.path
    others = ({"sec-fetch-site": site} for site in ("cross-site", "same-site", "none"))
    for headers in ({"origin": "https://ailleurs.example"}, *others):
        refused = await page.client.post(page.path, data={"tout": "rien"}, headers=headers)
        assert refused.status_code == 403
    assert (await page.client.post(page.path)).status_code == 200
    assert await page.client.get(page.path + "A") is not None
    assert (await page.client.post(page.path[:-2] + "AA")).status_code == 404
    after = [await answered(server, one) for one in EVERYTHING[:2]]
    assert after == before[:2]


async def test_purposes_are_agreed_to_and_withdrawn_with_the_words_shown(
    server: Runtime, sink: Sink
) -> None:
    await fill(server, 2, courriel=ALINE, accepte="oui")
    page = mailed(server, sink)
    assert await page.ticked() == [MAILS, LETTER]
    assert "C’est enregistré" in await page.tick(MAILS, LETTER, CONTEST)
    await page.tick(MAILS, LETTER, CONTEST)  # doing it twice is doing it once
    given = ("consent_given", "email")
    assert await answered(server, LEDGER) == [given, given]
    await page.tick(MAILS, CONTEST)
    assert await page.ticked() == [MAILS, CONTEST]
    assert await answered(server, LEDGER) == [given, given, ("consent_withdrawn", "email"), given]
    said = "SELECT properties FROM events WHERE type LIKE 'consent%' ORDER BY id DESC LIMIT 2"
    for (details,), words in zip(await answered(server, said), (CONTEST, LETTER), strict=True):
        assert words in str(details)
        assert '"comment":"page"' in str(details).replace(": ", ":")
    assert await answered(server, SILENT) == []


async def test_who_leaves_everything_is_written_to_no_more_and_comes_back_by_the_same_link(
    server: Runtime, sink: Sink, provider: Provider
) -> None:
    await fill(server, 2, courriel=ALINE, cellulaire=NUMBER)
    page = mailed(server, sink)
    texted = PreferencePage(server, link_of(provider.asked[-1].fields["Body"]))
    for _ in range(2):
        done = await page.client.post(page.path, data={"tout": "rien"})
        assert "vous ne recevrez plus rien" in done.text
    assert await page.ticked() == []
    # The number is only stated: it may be a stranger's, and only this lead is left alone there.
    assert await answered(server, SILENT) == [("email", "page de préférences")]
    left = "SELECT type, count(*) FROM events WHERE type LIKE '%_unsubscribed' GROUP BY type ORDER BY 1"
    assert await answered(server, left) == [("email_unsubscribed", 1), ("sms_unsubscribed", 1)]
    await fill(server, 4, courriel=ALINE, cellulaire=NUMBER)
    assert await answered(server, STATES) == [
        ("email", "sent", 1),
        ("email", "suppressed", 1),
        ("sms", "sent", 1),
        ("sms", "unconsented", 1),
    ]
    await page.tick(MAILS, LETTER)
    assert await page.ticked() == [MAILS, LETTER]
    # Who reads the text may not be who reads the mail.
    seen = await texted.get()
    assert ALINE not in seen
    assert "À a…@exemple.ca." in seen
    # Words agreed to are of a channel: mails being left again, so is the letter they brought.
    await texted.tick(TEXTS, LETTER)
    assert await texted.ticked() == [TEXTS]
    assert await answered(server, SILENT) == [("email", "page de préférences")]


async def test_a_proven_number_is_left_by_the_mail_and_found_again_only_by_itself(
    server: Runtime, sink: Sink
) -> None:
    await fill(server, 2, courriel=ALINE, cellulaire=NUMBER)
    sure = Incoming("crm", Identities(email=ALINE), {"cellulaire": NUMBER}, proof=Proof.SIGNED)
    await server.host.record([sure])
    page = mailed(server, sink)
    await page.tick(MAILS)
    assert await answered(server, SILENT) == [("sms", "page de préférences")]
    assert "il faut un lien reçu à cette adresse même" in await page.tick(MAILS, TEXTS)
    assert await answered(server, SILENT) == [("sms", "page de préférences")]


async def test_the_link_of_an_address_that_became_another_s_is_good_for_nothing(
    server: Runtime, sink: Sink, provider: Provider
) -> None:
    await fill(server, 2, courriel=ALINE, cellulaire=NUMBER)
    texted = PreferencePage(server, link_of(provider.asked[-1].fields["Body"]))
    async with server.store.write() as conn:
        await conn.execute(text("UPDATE identities SET lead_id = 99 WHERE kind = 'phone'"))
        await conn.execute(text("UPDATE leads SET f_cellulaire = '514 555-0143'"))
    for method in ("GET", "POST"):
        refused = await texted.client.request(method, texted.path, data={"tout": "rien"})
        assert refused.status_code == 410
        assert "n’est plus dans votre fiche" in refused.text
    assert await answered(server, SILENT) == []
    assert await answered(server, LEDGER) == []


async def test_a_message_that_goes_to_no_address_of_a_lead_has_no_link_to_a_page() -> None:
    host, link = FakeHost(), PreferenceLinks.variable()
    mail = Message("7.1", "Offre", 7, ALINE, {}, "Courriels", 1, host.clock.now())
    assert "/preferences/" in str(await link.read(host, mail))
    for other in (replace(mail, recipient="Paul"), replace(mail, address="")):
        assert await link.read(host, other) is None


async def test_browsers_are_let_go_and_two_presses_at_once_are_one(
    server: Runtime, sink: Sink
) -> None:
    await fill(server, 2, courriel=ALINE)
    browser = Attach("push", "https://push.example/1", "{}")
    await server.host.record([Incoming("push", Identities(email=ALINE), reach=[browser])])
    page = mailed(server, sink)
    assert "Dans un navigateur." in await page.get()
    pressed = [page.client.post(page.path, data={"tout": "rien"}) for _ in range(4)]
    assert {answer.status_code for answer in await asyncio.gather(*pressed)} == {200}
    assert await answered(server, "SELECT count(*) FROM attached") == [(0,)]
    left = "SELECT type, count(*) FROM events WHERE type LIKE '%_unsubscribed' GROUP BY type ORDER BY 1"
    assert await answered(server, left) == [("email_unsubscribed", 1), ("push_unsubscribed", 1)]


async def test_a_language_is_said_among_those_of_the_project(server: Runtime, sink: Sink) -> None:
    await fill(server, 2, courriel=ALINE)
    page = mailed(server, sink)
    for said, kept in (("en", "en"), ("xx", "en"), ("fr", "fr")):
        await page.tick(MAILS, langue=said)
        await eventually(server, "SELECT f_langue FROM leads", [(kept,)])
    assert await answered(server, EVERYTHING[2]) == [("email", Proof.CONFIRMED)]


async def test_a_link_follows_who_was_recognised_and_dies_with_who_was_forgotten(
    server: Runtime, sink: Sink
) -> None:
    await fill(server, 2, courriel=ALINE)
    page = mailed(server, sink)
    ((known,),) = await answered(server, "SELECT id FROM leads")
    (target,) = await server.host.record([Incoming("crm", Identities(email="a@exemple.ca"))])
    async with server.store.write() as conn:
        await merge(conn, server.store.fields.table, [(int(str(known)), target.lead_id)], 1)
    await page.tick(MAILS, LETTER)
    consented = "SELECT lead_id FROM events WHERE type = 'consent_given'"
    assert await answered(server, consented) == [(target.lead_id,)]
    await server.desk.perform("oublier", {"lead": str(target.lead_id), "qui": "alice"}, SERVER)
    for method in ("GET", "POST"):
        assert (await page.client.request(method, page.path)).status_code == 404
