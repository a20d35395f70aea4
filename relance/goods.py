"""What a project sells and offers: its products and its promotions, as the files of its folder say.

They stand in `catalogue/produits.csv` and `catalogue/promotions.csv`, which `relance importer`
writes from a workbook: with the rules, in the same history, read alike by messages, by rules and
by whoever checks them. Texts in, records out: nothing here opens a file.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from relance.safe_cells import plain

FOLDER = "catalogue"
PRODUCTS, PROMOTIONS = f"{FOLDER}/produits.csv", f"{FOLDER}/promotions.csv"
PRODUCT_COLUMNS = (
    *("sku", "nom", "catégorie", "prix", "devise", "adresse", "image", "description"),
)
PROMOTION_COLUMNS = (
    *("code", "nom", "début", "fin", "rabais", "produits", "catégories", "description"),
)
#: How names stand together in a cell.
BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class Product:
    """Something sold. What is not known of it is an empty text; its price, None."""

    sku: str
    name: str = ""
    category: str = ""
    price: Decimal | None = None
    currency: str = ""
    url: str = ""
    image: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """An offer, from a day to a day, both included; None: it always was, or never ends."""

    code: str
    name: str = ""
    starts: date | None = None
    ends: date | None = None
    discount: str = ""
    #: SKUs and categories it bears on.
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    description: str = ""


Good: TypeAlias = Product | Promotion
#: A line, and what is wrong there, in French.
Wrong: TypeAlias = tuple[int, str]


def products_of(text: str) -> tuple[list[Product], list[Wrong]]:
    """The products in the text of their file, and what is wrong there."""
    found: list[Product] = []
    wrong: list[Wrong] = []
    for line, row in rows_of(text, PRODUCT_COLUMNS, wrong):
        price = _decimal(row["prix"])
        if row["prix"] and price is None:
            wrong.append((line, f"« {row['prix']} » n’est pas un prix"))
        elif not row["sku"]:
            wrong.append((line, "il manque le code du produit (colonne « sku »)"))
        else:
            found.append(
                Product(
                    row["sku"],
                    row["nom"],
                    row["catégorie"],
                    price,
                    row["devise"],
                    row["adresse"],
                    row["image"],
                    row["description"],
                )
            )
    return found, wrong


def promotions_of(text: str) -> tuple[list[Promotion], list[Wrong]]:
    """The promotions in the text of their file, and what is wrong there."""
    found: list[Promotion] = []
    wrong: list[Wrong] = []
    for line, row in rows_of(text, PROMOTION_COLUMNS, wrong):
        starts, ends = _day(row["début"]), _day(row["fin"])
        if (row["début"] and starts is None) or (row["fin"] and ends is None):
            wrong.append((line, "une date s’écrit 2026-12-24"))
        elif starts and ends and ends < starts:
            wrong.append((line, "la promotion finit avant de commencer"))
        elif not row["code"]:
            wrong.append((line, "il manque le code de la promotion (colonne « code »)"))
        else:
            found.append(
                Promotion(
                    row["code"],
                    row["nom"],
                    starts,
                    ends,
                    row["rabais"],
                    _several(row["produits"]),
                    _several(row["catégories"]),
                    row["description"],
                )
            )
    return found, wrong


def rows_of(
    text: str, columns: Sequence[str], wrong: list[Wrong]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of such a file, each cell as it was before it was made safe for a spreadsheet."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")
    try:
        heading = next(reader, None)
        if heading is None or tuple(heading) != tuple(columns):
            wrong.append((1, f"la première ligne doit être « {';'.join(columns)} »"))
            return
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cells):
                padded = [*cells, *("" for _ in columns)]
                named = zip(columns, padded, strict=False)
                yield line, {name: plain(cell) for name, cell in named}
    except csv.Error:
        wrong.append((reader.line_num, "cette ligne ne se lit pas"))


def _several(cell: str) -> tuple[str, ...]:
    return tuple(one for part in cell.split(BETWEEN) if (one := part.strip()))


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
