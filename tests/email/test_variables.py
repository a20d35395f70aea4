"""What a mail says beside the lead's fields: the cart, what let the lead in, the house, the day."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from plugins.commerce.cart import cart
from relance import Identities, Incoming, Message, NewEvent
from relance.goods import Product
from relance.templates.language import TEXT
from server.dispatch.claims import message_key
from server.runtime import Runtime
from server.store.schema.messages import outbox
from tests.email.sink import Sink
from tests.whole import eventually, running, saving

SCRIPT = """\
champs
  solde : nombre
fin

campagne « Panier »
  fuseau : Pacific/Kiritimati

  entrée
    quand Produit ajouté au panier
    quand Formulaire (Essai) rempli

  Envoyer courriel (Panier)
fin
"""
MAIL = """\
---
nom: Panier
objet: "{{ panier.produit.nom }} ({{ entrée.sujet }}), {{ maison.nom }}"
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
---

Nous sommes le {{ today | date: "court" }}, {{ now | date: "court" }}, {{ aujourdhui | date: "court" }}.
{% for p in panier.produits %}{{ p.nom }} à {{ p.prix | montant }} ({{ p.détails.couleur }}) ;
{% endfor %}{{ panier.nombre }} en tout, par {{ entrée.événement }} : {{ entrée.détails.couleur }}.
{% if solde %}Solde{% endif %}
"""
ALINE = Identities(email="aline@exemple.ca")


@pytest.fixture
async def server(tmp_path: Path, sink: Sink) -> AsyncIterator[Runtime]:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "panier.md").write_text(MAIL)
    (tmp_path / "panier.relance").write_text(SCRIPT)
    (tmp_path / "relance.toml").write_text('[maison]\nnom = "La Petite Roue"\n')
    async with running(Runtime(saving(tmp_path, sink.environment))) as runtime:
        yield runtime


def put_in(name: str, **properties: object) -> NewEvent:
    return NewEvent("cart_added", name, properties=properties)


async def tell(server: Runtime, *events: NewEvent) -> None:
    await server.intake.record([Incoming("essai", ALINE, events=events)])


async def mail_of(server: Runtime, sink: Sink) -> str:
    await eventually(server, "SELECT state FROM outbox", [("sent",)])
    (message,) = sink.messages
    plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    return f"{message['Subject']}\n{plain.get_content()}"


async def again(server: Runtime) -> Message:
    """The message that left, as another attempt would be handed it."""
    async with server.store.read() as conn:
        row = (await conn.execute(select(outbox))).one()
    key = (row.lead_id, row.campaign_id, row.entry, row.move, row.ordinal)
    made = message_key(key, row.created_at)
    return Message(made, row.message, row.lead_id, "", {}, "", 2, datetime.now(UTC))


async def test_a_mail_says_the_cart_what_let_in_the_house_and_the_day_there(
    server: Runtime, sink: Sink
) -> None:
    await tell(server, put_in("Gants", prix="20.50", couleur="noir"))
    there = datetime.now(ZoneInfo("Pacific/Kiritimati")).date().isoformat()
    text = await mail_of(server, sink)
    assert "Gants (Gants), La Petite Roue" in text
    assert f"Nous sommes le {there}, {there}, {there}." in text
    assert "Gants à 20,50\u00a0$ (noir)" in text
    assert "1 en tout, par produit ajouté au panier : noir." in text


async def test_another_attempt_says_the_same_whatever_came_since(
    server: Runtime, sink: Sink
) -> None:
    await tell(server, put_in("Gants", couleur="noir"))
    await mail_of(server, sink)
    message = await again(server)
    asked = ("panier", "entrée", "maison", "solde", "produits")
    before = await server.host.variables(message, asked)
    await tell(server, put_in("Casque"), NewEvent("cart_paid"))
    after = await server.host.variables(message, asked)
    assert after["panier"]["produit"]["nom"] == before["panier"]["produit"]["nom"] == "Gants"  # type: ignore[index]
    assert after["entrée"]["sujet"] == "Gants"  # type: ignore[index]


async def test_a_field_of_the_project_hides_a_variable_of_its_name(server: Runtime) -> None:
    await server.store.declare_fields([("panier", "montant", ())])
    nobody = Message("1.1.1.1.1.1", "x", 1, "", {}, "", 1, datetime.now(UTC))
    assert "panier" not in await server.host.variables(nobody, ("panier",))


async def test_who_was_let_in_by_no_event_of_the_world_has_no_entrance(server: Runtime) -> None:
    nobody = Message("1.1.1.1.1.1", "x", 1, "", {}, "", 1, datetime.now(UTC))
    assert "entrée" not in await server.host.variables(nobody, ("entrée", "entree"))


def test_a_cart_is_what_was_put_in_since_it_was_paid() -> None:
    at = datetime(2026, 12, 3, tzinfo=UTC)
    events = [
        NewEvent("cart_added", "Vélo", occurred_at=at),
        NewEvent("purchase", "C-1", occurred_at=at),
        NewEvent("cart_added", "Casque", occurred_at=at),
        NewEvent("cart_added", "Gants", occurred_at=at, properties={"quantite": 2}),
        NewEvent("cart_added", "casque", occurred_at=at + timedelta(hours=1)),
    ]
    known = {"csq": Product("CSQ", "Casque", price=Decimal(50), url="https://exemple.ca/csq")}
    found = cart(events, known)
    assert found is not None
    assert found["nombre"] == 2
    assert [one["nom"] for one in found["produits"]] == ["Gants", "casque"]  # type: ignore[attr-defined]
    last = found["produit"]
    assert (last["prix"], last["adresse"]) == (Decimal(50), "https://exemple.ca/csq")  # type: ignore[index]
    assert cart([*events, NewEvent("cart_paid")], known) is None
    assert cart([], known) is None


def test_no_message_reads_the_clock_of_the_machine() -> None:
    assert TEXT.from_string("{{ now }}{{ today }}").render() == ""
    assert TEXT.from_string("{{ today }}").render(today="le 3") == "le 3"
