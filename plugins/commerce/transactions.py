"""`POST /webhooks/transactions`: what a shop tells of purchases, each once by its own number.

The same number with the same content is the same transaction; with another content it is refused,
and nothing changes: what is given back or put right is a document of its own.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from plugins.commerce.documents import (
    CORRECTION,
    PURCHASE,
    REFUND,
    Document,
    Item,
    read_document,
    read_json,
)
from plugins.commerce.happenings import CATEGORY, INFO, ITEM, SKU
from relance.errors import Problem, Unacceptable
from relance.events import PURCHASE_CORRECTED, PURCHASED, REFUNDED, NewEvent
from relance.host import Host, Identities, Incoming, Receipt
from relance.instant import posted_instant
from relance.proof import Proof
from relance.values import Amount

PATH = "/webhooks/transactions"
MAX_DOCUMENTS = 200
#: What one post may have stored: it is one transaction of the store, and others wait for it.
MAX_EVENTS = 20_000

_SOURCE = "transactions"
_JSON = "application/json; charset=utf-8"
#: What a document of each kind is told as, and which way its amount goes.
_EVENTS = {PURCHASE: (PURCHASED, 1), REFUND: (REFUNDED, -1), CORRECTION: (PURCHASE_CORRECTED, 1)}
#: Where the intake finds what this door calls otherwise.
_ELSEWHERE = {
    "courriel": "lead/courriel",
    "telephone": "lead/telephone",
    "visiteur": "lead/visiteur",
}


class Transactions:
    """Answers posts of transactions."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def answer(self, request: Request) -> Response:
        """Store one document, or several, whole or not at all."""
        data = read_json(await request.body())
        documents = self._documents(data)
        incoming = [item for _, item in documents]
        try:
            receipts = await self._host.record(incoming)
        except Unacceptable as refused:
            raise _placed(refused, incoming, several=isinstance(data, list)) from refused
        pointers = [pointer for pointer, _ in documents]
        return _answer(pointers, receipts)

    def _documents(self, data: object) -> list[tuple[str, Incoming]]:
        several = data if isinstance(data, list) else [data]
        if not 1 <= len(several) <= MAX_DOCUMENTS:
            said = f"Envoyez de 1 à {MAX_DOCUMENTS} transactions à la fois."
            raise Unacceptable([Problem("", said)])
        found: list[tuple[str, Incoming]] = []
        problems: list[Problem] = []
        for index, one in enumerate(several):
            pointer = f"/{index}" if isinstance(data, list) else ""
            try:
                found.append((pointer, self._incoming(read_document(one, pointer), pointer)))
            except Unacceptable as refused:
                problems += refused.problems
        if not problems and sum(len(item.events) for _, item in found) > MAX_EVENTS:
            problems = [Problem("", "Cet envoi contient trop d’articles à la fois : divisez-le.")]
        if problems:
            raise Unacceptable(problems)
        return found

    def _incoming(self, document: Document, pointer: str) -> Incoming:
        at = self._instant(document.date, pointer)
        who = document.lead
        identities = Identities(
            email=who.get("courriel"), phone=who.get("telephone"), visitor=who.get("visiteur")
        )
        events = tuple(_events(document, at))
        key = f"{document.kind}:{document.id}"
        return Incoming(
            _SOURCE, identities, document.fields, events, key, lasting=True, proof=Proof.SIGNED
        )

    def _instant(self, text: str | None, pointer: str) -> datetime | None:
        if text is None:
            return None
        try:
            return posted_instant(text, self._host.zone, self._host.clock.now())
        except ValueError as error:
            raise Unacceptable([Problem(f"{pointer}/date", str(error))]) from error


def _events(document: Document, at: datetime | None) -> Iterator[NewEvent]:
    """The document as a whole, then what it holds."""
    type_, way = _EVENTS[document.kind]
    details: dict[str, object] = {"montant": _plain(document.amount)}
    if document.currency:
        details["devise"] = document.currency
    if document.date:
        details["date"] = document.date
    if document.items:
        details["articles"] = _plain(sum((item.quantity for item in document.items), Decimal()))
    yield NewEvent(
        type_,
        document.id,
        context=document.transaction,
        properties=details,
        occurred_at=at,
        amount=Amount(way * document.amount, document.currency),
    )
    for item in document.items:
        yield from _of_item(item, document.id, at)
    for key, value in document.infos.items():
        yield NewEvent(INFO, key, context=value, occurred_at=at)


def _of_item(item: Item, transaction: str, at: datetime | None) -> Iterator[NewEvent]:
    details: dict[str, object] = {
        "transaction": transaction,
        "prix": _plain(item.price),
        "quantite": _plain(item.quantity),
        "montant": _plain(item.amount),
    }
    details |= {"nom": item.name} if item.name else {}
    details |= {"sku": item.sku} if item.sku else {}
    details |= {"categories": ", ".join(item.categories)} if item.categories else {}
    happened = [(ITEM, item.name), (SKU, item.sku), *((CATEGORY, one) for one in item.categories)]
    for type_, subject in happened:
        if subject:
            yield NewEvent(type_, subject, properties=details, occurred_at=at)


def _plain(number: Decimal) -> str:
    """A decimal without the zeros at its end: the same number is the same content."""
    text = format(number + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _placed(refused: Unacceptable, incoming: Sequence[Incoming], *, several: bool) -> Unacceptable:
    """The same problems, placed in what was posted rather than in what was recorded."""
    placed = []
    for problem in refused.problems:
        index, path = "0", problem.pointer.removeprefix("/")
        if len(incoming) > 1:
            index, _, path = path.partition("/")
        where = _ELSEWHERE.get(path, path)
        if path.replace("~1", "/").replace("~0", "~") in incoming[int(index)].fields:
            where = f"champs/{path}"
        parts = (index, where) if several else (where,)
        placed.append(Problem("".join(f"/{part}" for part in parts if part), problem.message))
    return Unacceptable(placed)


def _answer(pointers: Sequence[str], receipts: Sequence[Receipt]) -> Response:
    conflicts = [
        Problem(
            f"{pointer}/id",
            "Cet identifiant a déjà servi pour un autre contenu ; rien n’a changé. Envoyez un "
            "remboursement ou une correction, sous un identifiant à eux.",
        )
        for pointer, receipt in zip(pointers, receipts, strict=True)
        if receipt.conflict
    ]
    if len(conflicts) == len(receipts):
        raise Unacceptable(conflicts, conflict=True)
    doubles = sum(receipt.duplicate and not receipt.conflict for receipt in receipts)
    new = len(receipts) - doubles - len(conflicts)
    said: dict[str, object] = {
        "statut": "reçu" if new else "déjà reçu",
        "recus": new,
        "deja_recus": doubles,
        "refuses": len(conflicts),
    }
    if conflicts:
        said["errors"] = [{"pointer": one.pointer, "detail": one.message} for one in conflicts[:50]]
    body = json.dumps(said, ensure_ascii=False)
    return Response(body, 202 if new else 200, media_type=_JSON)
