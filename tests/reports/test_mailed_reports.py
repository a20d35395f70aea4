"""Reports saved on a page and mailed to the team by a real mail server: once a date, whatever happens."""

import asyncio
import html
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import httpx
import pytest
from openpyxl import load_workbook

from relance.access_role import AccessRole
from relance.testing import VirtualClock
from server.access import accounts
from server.access.actor import SERVER
from server.access.team import Accounts
from server.clock import SystemClock
from server.crash import CRASH_POINTS
from server.dispatch import retry
from server.report_mail import mailing
from server.report_mail.mailing import ReportMailing
from server.report_mail.recurrence import of_cron, written
from server.runtime import Runtime
from tests.email.sink import Sink
from tests.processes import command
from tests.signed import session_of, sign_in, token_of
from tests.whole import lay_out, running, saving

SCRIPT = """\
campagne « Accueil <b> »
  entrée
    quand Formulaire (Essai) rempli
  attendre 3 jours
fin
"""
#: A Wednesday, at noon in Montréal.
BEGUN = datetime(2026, 11, 4, 17, tzinfo=UTC)
POINTS = sorted(point for point in CRASH_POINTS if point.startswith("report_mail."))
NEW = "/rapports/enregistres/nouveau"
#: What the channel is given of a mail that does not go.
ATTEMPTS = 3


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
async def server(tmp_path: Path, sink: Sink) -> AsyncIterator[SimpleNamespace]:
    """A server whose clock a test moves, its mail sink, and a browser that is signed in."""
    clock = VirtualClock(BEGUN)
    lay_out(tmp_path, {"accueil.relance": SCRIPT})
    sender = {"RELANCE_EMAIL_EXPEDITEUR": "Relance <relance@exemple.ca>"}
    few = {"RELANCE_EMAIL_ESSAIS": str(ATTEMPTS)}
    settings = saving(tmp_path, {**sink.environment, **sender, **few})
    made = Runtime(settings, clock=clock, access_clock=SystemClock())
    async with running(made) as runtime, httpx.AsyncClient(base_url=runtime.url) as client:
        await sign_in(runtime, client)
        form = {"courriel": "aline@exemple.ca"}
        assert (await client.post("/webhooks/forms/Essai", data=form)).status_code < 300

        async def run(*words: str) -> str:
            """What the terminal says of that project."""
            return (await asyncio.to_thread(command, *words, "--dossier", str(tmp_path))).out

        yield SimpleNamespace(runtime=runtime, client=client, clock=clock, sink=sink, run=run)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def page_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return plain(body.get_content())


async def save(client: httpx.AsyncClient, name: str, **given: str) -> str:
    """The page of a report saved so."""
    asked = {"rapport": "maison", "jours": "mois-passe", "pas": "jour", **given}
    answer = await client.post(NEW, data={**asked, "nom": name})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def mailed(client: httpx.AsyncClient, page: str, *readers: int, **given: str) -> str:
    """What is said once it is mailed to them."""
    every = {"chaque": "jour", "heure": "08:00", "joint": ".xlsx"}
    asked = {**every, **given, "geste": "envoyer", "destinataires": list(map(str, readers))}
    answer = await client.post(page, data=asked)
    return plain((await client.get(page)).text if answer.status_code == 303 else answer.text)


async def received(server: SimpleNamespace, count: int) -> list[EmailMessage]:
    """Wait for so many mails."""
    server.runtime.report_mailing.wake()
    async with asyncio.timeout(20):
        while len(server.sink.envelopes) < count:
            await asyncio.sleep(0.02)
    return list(server.sink.messages)


async def idle(server: SimpleNamespace) -> None:
    """Until nothing is left to send."""
    async with asyncio.timeout(20):
        while await _left(server.runtime):
            await asyncio.sleep(0.02)


async def _left(runtime: Runtime) -> int:
    query = "SELECT count(*) FROM report_mails WHERE settled_at IS NULL"
    async with runtime.store.read() as conn:
        return int((await conn.exec_driver_sql(query)).scalar() or 0)


async def test_a_report_saved_as_it_is_on_screen_is_found_again_and_mailed_at_its_hour_once(
    server: SimpleNamespace,
) -> None:
    client, sink, clock = server.client, server.sink, server.clock
    shown = await client.get("/rapports/maison?du=2026-10-01&au=2026-10-31&par=semaine&avant=non")
    link = html.unescape(re.findall(rf'href="({NEW}[^"]*)"', shown.text)[0])
    asked = (await client.get(link)).text
    assert 'value="mois-passe" selected' in asked, "October, seen in November, is the month past"
    assert 'value="semaine"' in asked
    assert 'value="non" selected' in asked
    page = await save(client, "Le mois « <i> »", pas="semaine")
    again = await client.post(
        NEW, data={"rapport": "maison", "jours": "hier", "nom": "le MOIS « <i> »"}
    )
    assert (again.status_code, "Il y a déjà un rapport" in again.text) == (422, True)
    assert 'value="le MOIS' in again.text, "what was typed is kept"
    home = (await client.get("/rapports")).text
    assert 'href="/rapports/maison?du=2026-10-01&amp;au=2026-10-31&amp;par=semaine' in home

    await session_of(server.runtime, [AccessRole.WRITE], "ecrit@exemple.ca")
    await session_of(server.runtime, [AccessRole.READ], "lit@exemple.ca")
    choices = (await client.get(page)).text
    assert ("lit@exemple.ca" in choices, "ecrit@exemple.ca" in choices) == (True, False)
    assert "Une heure s’écrit 08:00" in await mailed(client, page, 1, heure="25 h")
    assert "ne peut pas le recevoir" in await mailed(client, page, 2)
    said = await mailed(client, page, 1, 3, chaque="semaine", jour_semaine="0")
    assert "Il part chaque lundi à 8 h" in said

    clock.set(datetime(2026, 11, 9, 13, 0, 5, tzinfo=UTC))  # Monday, 8 h there
    first, second = await received(server, 2)
    assert {first["To"], second["To"]} == {"camille@exemple.ca", "lit@exemple.ca"}
    assert plain(first["Subject"]).startswith("Le mois « » : du 1er oct.")
    read = page_of(first)
    assert "Du 1er oct. 2026 au 31 oct. 2026" in read
    assert "Entrées" in read
    assert "retard" not in read
    words = first.get_body(("plain",))
    assert words is not None
    assert "ENTRÉES" in words.get_content().upper()
    assert "Le rapport entier est joint." in words.get_content()
    (sheet,) = first.iter_attachments()
    assert len(load_workbook(io.BytesIO(sheet.get_content())).sheetnames) > 2
    server.runtime.report_mailing.wake()
    await idle(server)
    assert len(sink.envelopes) == 2, "once a date"

    reader = {"authorization": f"Bearer {await token_of(server.runtime, AccessRole.READ)}"}
    await save(client, "Qui en sort", rapport="sortis", sujet="Accueil <b>")
    async with httpx.AsyncClient(base_url=client.base_url, headers=reader) as program:
        (one,) = (await program.get("/api/v1/saved-reports")).json()["items"]
        assert (one["mailed"], one["readers"]) == ("chaque lundi à 8 h", 2)
        whole = (await program.get(f"/api/v1/saved-reports/{quote(one['name'])}")).json()
        assert (whole["from"], whole["report"]["resume"]["entrees"]) == ("2026-10-01", 0)
        assert (await program.get("/api/v1/saved-reports/qui%20en%20sort")).status_code == 404
    every = await server.run("rapport", "enregistres", "--json")
    assert [line["nom"] for line in json.loads(every)] == ["Le mois « <i> »", "Qui en sort"]
    there = await server.run("rapport", "enregistre", "qui en sort", "--json")
    assert [line["courriel"] for line in json.loads(there)] == ["aline@exemple.ca"]


async def test_dates_missed_leave_once_late_and_who_lost_the_right_receives_no_more(
    server: SimpleNamespace,
) -> None:
    client, sink, clock, runtime = server.client, server.sink, server.clock, server.runtime
    await session_of(runtime, [AccessRole.READ], "lit@exemple.ca")
    await session_of(runtime, [AccessRole.READ], "part@exemple.ca")
    page = await save(client, "Hier", jours="hier")
    await mailed(client, page, 1, 2, 3)
    async with runtime.store.write() as conn:
        await accounts.change(conn, 2, roles="write")
    await Accounts(runtime.access.register).close(SERVER, 3)
    clock.set(datetime(2026, 11, 8, 13, 0, 5, tzinfo=UTC))  # four dates at once
    (mail,) = await received(server, 1)
    read = page_of(mail)
    assert "Envoi en retard" in read
    assert "8 nov. 2026 à 8 h" in read
    assert "3 autres envois d’avant" in read
    assert "7 nov. 2026" in read, "the day before that date"
    query = (
        "SELECT object, after FROM audit_log WHERE action = 'rapport.envoi-arrete' ORDER BY number"
    )
    async with runtime.store.read() as conn:
        rows = [tuple(row) for row in await conn.exec_driver_sql(query)]
    assert [name for name, _ in rows] == ["Hier", "Hier"]
    assert "n’a plus le rôle" in rows[0][1]
    assert "son compte est fermé" in rows[1][1]
    await idle(server)

    broken = await save(client, "Cassé", rapport="campagne", sujet="Accueil <b>", jours="7-jours")
    await mailed(client, broken, 1, heure="9:30")
    async with runtime.store.write() as conn:
        await conn.exec_driver_sql(
            "UPDATE saved_reports SET subject = 'Partie' WHERE name = 'Cassé'"
        )
    await client.post(page, data={"geste": "arreter"})
    clock.set(datetime(2026, 11, 9, 14, 30, 5, tzinfo=UTC))
    *_, failed = await received(server, 2)
    assert "n’est parti à personne" in page_of(failed)
    assert "Il n’y a pas de campagne" in page_of(failed)
    assert "Le dernier envoi n’a pas pu être fait" in plain((await client.get(broken)).text)
    gone = await client.post(broken, data={"geste": "supprimer"})
    assert gone.headers["location"] == "/rapports"
    await idle(server)
    assert len(sink.envelopes) == 2


async def test_a_server_killed_at_any_point_of_a_mail_sends_it_once_and_so_do_two_at_once(
    server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, sink, clock = server.runtime, server.sink, server.clock
    page = await save(server.client, "Chaque jour", jours="hier")
    await mailed(server.client, page, 1)
    await runtime._tasks.stop("rapports", 5)
    office = runtime.report_mailing

    def another() -> ReportMailing:
        """The same, of a process that has just started."""
        book = office._parts.book
        book.close()
        return ReportMailing(office._parts)

    for day, point in enumerate(POINTS):
        clock.set(datetime(2026, 11, 5 + day, 13, 0, 5, tzinfo=UTC))
        dying = another()
        await dying.recover()

        def die(name: str, point: str = point) -> None:
            if name == point:
                raise Killed

        monkeypatch.setattr(mailing, "crash_point", die)
        with pytest.raises(Killed):
            await dying.turn()
        monkeypatch.setattr(mailing, "crash_point", lambda _: None)
        before = len(sink.envelopes)
        living = another()
        await living.recover()
        clock.advance(minutes=1)
        await living.turn()
        dates = {mail["Message-ID"] for mail in sink.messages}
        assert len(dates) == day + 1, point
        assert len(sink.envelopes) - before <= 1, point
    assert len(sink.envelopes) == len(POINTS) + 1, "one alone was in doubt, and left again"
    clock.advance(timedelta(days=1))
    one = another()
    await one.recover()
    await asyncio.gather(one.turn(), ReportMailing(office._parts).turn())
    assert len(sink.envelopes) == len(POINTS) + 2


async def test_a_mail_that_may_have_left_waits_before_it_leaves_again_and_no_more_than_the_channel_may(
    server: SimpleNamespace,
) -> None:
    runtime, sink, clock = server.runtime, server.sink, server.clock
    page = await save(server.client, "Chaque jour", jours="hier")
    await mailed(server.client, page, 1)
    await runtime._tasks.stop("rapports", 5)
    office = runtime.report_mailing
    sink.drop_at = "DATA"  # taken, and nothing said of it
    clock.set(datetime(2026, 11, 5, 13, 0, 5, tzinfo=UTC))
    for attempt in range(1, ATTEMPTS):
        before = clock.now()
        await office.turn()
        await office.turn()
        assert len(sink.envelopes) == attempt, "in doubt: it does not leave again at once"
        due = await office.next_due()
        assert due is not None
        assert due - before >= timedelta(seconds=retry.LEAST)
        clock.set(due)
    await office.turn()
    clock.advance(hours=12)
    await office.turn()
    assert len(sink.envelopes) == ATTEMPTS
    assert len({mail["Message-ID"] for mail in sink.messages}) == 1
    assert await _left(runtime) == 0
    assert "peut-être parti" in plain((await server.client.get(page)).text)


def test_a_recurrence_is_read_from_a_form_stored_as_a_calendar_and_said_in_words() -> None:
    at = {"jour_semaine": "6", "jour_mois": "31", "heure": "7 h 05"}
    said = []
    for every in ("jour", "semaine", "mois"):
        found, wrong = written({**at, "chaque": every})
        assert (wrong, of_cron(found.cron)) == ({}, found)
        said.append(found.words)
    assert said == [
        "chaque jour à 7 h 05",
        "chaque dimanche à 7 h 05",
        "le dernier jour de chaque mois à 7 h 05",
    ]
    _, wrong = written({"chaque": "mois", "jour_mois": "32", "heure": "24:00"})
    assert set(wrong) == {"jour_mois", "heure"}
