"""A marketing message leaves on the basis that its campaign, or the project, asks for; else it says why not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from relance.consent import Basis
from relance.errors import ConfigurationError
from relance.host import Identities, Incoming
from relance.proof import Proof
from server.dispatch.consent import months_before
from server.imports.order import ImportOrder
from server.imports.sheet import BadFile
from server.plugins import load_plugins
from server.reports.timeline import timeline
from server.runtime import Runtime
from server.settings import load_settings
from tests.email.sink import Sink
from tests.whole import eventually, lay_out, running, saving

SCRIPT = """\
campagne « Infolettre »
  {header}
  entrée
    quand Formulaire (Infolettre) rempli
    quand Ajouté à la liste (Salon)

  Envoyer courriel (Offre)
fin
"""
MESSAGE = "---\nobjet: {name}\nexpéditeur: La Roue <a@b.example>\n{more}---\n\nBonjour.\n"
BOX = """\
[consentement.cases]
Infolettre = "accepte"

[consentement.textes]
Infolettre = "J’accepte de recevoir l’infolettre."
"""
EMAIL = "aline@exemple.ca"
STATES = "SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state"


@asynccontextmanager
async def serving(
    folder: Path, sink: Sink, header: str, toml: str = "", more: str = ""
) -> AsyncIterator[Runtime]:
    files = {
        "a.relance": SCRIPT.format(header=header),
        "courriels/offre.md": MESSAGE.format(name="Offre", more=more),
        "relance.toml": toml,
    }
    lay_out(folder, files)
    async with running(Runtime(saving(folder, sink.environment))) as server:
        yield server


async def fill(server: Runtime, **more: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as site:
        data = {"courriel": EMAIL, **more}
        assert (await site.post("/webhooks/forms/Infolettre", data=data)).is_success


async def test_a_project_that_asks_for_nothing_goes_on_as_it_did(
    tmp_path: Path, sink: Sink
) -> None:
    async with serving(tmp_path, sink, "") as server:
        await fill(server)
        await eventually(server, STATES, [("sent", 1)])


async def test_a_box_that_is_ticked_is_a_consent_with_the_words_shown(
    tmp_path: Path, sink: Sink
) -> None:
    async with serving(tmp_path, sink, "consentement : exprès", BOX) as server:
        await fill(server, accepte="non")
        await eventually(server, STATES, [("unconsented", 1)])
        lines = await timeline(server.store, 1, load_plugins().glossary)
        (why,) = [one.reason for one in lines if one.kind == "message"]
        assert "consentement exprès" in why
        async with server.store.write() as conn:
            await conn.execute(text("DELETE FROM enrolments"))
            await conn.execute(text("DELETE FROM journal"))
            await conn.execute(text("DELETE FROM outbox"))
        await fill(server, accepte="on")
        await eventually(server, STATES, [("sent", 1)])
        said = "SELECT subject, context, properties FROM events WHERE type = 'consent_given'"
        async with server.store.read() as conn:
            ((subject, channel, details),) = (await conn.execute(text(said))).all()
        assert (subject, channel) == ("exprès", "email")
        assert "J’accepte de recevoir l’infolettre." in details
        assert '"comment":"form:Infolettre"' in details.replace(": ", ":")


async def test_a_message_of_service_needs_no_consent(tmp_path: Path, sink: Sink) -> None:
    more = "nature: service\n"
    async with serving(tmp_path, sink, "consentement : exprès", more=more) as server:
        await fill(server)
        await eventually(server, STATES, [("sent", 1)])


async def test_what_the_project_asks_holds_for_campaigns_that_say_nothing(
    tmp_path: Path, sink: Sink
) -> None:
    toml = '[consentement]\nexige = "exprès"\n'
    async with serving(tmp_path, sink, "", toml) as server:
        await fill(server)
        await eventually(server, STATES, [("unconsented", 1)])


async def test_a_campaign_may_ask_for_less_than_the_project(tmp_path: Path, sink: Sink) -> None:
    toml = '[consentement]\nexige = "exprès"\n'
    async with serving(tmp_path, sink, "consentement : implicite", toml) as server:
        await fill(server)  # a request is a basis for six months
        await eventually(server, STATES, [("sent", 1)])


async def test_a_form_confirmed_twice_lets_nothing_leave_until_it_is(
    tmp_path: Path, sink: Sink
) -> None:
    toml = '[consentement]\nconfirmer = ["Infolettre"]\n' + BOX
    async with serving(tmp_path, sink, "", toml) as server:
        await fill(server, accepte="on")
        await eventually(server, STATES, [("unconsented", 1)])
        async with server.store.read() as conn:
            reason = await conn.scalar(text("SELECT reason FROM outbox"))
        assert "pas encore confirmé" in reason


async def test_a_stranger_who_types_a_known_address_stops_nothing_for_its_owner(
    tmp_path: Path, sink: Sink
) -> None:
    toml = '[consentement]\nconfirmer = ["Infolettre"]\n' + BOX
    async with serving(tmp_path, sink, "", toml) as server:
        known = Incoming("crm", Identities(email=EMAIL), {"prénom": "Aline"}, proof=Proof.TEAM)
        await server.host.record([known])
        await fill(server, accepte="on")
        await eventually(server, STATES, [("sent", 1)])


async def test_a_file_names_its_basis_and_takes_no_refusal_back(tmp_path: Path, sink: Sink) -> None:
    leads = tmp_path / "salon.csv"
    leads.write_text("courriel\naline@exemple.ca\nbruno@exemple.ca\n", "utf-8")
    basis = "exprès : salon de mars 2026"
    order = ImportOrder(lists=("Salon",), heard=True, consent=basis)
    async with serving(tmp_path / "p", sink, "consentement : exprès") as server:
        async with server.store.write() as conn:
            await conn.execute(text("INSERT INTO leads (id, created_at) VALUES (1, 1)"))
            await conn.execute(
                text("INSERT INTO identities VALUES ('email', 'bruno@exemple.ca', 1, 2)")
            )
            await conn.execute(
                text(
                    "INSERT INTO events (lead_id, type, id, occurred_at, received_at) "
                    "VALUES (1, 'consent_withdrawn', 1, 1, 1)"
                )
            )
        await server.imports.bring(leads, "salon.csv", "m", order, batch=500)
        await eventually(server, STATES, [("sent", 1), ("unconsented", 1)])
        (mail,) = sink.messages
        assert mail["To"] == EMAIL
        wrong = ImportOrder(consent="oui")
        with pytest.raises(BadFile, match="ne dit pas de consentement"):
            await server.imports.bring(leads, "salon.csv", "n", wrong, batch=500)


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        ((2026, 8, 31), 6, (2026, 2, 28)),
        ((2028, 2, 29), 24, (2026, 2, 28)),
        ((2026, 1, 15), 6, (2025, 7, 15)),
        ((2026, 12, 31), 6, (2026, 6, 30)),
    ],
)
def test_months_are_those_of_the_calendar(
    now: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*now, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)


def test_settings_of_consent_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    for toml, said in (
        ('[consentement]\nexige = "peut-être"\n', "exprès"),
        ('[consentement]\nconfirmer = ["Autre"]\n', "aucune case"),
    ):
        (tmp_path / "relance.toml").write_text(toml, "utf-8")
        with pytest.raises(ConfigurationError, match=said):
            load_settings(tmp_path, {})
    assert [Basis.read(one) for one in ("Exprès", "IMPLICITE", "non")] == [
        Basis.EXPRESS,
        Basis.IMPLIED,
        None,
    ]
