"""A shop and a booking site post to a real server, whose campaigns act on it."""

import asyncio
from pathlib import Path

from tests.commerce.shop import LEAD, TOKEN, post, refund, sale
from tests.http.conftest import Site, Start

RULES = """
campagne « Bons clients »
  entrée
    quand Montant dépensé est (au moins) (100 $)
  Étiqueter (Bon client)
fin

campagne « Casques »
  entrée
    quand Item avec nom (Casque*) acheté où (prix) au moins (49,90)
  Étiqueter (Casqué)
fin

campagne « Absents »
  entrée
    quand Absent du cours collectif (Yoga)
  attendre que Cours collectif réservé, au plus 7 jours
  Étiqueter (De retour)
fin
"""


async def tagged(site: Site, *wanted: str) -> set[str]:
    """The tags, once `wanted` are there."""
    for _ in range(100):
        tags = {row[0] for row in await site.rows("SELECT name FROM lead_tags")}
        if tags >= set(wanted):
            return tags
        await asyncio.sleep(0.05)
    raise AssertionError(f"{tags} and not {wanted}")


async def test_what_is_posted_moves_campaigns(start: Start, tmp_path: Path) -> None:
    (tmp_path / "regles.relance").write_text(RULES, encoding="utf-8")
    async with start() as site:
        await post(site, refund(amount="0.20"))
        await post(site, sale("C-1", montant="100.00"))
        assert await tagged(site, "Casqué") == {"Casqué"}
        again = [sale("C-1", montant="100.00"), sale("C-2", montant="0.20")]
        assert (await post(site, again)).json()["deja_recus"] == 1
        assert await tagged(site, "Bon client") == {"Casqué", "Bon client"}
        missed = {
            "type": "présence au cours collectif mise à jour",
            "sujet": "Yoga",
            "lead": LEAD,
            "proprietes": {"presence": "Absent"},
        }
        booked = {"evenement": "Cours collectif réservé", "sujet": "Spinning", "lead": LEAD}
        for event in (missed, booked):
            answer = await site.client.post("/webhooks/events", json=event, headers=TOKEN)
            assert answer.status_code == 202, answer.text
        await tagged(site, "De retour")
