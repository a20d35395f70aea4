"""The whole way, on the real server: a form, a rule, the CRM, and the CRM's own word back."""

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from relance.webhook_signature import secret_bytes, sign
from server.runtime import Runtime
from tests.crm.standin import TOKEN, Say, StandIn
from tests.signed import sign_in
from tests.web.test_interface import plain
from tests.whole import eventually, running, saving

SCRIPT = """\
campagne « Devis »
  réentrée : après la sortie
  entrée
    quand Formulaire (Devis) rempli
  Synchronisation au CRM
fin

campagne « Suite »
  entrée
    quand Synchronisé au CRM
  Étiqueter (Connu des ventes)
fin
"""
SETTINGS = """\
[crm]
fournisseur = "hubspot"
adresse = "{url}"
jeton = "{token}"
maitre_crm = ["ville"]
propriete_cle = "relance_cle"
secret = "{secret}"

[crm.champs]
courriel = "email"
"prénom" = "firstname"
ville = "city"

[reseau]
hotes_permis = ["127.0.0.1"]
"""
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
async def server(tmp_path: Path, crm: StandIn) -> AsyncIterator[Runtime]:
    (tmp_path / "devis.relance").write_text(SCRIPT)
    settings = SETTINGS.format(url=crm.url, token=TOKEN, secret=SECRET)
    (tmp_path / "relance.toml").write_text(settings)
    async with running(Runtime(saving(tmp_path, {"RELANCE_PORT": "0"}))) as runtime:
        yield runtime


async def form(server: Runtime, **fields: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        answer = await visitor.post("/webhooks/forms/Devis", data=fields)
        assert answer.status_code < 300, answer.text


async def test_a_lead_is_brought_and_the_crm_s_word_comes_back(
    server: Runtime, crm: StandIn
) -> None:
    crm.holds("aline@exemple.ca", firstname="A.", city="Laval")
    await form(server, courriel="aline@exemple.ca", prénom="Aline", ville="Québec")
    await eventually(server, "SELECT state FROM outbox", [("sent",)])
    await eventually(server, "SELECT f_prenom, f_ville FROM leads", [("Aline", "Laval")])
    await eventually(server, "SELECT name FROM lead_tags", [("Connu des ventes",)])
    (written,) = crm.written
    assert written["firstname"] == "Aline"
    assert "city" not in written
    recorded = (
        "SELECT type, properties FROM events WHERE type = 'lead_updated' ORDER BY id DESC LIMIT 1"
    )
    await eventually(server, recorded, [("lead_updated", '{"champs": ["ville"]}')])
    async with httpx.AsyncClient(base_url=server.url) as member:
        await sign_in(server, member)
        page = plain((await member.get("/leads/1")).text)
    assert re.search(r" CRM Contact \w+ Porté le \d", page), page
    assert "Le CRM fait foi pour : ville." in page


async def test_a_connection_cut_after_the_write_is_settled_by_asking(
    server: Runtime, crm: StandIn
) -> None:
    crm.script["write"] = [Say(cut=True, obeys=True)]
    await form(server, courriel="aline@exemple.ca", prénom="Aline")
    # Asking is an attempt too.
    await eventually(server, "SELECT state, attempts FROM outbox", [("sent", 2)])
    assert len(crm.did("write")) == 1
    assert len(crm.did("search")) == 1


async def test_what_cannot_be_kept_of_an_answer_does_not_undo_it(
    server: Runtime, crm: StandIn
) -> None:
    crm.holds("aline@exemple.ca", firstname="Aline", city="V" * 5_000)
    await form(server, courriel="aline@exemple.ca", prénom="Aline", ville="Québec")
    await eventually(server, "SELECT state FROM outbox", [("sent",)])
    await eventually(server, "SELECT f_ville FROM leads", [("Québec",)])


async def posted(
    server: Runtime, body: Any, *, id_: str = "msg_1", secret: str = SECRET
) -> httpx.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = int(time.time())
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secret_bytes(secret), id_, at, data),
        "content-type": "application/json",
    }
    async with httpx.AsyncClient(base_url=server.url) as program:
        return await program.post("/webhooks/crm", content=data, headers=headers)


def change(city: str, hour: int, **more: Any) -> dict[str, Any]:
    return {
        "courriel": "aline@exemple.ca",
        "modifie_le": f"2026-01-05T{hour:02}:00:00Z",
        "proprietes": {"city": city, "firstname": "Pas la nôtre", "inconnue": "x"},
        **more,
    }


async def test_changes_of_the_crm_come_in_any_order_and_the_latest_stays(server: Runtime) -> None:
    for number, hour in enumerate((9, 12, 11)):
        answer = await posted(server, change(f"ville {hour}", hour), id_=f"msg_{number}")
        assert answer.status_code == 202, answer.text
    await eventually(server, "SELECT f_ville, f_prenom FROM leads", [("ville 12", None)])


async def test_a_replay_changes_nothing_and_is_said(server: Runtime) -> None:
    await posted(server, change("Laval", 9))
    answer = await posted(server, change("Laval", 9))
    assert answer.json() == {"statut": "reçu", "recus": 1, "deja_recus": 1, "refuses": 0}
    await eventually(server, "SELECT count(*) FROM events WHERE type = 'crm_changed'", [(1,)])


async def test_a_key_used_again_for_something_else_is_refused(server: Runtime) -> None:
    await posted(server, change("Laval", 9))
    answer = await posted(server, change("Québec", 10))
    assert answer.json()["refuses"] == 1
    await eventually(server, "SELECT f_ville FROM leads", [("Laval",)])


SENSELESS: list[Any] = [
    b"",
    b"{",
    b"\xff",
    b"[" * 50_000,
    b'{"courriel": "a@b.ca", "modifie_le": "2026-01-05T09:00:00Z", "proprietes": {"city": NaN}}',
    [],
    [{}] * 101,
    7,
    {"courriel": 7},
    change("x", 9, modifie_le="hier"),
    change("x", 9, modifie_le=None),
    change("x", 9, modifie_le="9999-12-31T00:00:00Z"),
    change("x", 9, courriel="pas une adresse"),
    change("x", 9, proprietes="non"),
    change("x", 9, proprietes={"city": {"a": 1}}),
    change("x", 9, proprietes={"city": "v" * 10_000}),
    change("x\0", 9),
    change("x", 9, cle=7),
    change("x", 9, autre=1),
]


async def test_what_makes_no_sense_is_refused_whole_and_in_french(server: Runtime) -> None:
    for number, body in enumerate(SENSELESS):
        answer = await posted(server, body, id_=f"msg_{number}")
        assert answer.status_code in {400, 422}, (number, answer.text)
    await eventually(server, "SELECT count(*) FROM leads", [(0,)])


async def test_only_who_holds_the_secret_is_heard(server: Runtime) -> None:
    other = "whsec_" + base64.b64encode(b"z" * 32).decode()
    assert (await posted(server, change("x", 9), secret=other)).status_code == 401
    async with httpx.AsyncClient(base_url=server.url) as stranger:
        assert (await stranger.post("/webhooks/crm", json=change("x", 9))).status_code == 401
    await eventually(server, "SELECT count(*) FROM leads", [(0,)])
