"""Products and promotions from a workbook, into the files of the project that hold them.

They stand with the rules, so that a message or a rule that names one nobody has is told at once,
and so that what an offer was is in the project's history. A row replaces the one of the same
code; an empty cell changes nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from relance import goods
from relance.currency import CODES
from relance.fold import fold, identifier_of
from relance.safe_cells import plain
from server.imports import cells, headings
from server.imports.cells import Unfit
from server.imports.people import Reject, refused
from server.imports.sheet import BadFile, Sheet, SheetRow
from server.imports.upsert import UpsertTally
from server.spreadsheet import CsvTable

_MOST = 500_000
_LONGEST = 200
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class GoodsKind:
    """One of the two: where it stands, what its columns are and how they are read."""

    file: str
    columns: Sequence[str]
    usual: Mapping[str, Sequence[str]]
    readers: Mapping[str, Callable[[str], str]]
    #: The column that tells one from another, and the one that serves when it is not there.
    code: str
    else_: str | None = None


def _short(text: str) -> str:
    found = cells.whole(_SPACES.sub(" ", text).strip())
    if len(found) > _LONGEST:
        raise Unfit(f"plus de {_LONGEST} caractères")
    return found


def _price(text: str) -> str:
    found = cells.exact(text)
    if found < 0:
        raise Unfit(f"« {text} » : un prix n’est pas négatif")
    return f"{found:f}".replace(".", ",")


def _currency(text: str) -> str:
    signs = {"$": "CAD", "€": "EUR", "£": "GBP"}
    code = signs.get(text, text.upper())
    if code not in CODES:
        raise Unfit(f"« {text[:60]} » n’est pas une devise (CAD, EUR…)")
    return code


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc or _SPACES.search(text):
        raise Unfit(f"« {text[:60]} » n’est pas une adresse (https://…)")
    return text


def _day(text: str) -> str:
    return cells.day(text).isoformat()


_SHARE = re.compile(r"0?[.,]\d+")


def _discount(text: str) -> str:
    """« 20 % », « 10 $ »; a workbook says « 0.2 » for what it shows as « 20 % »."""
    if _SHARE.fullmatch(text):
        return f"{cells.number(text) * 100:f}".rstrip("0").rstrip(".").replace(".", ",") + "\u00a0%"
    return _short(text)


def _codes(text: str) -> str:
    return _listed(re.split(r"[|;,\n]", text))


def _names(text: str) -> str:
    return _listed(re.split(r"[|;\n]", text))


def _listed(parts: Sequence[str]) -> str:
    return " | ".join(dict.fromkeys(_short(part) for part in parts if part.strip()))


PRODUCTS = GoodsKind(
    goods.PRODUCTS,
    goods.PRODUCT_COLUMNS,
    {
        "sku": ("code", "code-produit", "reference", "ref", "no-de-produit", "ugs"),
        "nom": ("produit", "titre", "name", "product", "nom-du-produit", "article"),
        "categorie": ("category", "type", "rayon", "famille"),
        "prix": ("price", "montant", "prix-unitaire", "tarif"),
        "devise": ("currency", "monnaie"),
        "adresse": ("url", "lien", "page", "link", "adresse-web"),
        "image": ("photo", "image-url", "url-image", "visuel"),
        "description": ("texte", "details"),
    },
    {"prix": _price, "devise": _currency, "adresse": _url, "image": _url},
    "sku",
)
PROMOTIONS = GoodsKind(
    goods.PROMOTIONS,
    goods.PROMOTION_COLUMNS,
    {
        "code": ("code-promo", "code-promotionnel", "coupon"),
        "nom": ("promotion", "titre", "name", "offre"),
        "debut": ("du", "date-de-debut", "start", "a-partir-du", "date-debut"),
        "fin": ("au", "date-de-fin", "end", "jusqu-au", "date-fin", "expiration"),
        "rabais": ("remise", "reduction", "discount", "solde"),
        "produits": ("sku", "skus", "produit", "articles"),
        "categories": ("categorie", "category"),
        "description": ("texte", "conditions", "details"),
    },
    {"début": _day, "fin": _day, "rabais": _discount, "produits": _codes, "catégories": _names},
    "code",
    "nom",
)


@dataclass
class ImportedGoods:
    """What became of the rows."""

    matched: headings.Matched
    fields: Mapping[str, str]
    tally: UpsertTally = field(default_factory=UpsertTally)
    rejects: list[Reject] = field(default_factory=list)
    records: dict[str, dict[str, str]] = field(default_factory=dict)


def bring(
    project: Path, kind: GoodsKind, sheet: Sheet, columns: Mapping[str, str]
) -> ImportedGoods:
    """Read a sheet over what the project has; `keep` then writes it."""
    fields = {identifier_of(name): name for name in kind.columns}
    matched = headings.match(sheet.heading.names, fields, columns, kind.usual, {})
    code = kind.code
    if headings.missing([identifier_of(code)], matched):
        if kind.else_ is None or headings.missing([identifier_of(kind.else_)], matched):
            raise BadFile(f"Aucune colonne ne donne « {code} », qui distingue chaque ligne.")
        code = kind.else_
    brought = ImportedGoods(matched, fields, records=_existing(project, kind))
    for row in sheet.rows():
        _bring_row(row, kind, code, brought)
    return brought


def _existing(project: Path, kind: GoodsKind) -> dict[str, dict[str, str]]:
    """What the project has already, by folded code."""
    path = project / kind.file
    if not path.is_file():
        return {}
    wrong: list[goods.Wrong] = []
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    rows = [row for _, row in goods.rows_of(text, kind.columns, wrong)]
    if wrong:
        line, message = wrong[0]
        raise BadFile(f"« {kind.file} », ligne {line} : {message}. Corrigez-le d’abord.")
    return {fold(row[kind.code]): dict(row) for row in rows}


def _bring_row(row: SheetRow, kind: GoodsKind, code: str, brought: ImportedGoods) -> None:
    try:
        values = _read(row, kind, brought)
        key = fold(values.get(code, ""))
        if not key:
            raise Unfit(f"la colonne « {code} » est vide")
        values.setdefault(kind.code, values[code])
        known = brought.records.get(key)
        made = {**dict.fromkeys(kind.columns, ""), **(known or {}), **values}
        if known is not None:
            made[kind.code] = known[kind.code]
        _sound(made, kind)
    except Unfit as unfit:
        brought.rejects.append(refused(row, str(unfit)))
        brought.tally.rejected += 1
        return
    if known is None and len(brought.records) >= _MOST:
        raise BadFile(f"Un projet tient au plus {_MOST} lignes dans « {kind.file} ».")
    brought.tally.created += known is None
    brought.tally.updated += known is not None and made != known
    brought.tally.unchanged += made == known
    brought.records[key] = made


def _read(row: SheetRow, kind: GoodsKind, brought: ImportedGoods) -> dict[str, str]:
    if row.fault is not None:
        raise Unfit(row.fault)
    values: dict[str, str] = {}
    for place, key in brought.matched.fields.items():
        text = plain(row.cells[place].strip())
        if not text:
            continue
        name = brought.fields[key]
        read = kind.readers.get(name, str.strip if name == "description" else _short)
        try:
            values[name] = read(text)
        except Unfit as unfit:
            raise Unfit(f"colonne « {name} » : {unfit}") from unfit
    return values


def _sound(made: Mapping[str, str], kind: GoodsKind) -> None:
    """Refuse what each cell allows and the row does not."""
    if kind is PROMOTIONS and made["début"] and made["fin"] and made["fin"] < made["début"]:
        raise Unfit("la promotion finit avant de commencer")


def keep(project: Path, kind: GoodsKind, brought: ImportedGoods) -> None:
    """Write the whole file anew, in the place of the other by one rename."""
    path = project / kind.file
    path.parent.mkdir(parents=True, exist_ok=True)
    with CsvTable(path, shared=True) as file:
        file.row(kind.columns)
        for record in brought.records.values():
            file.row([record[name] for name in kind.columns])
