"""Products and promotions read from the project's folder, again when a file has changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from relance import goods
from relance.fault import Fault
from relance.fold import fold
from relance.goods import Good, Product, Promotion, Wrong

T = TypeVar("T", bound=Good)
Parse = Callable[[str], tuple[list[T], list[Wrong]]]
#: More than any shop's: a larger file is no catalogue of ours.
_MOST_BYTES = 200 << 20


class Shelf(Generic[T]):
    """One file of records, found by their code, case and accents aside."""

    def __init__(self, project: Path, file: str, parse: Parse[T], code: Callable[[T], str]) -> None:
        self._path, self._file = project / file, file
        self._parse, self._code = parse, code
        self._mark: tuple[int, int, int] | None = None
        self._records: dict[str, T] = {}
        self._wrong: Sequence[Wrong] = ()

    def records(self) -> Mapping[str, T]:
        """Every record by its folded code; the last good reading while a file is being written."""
        self._refresh()
        return self._records

    def faults(self) -> Sequence[Fault]:
        """What is wrong in the file."""
        self._refresh()
        return [Fault(self._file, line, message) for line, message in self._wrong]

    def _refresh(self) -> None:
        try:
            seen = self._path.stat()
        except OSError:
            self._mark, self._records, self._wrong = None, {}, ()
            return
        mark = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        if mark == self._mark:
            return
        self._mark = mark
        if seen.st_size > _MOST_BYTES:
            self._wrong = [(1, "ce fichier est trop grand")]
            return
        try:
            records, self._wrong = self._parse(self._path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError):
            self._wrong = [(1, "ce fichier ne se lit pas comme du texte UTF-8")]
            return
        self._records = {fold(self._code(one)): one for one in records}


#: What a message may say of goods: the names `Goods.variables` gives.
VARIABLES = ("produits", "promotions")


class Goods:
    """What the project in a folder sells and offers."""

    def __init__(self, project: Path) -> None:
        self.products: Shelf[Product] = Shelf(
            project, goods.PRODUCTS, goods.products_of, lambda one: one.sku
        )
        self.promotions: Shelf[Promotion] = Shelf(
            project, goods.PROMOTIONS, goods.promotions_of, lambda one: one.code
        )

    def variables(self) -> Mapping[str, object]:
        """What a message may say of them: `{{ produits["SKU-1"].nom }}`."""
        return {
            "produits": _Told(self.products, _product),
            "promotions": _Told(self.promotions, _promotion),
        }

    def faults(self) -> Sequence[Fault]:
        """What is wrong in their files."""
        return [*self.products.faults(), *self.promotions.faults()]


class _Told(Mapping[str, Mapping[str, object]], Generic[T]):
    """Records as a template sees them, made only when it asks for one."""

    def __init__(self, shelf: Shelf[T], told: Callable[[T], Mapping[str, object]]) -> None:
        self._shelf, self._tell = shelf, told

    def __getitem__(self, code: str) -> Mapping[str, object]:
        return self._tell(self._shelf.records()[fold(str(code))])

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelf.records())

    def __len__(self) -> int:
        return len(self._shelf.records())


def _product(one: Product) -> Mapping[str, object]:
    return _present(
        {
            "sku": one.sku,
            "nom": one.name,
            "categorie": one.category,
            "prix": one.price,
            "devise": one.currency,
            "adresse": one.url,
            "image": one.image,
            "description": one.description,
        }
    )


def _promotion(one: Promotion) -> Mapping[str, object]:
    return _present(
        {
            "code": one.code,
            "nom": one.name or one.code,
            "debut": one.starts,
            "fin": one.ends,
            "rabais": one.discount,
            "description": one.description,
            "produits": list(one.products),
            "categories": list(one.categories),
        }
    )


_ACCENTED = {"categorie": "catégorie", "debut": "début", "categories": "catégories"}


def _present(told: dict[str, object]) -> Mapping[str, object]:
    """What is known; the names that have accents, with and without."""
    known = {name: value for name, value in told.items() if value not in (None, "")}
    return known | {_ACCENTED[name]: value for name, value in known.items() if name in _ACCENTED}
