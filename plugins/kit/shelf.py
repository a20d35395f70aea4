"""Products and promotions read from the project's folder, again when a file has changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from relance import goods
from relance.fault import Fault
from relance.fold import fold
from relance.goods import Good, Product, Promotion, Wrong
from relance.variable import PLAIN, Named, Shape, parts

T = TypeVar("T", bound=Good)
Parse = Callable[[str], tuple[list[T], list[Wrong]]]
#: More than any shop's: a larger file is no catalogue of ours.
_MOST_BYTES = 200 << 20


class Shelf(Generic[T]):
    """One file of records, found by their code, case and accents aside."""

    def __init__(self, project: Path, file: str, parse: Parse[T], code: Callable[[T], str]) -> None:
        self._project = project
        self._path, self._file = project / file, file
        self._parse, self._code = parse, code
        self._mark: tuple[int, int, int] | None = None
        self._records: dict[str, T] = {}
        self._wrong: Sequence[Wrong] = ()
        self._reading = Lock()  # messages are filled in on several threads

    def __reduce__(self) -> tuple[Callable[..., "Shelf[T]"], tuple[object, ...]]:
        """Another process has a shelf of its own over the same file."""
        return _shelf_at, (self._project, self._file, self._parse, self._code)

    def records(self) -> Mapping[str, T]:
        """Every record by its folded code; the last good reading while a file is being written."""
        self._refresh()
        return self._records

    def faults(self) -> Sequence[Fault]:
        """What is wrong in the file."""
        self._refresh()
        return [Fault(self._file, line, message) for line, message in self._wrong]

    def _refresh(self) -> None:
        with self._reading:
            self._read()

    def _read(self) -> None:
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


@lru_cache(maxsize=16)
def _shelf_at(project: Path, file: str, parse: Parse[T], code: Callable[[T], str]) -> Shelf[T]:
    """The one shelf over a file, in a process that is told of it again and again."""
    return Shelf(project, file, parse, code)


class Goods:
    """What the project in a folder sells and offers."""

    def __init__(self, project: Path) -> None:
        self.products: Shelf[Product] = Shelf(
            project, goods.PRODUCTS, goods.products_of, attrgetter("sku")
        )
        self.promotions: Shelf[Promotion] = Shelf(
            project, goods.PROMOTIONS, goods.promotions_of, attrgetter("code")
        )

    def told_products(self) -> Mapping[str, object]:
        """What a message may say of products: `{{ produits["SKU-1"].nom }}`."""
        return _Told(self.products, product_told)

    def told_promotions(self) -> Mapping[str, object]:
        """What a message may say of promotions."""
        return _Told(self.promotions, _promotion)

    def faults(self) -> Sequence[Fault]:
        """What is wrong in their files."""
        return [*self.products.faults(), *self.promotions.faults()]


#: What a message may say of a product, and of a promotion.
PRODUCT = parts("sku", "nom", "catégorie", "prix", "devise", "adresse", "image", "description")
PROMOTION = parts(
    *("code", "nom", "début", "fin", "rabais", "description"),
    produits=Shape(each=PLAIN),
    catégories=Shape(each=PLAIN),
)


class _Told(Mapping[str, object], Generic[T]):
    """Records as a template sees them, made only when it asks for one."""

    def __init__(self, shelf: Shelf[T], told: Callable[[T], Mapping[str, object]]) -> None:
        self._shelf, self._tell = shelf, told

    def __getitem__(self, code: str) -> Mapping[str, object]:
        return self._tell(self._shelf.records()[fold(str(code))])

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelf.records())

    def __len__(self) -> int:
        return len(self._shelf.records())


def product_told(one: Product) -> Mapping[str, object]:
    """What a message may say of a product."""
    return Named(
        {
            "sku": one.sku,
            "nom": one.name,
            "catégorie": one.category,
            "prix": one.price,
            "devise": one.currency,
            "adresse": one.url,
            "image": one.image,
            "description": one.description,
        }
    )


def _promotion(one: Promotion) -> Mapping[str, object]:
    return Named(
        {
            "code": one.code,
            "nom": one.name or one.code,
            "début": one.starts,
            "fin": one.ends,
            "rabais": one.discount,
            "description": one.description,
            "produits": list(one.products),
            "catégories": list(one.categories),
        }
    )
