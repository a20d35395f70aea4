"""What a shop posts, short ways to post it, and what was stored of it."""

from typing import Any

import httpx

from tests.http.conftest import Site

TOKEN = {"authorization": "Bearer jeton-de-test-assez-long"}
LEAD = {"courriel": "aline@exemple.ca"}
HELMET = {"nom": "Casque", "sku": "CSQ-1", "categorie": "Accessoires", "prix": "49.90"}
PATH = "/webhooks/transactions"


def sale(id_: str = "C-1", **more: Any) -> dict[str, Any]:
    return {"id": id_, "lead": LEAD, "articles": [HELMET], **more}


def refund(id_: str = "R-1", amount: str = "49.90", of: str = "C-1", **more: Any) -> dict[str, Any]:
    back = {"type": "remboursement", "id": id_, "transaction": of, "montant": amount}
    return {**back, "lead": LEAD, **more}


async def post(site: Site, data: Any, **options: Any) -> httpx.Response:
    return await site.client.post(PATH, json=data, headers=TOKEN, **options)


async def post_text(site: Site, text: str | bytes) -> httpx.Response:
    headers = {**TOKEN, "content-type": "application/json"}
    return await site.client.post(PATH, content=text, headers=headers)


async def stored(site: Site) -> list[tuple[Any, ...]]:
    """The events, in order: type, subject, context, amount, currency."""
    rows = await site.rows(
        "SELECT type, subject, context, amount, currency FROM events "
        "WHERE type <> 'lead_updated' ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def problems(answer: httpx.Response) -> dict[str, str]:
    """The refusals of an answer, by pointer."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return {one["pointer"]: one["detail"] for one in answer.json().get("errors", [])}
