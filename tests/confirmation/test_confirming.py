"""An address is confirmed by a button or a code sent there, in a real server, and by nothing else."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from plugins.confirmation.codes import Codes
from plugins.confirmation.settings import read_settings
from relance.channel import Message
from relance.proof import Proof
from relance.testing import FakeHost
from server.runtime import Runtime
from server.store.challenges import MOST_A_CODE, MOST_A_SENDER, MOST_AN_ADDRESS
from tests.confirmation.conftest import SITE, Visitor, code_of, letter, link_of
from tests.email.sink import Sink
from tests.sms.provider import Provider
from tests.whole import eventually

ALINE, NUMBER = "aline@exemple.ca", "514 555-0142"
SURETY = "SELECT kind, proof FROM identities WHERE kind IN ('email', 'phone') ORDER BY kind"
CONFIRMED = "SELECT type, count(*) FROM events WHERE type LIKE '%_confirmed' GROUP BY type"


def test_the_bounds_leave_a_guess_no_chance() -> None:
    assert MOST_A_CODE <= MOST_AN_ADDRESS <= MOST_A_SENDER < 1_000_000 / 10_000


async def test_the_button_proves_and_looking_does_not(server: Runtime, sink: Sink) -> None:
    aline = Visitor(server)
    await aline.fills("Inscription", courriel=ALINE)
    path = link_of(letter(sink))
    for method in ("GET", "HEAD", "GET"):
        seen = await aline.client.request(method, path)
        assert seen.status_code == 200
    assert "Confirmer</button>" in seen.text
    assert seen.headers["cache-control"] == "no-store"
    assert seen.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in seen.headers["content-security-policy"]
    await eventually(server, SURETY, [("email", Proof.STATED)])
    done = await aline.client.post(path)
    assert "C’est confirmé" in done.text
    assert f'href="{SITE}/merci"' in done.text
    await aline.client.post(path)
    await eventually(server, SURETY, [("email", Proof.CONFIRMED)])
    await eventually(server, CONFIRMED, [("email_confirmed", 1)])


async def test_the_link_is_not_tracked_and_serves_nothing_else(server: Runtime, sink: Sink) -> None:
    await Visitor(server).fills("Inscription", courriel=ALINE)
    token = link_of(letter(sink)).rpartition("/")[2]
    assert "aline" not in token
    async with server.store.read() as conn:
        kept = (await conn.execute(text("SELECT text FROM kept_texts"))).scalars().all()
    assert not [one for one in kept if "confirmer" in one]
    visitor = Visitor(server)
    other = token[:-1] + ("A" if token[-1] != "A" else "Q")
    for path in (f"/d/{token}", f"/c/{token}", f"/confirmer/{other}", "/confirmer/x"):
        assert (await visitor.client.post(path)).status_code in {404, 405}
    await eventually(server, SURETY, [("email", Proof.STATED)])


async def test_a_link_that_is_late_or_of_another_address_confirms_nothing(
    server: Runtime, sink: Sink
) -> None:
    aline = Visitor(server)
    await aline.fills("Inscription", courriel=ALINE)
    lead, at = 1, int(server.clock.now().timestamp())
    async with server.store.read() as conn:
        lead = await conn.scalar(text("SELECT id FROM leads"))
    for address, until in ((ALINE, at), ("autre@exemple.ca", at + 900)):
        token = server.host.seal("confirmation", lead, "k", address, at - 60, until)
        assert (await aline.client.post(f"/confirmer/{token}")).status_code == 410
    await eventually(server, SURETY, [("email", Proof.STATED)])


async def test_the_code_of_a_text_proves_the_number(
    server: Runtime, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    aline = Visitor(server)
    await aline.fills("Cellulaire", cellulaire=NUMBER)
    code = code_of(provider.asked[-1].fields["Body"])
    done = await aline.types("(514) 555 0142", f"{code[:3]} {code[3:]}")
    assert "C’est confirmé" in done.text
    again = await aline.types(NUMBER, code, accept="application/json")
    assert again.json() == {"statut": "confirmé"}
    await eventually(server, SURETY, [("phone", Proof.CONFIRMED)])
    await eventually(server, CONFIRMED, [("phone_confirmed", 1)])
    field = "SELECT proof FROM field_proofs WHERE field = 'f_cellulaire'"
    await eventually(server, field, [(Proof.CONFIRMED,)])
    assert code not in caplog.text
    async with server.store.read() as conn:
        for table in ("events", "outbox", "journal", "challenges", "receipts", "kept_texts"):
            rows = await conn.execute(text(f"SELECT * FROM {table}"))
            cells = {str(cell) for row in rows for cell in row}
            assert not any(code in cell and not cell.isdigit() for cell in cells), table
            assert code not in cells


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("https://relance.exemple.ca:8443", "@relance.exemple.ca #{code}"),
        ("http://127.0.0.1:8080", None),
    ],
)
async def test_a_text_ends_with_the_line_by_which_telephones_fill_the_code_in(
    page: str, line: str | None
) -> None:
    host, at = FakeHost(public_url=page), datetime(2026, 12, 1, 9, tzinfo=UTC)
    texto = Message("12:0", "Code", 1, "+15145550142", {}, "Cellulaire", 1, at)
    code, filled = Codes.variables(read_settings(host), page)
    digits = await code.read(host, texto)
    assert await filled.read(host, texto) == (line and line.format(code=digits))
    assert await filled.read(host, replace(texto, recipient="marc@exemple.ca")) is None


async def test_a_code_bears_few_tries_and_so_does_whoever_tries(
    server: Runtime, provider: Provider
) -> None:
    aline, stranger = Visitor(server), Visitor(server)
    await aline.fills("Cellulaire", cellulaire=NUMBER)
    code = code_of(provider.asked[-1].fields["Body"])
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(MOST_A_CODE):
        assert (await stranger.types(NUMBER, wrong)).status_code == 422
    assert (await aline.types(NUMBER, code)).status_code == 422, "the code is spent"
    await aline.fills("Cellulaire", cellulaire=NUMBER)
    fresh = code_of(provider.asked[-1].fields["Body"])
    assert fresh != code
    for _ in range(MOST_AN_ADDRESS - MOST_A_CODE - 1):
        await stranger.types(NUMBER, wrong)
    refused = await aline.types(NUMBER, fresh)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    for last in range(MOST_A_SENDER - MOST_AN_ADDRESS):
        answer = await stranger.types(f"514 555-02{last:02d}", wrong)
        assert answer.status_code == 422
    assert (await stranger.types("514 555-0299", wrong)).status_code == 429
    await eventually(server, SURETY, [("phone", Proof.STATED)])


async def test_a_code_is_of_one_address_and_for_a_while(
    server: Runtime, provider: Provider
) -> None:
    aline = Visitor(server)
    await aline.fills("Cellulaire", cellulaire=NUMBER)
    code = code_of(provider.asked[-1].fields["Body"])
    assert (await aline.types("514 555-0143", code)).status_code == 422
    past = int((server.clock.now() - timedelta(seconds=1)).timestamp() * 1_000_000)
    async with server.store.write() as conn:
        await conn.execute(text("UPDATE challenges SET until = :past"), {"past": past})
    assert (await aline.types(NUMBER, code)).status_code == 422
    await eventually(server, SURETY, [("phone", Proof.STATED)])


async def test_a_site_takes_the_code_in_its_own_page_and_another_does_not(
    server: Runtime, provider: Provider
) -> None:
    aline = Visitor(server)
    await aline.fills("Cellulaire", cellulaire=NUMBER)
    code = code_of(provider.asked[-1].fields["Body"])
    foreign = await aline.types(NUMBER, code, origin="https://www.exemple.net")
    assert foreign.status_code == 403
    missed = await aline.types(NUMBER, "12", origin=SITE, accept="*/*")
    assert missed.status_code == 422
    assert missed.headers["access-control-allow-origin"] == SITE
    assert missed.headers["content-type"] == "application/problem+json"
    assert "code" in missed.json()["title"]
    form = {"téléphone": NUMBER, "code": code}
    done = await aline.client.post("/confirmer", json=form, headers={"accept": "*/*"})
    assert done.json() == {"statut": "confirmé"}
    await eventually(server, SURETY, [("phone", Proof.CONFIRMED)])


async def test_what_was_stated_in_that_browser_becomes_so(server: Runtime, sink: Sink) -> None:
    """The claims that wait for an address, as a link of a mail proves them."""
    await Visitor(server).fills("Inscription", courriel=ALINE, prénom="Aline")
    hers = Visitor(server, "navigateur-aaaaaaaaaaaaaaaa")
    await hers.fills("Inscription", courriel=ALINE, prénom="Alina", cellulaire=NUMBER)
    name = "SELECT f_prenom, f_cellulaire FROM leads WHERE f_courriel IS NOT NULL"
    await eventually(server, name, [("Aline", None)])
    await Visitor(server).client.post(link_of(letter(sink)))
    await eventually(server, name, [("Aline", None)])
    await hers.client.post(link_of(letter(sink)))
    await eventually(server, name, [("Alina", "+15145550142")])
    await eventually(
        server, "SELECT state, count(*) FROM declarations GROUP BY state", [("proven", 2)]
    )
