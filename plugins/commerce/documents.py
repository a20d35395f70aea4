"""What a shop posts, read: each document whole, or all that is wrong with it and where.

Amounts are decimals from the first character to the last: JSON numbers are read as such, and no
float ever stands between.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from relance import posted_json
from relance.currency import CODES
from relance.errors import Problem, Unacceptable, in_pointer
from relance.field_names import identity_meant
from relance.fold import fold

PURCHASE, REFUND, CORRECTION = "achat", "remboursement", "correction"
KINDS = (PURCHASE, REFUND, CORRECTION)

MAX_ITEMS, MAX_CATEGORIES, MAX_INFOS, MAX_ID = 200, 20, 50, 200
_MAX_NAME = 255
_MOST = Decimal(1_000_000_000)
_MOST_ITEMS = Decimal(1_000_000)
_SMALLEST = Decimal("0.0001")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

_COMMON = ("type", "id", "lead", "date", "devise", "montant", "champs")
_KEYS = {
    PURCHASE: (*_COMMON, "articles", "infos"),
    REFUND: (*_COMMON, "transaction"),
    CORRECTION: (*_COMMON, "transaction"),
}
_ITEM_KEYS = ("nom", "sku", "categorie", "categories", "quantite", "prix")
_LEAD_KEYS = ("courriel", "telephone", "visiteur")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a transaction; `amount` is its price times its quantity."""

    name: str | None
    sku: str | None
    categories: tuple[str, ...]
    quantity: Decimal
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """A transaction, or what was given back or put right of one (`transaction`)."""

    kind: str
    id: str
    lead: Mapping[str, str]
    amount: Decimal
    currency: str | None
    date: str | None
    fields: Mapping[str, Any]
    items: tuple[Item, ...] = ()
    infos: Mapping[str, str] = field(default_factory=dict)
    transaction: str | None = None


def read_json(body: bytes) -> object:
    """Any JSON value, its numbers as decimals; `Unacceptable` for anything else."""
    try:
        return posted_json.read(body)
    except ValueError as error:
        raise Unacceptable([Problem("", "Le contenu n’est pas du JSON bien formé.")]) from error


def read_document(given: object, pointer: str) -> Document:
    """One document; `Unacceptable` lists all that is wrong with it."""
    reading = _Reading()
    document = reading.document(given, pointer)
    if reading.problems or document is None:
        raise Unacceptable(reading.problems[:50])
    return document


def _key(name: str) -> str:
    folded = fold(name)
    return "articles" if folded == "items" else folded


def _who(name: str) -> str:
    return identity_meant(name) or _key(name)


class _Reading:
    """The reading of one document: what is wrong is noted, and the rest read on."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, pointer: str, message: str) -> None:
        self.problems.append(Problem(pointer, message))

    def document(self, given: object, at: str) -> Document | None:
        whole = self.folded(given, at)
        if whole is None:
            return None
        kind = str(whole.get("type") or PURCHASE)
        if kind not in KINDS:
            self.wrong(f"{at}/type", f"Le type est l’un de : {', '.join(KINDS)}.")
            return None
        self.known(given, _KEYS[kind], at)
        items = tuple(self.items(whole.get("articles"), f"{at}/articles"))
        return Document(
            kind,
            self.identifier(whole.get("id"), f"{at}/id") or "",
            self.lead(whole.get("lead"), f"{at}/lead"),
            self.worth(whole, kind, items, at),
            self.currency(whole.get("devise"), f"{at}/devise"),
            self.text(whole.get("date"), f"{at}/date"),
            self.mapping(whole.get("champs"), f"{at}/champs"),
            items,
            self.infos(whole.get("infos"), f"{at}/infos"),
            self.identifier(whole.get("transaction"), f"{at}/transaction")
            if kind != PURCHASE
            else None,
        )

    def worth(
        self, whole: Mapping[str, Any], kind: str, items: tuple[Item, ...], at: str
    ) -> Decimal:
        """What the document comes to: what it says, else the sum of its items."""
        given = whole.get("montant")
        if given is None and kind == PURCHASE and items:
            total = sum((item.amount for item in items), Decimal())
            if total > _MOST:
                self.wrong(f"{at}/articles", "Le total de cette transaction est trop grand.")
            return total
        if given is None:
            said = (
                "Donnez des articles, ou le montant."
                if kind == PURCHASE
                else "Donnez le montant, remboursement entier compris."
            )
            self.wrong(f"{at}/montant", said)
            return Decimal()
        amount = self.number(given, f"{at}/montant", _MOST)
        if amount is None:
            return Decimal()
        if kind != CORRECTION and amount < 0:
            self.wrong(f"{at}/montant", "Un montant n’est pas négatif.")
        elif kind != PURCHASE and amount == 0:
            self.wrong(f"{at}/montant", "Ce montant ne change rien.")
        return amount

    def items(self, given: object, at: str) -> Iterator[Item]:
        """The lines of a transaction."""
        if given is None:
            return
        if not isinstance(given, list) or not 1 <= len(given) <= MAX_ITEMS:
            self.wrong(at, f"Une liste de 1 à {MAX_ITEMS} articles est attendue ici.")
            return
        for index, one in enumerate(given):
            if one is None:
                continue
            item = self.item(one, f"{at}/{index}")
            if item is not None:
                yield item

    def item(self, given: object, at: str) -> Item | None:
        whole = self.folded(given, at)
        if whole is None:
            return None
        self.known(given, _ITEM_KEYS, at)
        name, sku = (self.name(whole.get(key), f"{at}/{key}") for key in ("nom", "sku"))
        if not name and not sku:
            self.wrong(f"{at}/nom", "Un article a un nom ou un code (sku).")
        price = self.number(whole.get("prix"), f"{at}/prix", _MOST)
        if price is not None and price < 0:
            self.wrong(
                f"{at}/prix", "Un prix n’est pas négatif ; ce qui est rendu est un remboursement."
            )
        quantity = Decimal(1)
        if whole.get("quantite") is not None:
            quantity = self.number(whole["quantite"], f"{at}/quantite", _MOST_ITEMS) or Decimal()
            if quantity <= 0:
                self.wrong(f"{at}/quantite", "La quantité est un nombre plus grand que zéro.")
        amount = (quantity * (price or 0)).quantize(_SMALLEST)
        if amount > _MOST:
            self.wrong(f"{at}/prix", "Ce montant est trop grand.")
        return Item(name, sku, self.categories(whole, at), quantity, price or Decimal(), amount)

    def categories(self, whole: Mapping[str, Any], at: str) -> tuple[str, ...]:
        """One category or several, under either key."""
        key = "categories" if whole.get("categories") is not None else "categorie"
        given = whole.get(key)
        several = given if isinstance(given, list) else [] if given is None else [given]
        if len(several) > MAX_CATEGORIES:
            self.wrong(f"{at}/{key}", f"Un article a {MAX_CATEGORIES} catégories au plus.")
            return ()
        names = [self.name(one, f"{at}/{key}") for one in several]
        return tuple(dict.fromkeys(name for name in names if name))

    def infos(self, given: object, at: str) -> Mapping[str, str]:
        """The free keys of a transaction, their values as text."""
        found = self.mapping(given, at)
        if len(found) > MAX_INFOS:
            self.wrong(at, f"Une transaction porte {MAX_INFOS} informations au plus.")
            return {}
        read: dict[str, str] = {}
        for key, value in found.items():
            place = f"{at}/{in_pointer(key)}"
            if value is None:
                continue
            if isinstance(value, bool):
                value = "oui" if value else "non"
            if not isinstance(value, str | int | Decimal):
                self.wrong(place, "Une information est un texte, un nombre, ou oui ou non.")
            elif self.name(key, place) and (text := self.name(str(value), place)) is not None:
                read[key.strip()] = text
        return read

    def lead(self, given: object, at: str) -> Mapping[str, str]:
        """What tells who bought."""
        whole = self.folded({} if given is None else given, at, _who)
        if whole is None:
            return {}
        self.known(given, _LEAD_KEYS, at, _who)
        found = {key: self.written(whole.get(key), f"{at}/{key}") for key in _LEAD_KEYS}
        said = {key: text.strip() for key, text in found.items() if text and text.strip()}
        if not said:
            self.wrong(at, "Dites qui achète : courriel, telephone ou visiteur.")
        return said

    def currency(self, given: object, at: str) -> str | None:
        code = (self.text(given, at) or "").strip().upper()
        if code and code not in CODES:
            self.wrong(at, "Cette monnaie n’est pas connue : écrivez son code, « CAD », « EUR »…")
        return code or None

    def identifier(self, given: object, at: str) -> str | None:
        """The shop's own number of a document."""
        text = (self.written(given, at) or "").strip()
        if not text or len(text) > MAX_ID or _CONTROLS.search(text):
            self.wrong(at, f"Un identifiant de 1 à {MAX_ID} caractères est attendu ici.")
            return None
        return text

    def name(self, given: object, at: str) -> str | None:
        """A short text without control characters; empty is none."""
        text = " ".join((self.text(given, at) or "").split())
        if len(text) > _MAX_NAME:
            self.wrong(at, f"Ce texte dépasse {_MAX_NAME} caractères.")
            return None
        if _CONTROLS.search(text):
            self.wrong(at, "Ce texte contient un caractère interdit.")
            return None
        return text or None

    def number(self, given: object, at: str, most: Decimal) -> Decimal | None:
        """A decimal with four places at most, as a JSON number or text."""
        value = _decimal(given)
        if value is None:
            self.wrong(at, 'Un nombre est attendu ici, par exemple 49.90 ou "49.90".')
        elif value.copy_abs() > most:
            self.wrong(at, "Ce nombre est trop grand.")
            return None
        elif value != value.quantize(_SMALLEST):
            self.wrong(at, "Quatre décimales au plus.")
            return None
        return value

    def written(self, given: object, at: str) -> str | None:
        """A text, or a whole number as one."""
        whole = isinstance(given, int) and not isinstance(given, bool)
        return self.text(str(given) if whole else given, at)

    def text(self, given: object, at: str) -> str | None:
        if given is not None and not isinstance(given, str):
            self.wrong(at, "Un texte est attendu ici.")
            return None
        return given

    def mapping(self, given: object, at: str) -> Mapping[str, Any]:
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.wrong(at, "Un objet JSON est attendu ici.")
            return {}
        return given

    def folded(
        self, given: object, at: str, key: Callable[[str], str] = _key
    ) -> Mapping[str, Any] | None:
        """An object, its keys without accents or capitals; what is null or empty is not there."""
        if not isinstance(given, dict):
            self.wrong(at, "Un objet JSON est attendu ici.")
            return None
        return {key(name): value for name, value in given.items() if value not in (None, "")}

    def known(
        self,
        given: object,
        keys: tuple[str, ...],
        at: str,
        key: Callable[[str], str] = _key,
    ) -> None:
        """Note the keys nobody reads: what silently does nothing is a mistake found too late."""
        for name in list(given)[:50] if isinstance(given, dict) else ():
            if key(name) not in keys:
                said = f"Clé inconnue. Les clés sont : {', '.join(keys)}."
                self.wrong(f"{at}/{in_pointer(name[:80])}", said)


def _decimal(given: object) -> Decimal | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, int | Decimal):
        return Decimal(given)
    if isinstance(given, str) and _NUMBER.fullmatch(given.strip()):
        return Decimal(given.strip())
    return None
