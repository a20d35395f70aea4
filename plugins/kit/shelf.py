"""Products and promotions of a project: its files of records, read once however many messages ask."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Generic, TypeVar

from relance import goods
from relance.fault import Fault
from relance.fold import fold
from relance.goods import Good, Product, Promotion, Wrong
from relance.project_files import ProjectFiles
from relance.templates.lasting import Lasting
from relance.variable import PLAIN, Named, Shape, parts

T = TypeVar("T", bound=Good)
Parse = Callable[[str], tuple[list[T], list[Wrong]]]
#: More than any shop's: a larger file is no catalogue of ours.
_MOST_BYTES = 200 << 20


@dataclass(frozen=True, slots=True)
class Shelf(Generic[T]):
    """What one file holds: its records by their code, case and accents aside, and its faults."""

    records: Mapping[str, T] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


def _shelf(data: bytes | None, file: str, parse: Parse[T], code: Callable[[T], str]) -> Shelf[T]:
    if data is None:
        return Shelf()
    if len(data) > _MOST_BYTES:
        return Shelf(faults=[Fault(file, 1, "ce fichier est trop grand")])
    try:
        records, wrong = parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Shelf(faults=[Fault(file, 1, "ce fichier ne se lit pas comme du texte UTF-8")])
    faults = [Fault(file, line, message) for line, message in wrong]
    return Shelf({fold(code(one)): one for one in records}, faults)


@dataclass(frozen=True, slots=True)
class Goods:
    """What a project sells and offers."""

    products: Lasting[Shelf[Product]]
    promotions: Lasting[Shelf[Promotion]]

    @property
    def product_values_by_code(self) -> Mapping[str, object]:
        """What a message may say of products: `{{ produits["SKU-1"].nom }}`."""
        return _ValuesByCode(self.products, product_values)

    @property
    def promotion_values_by_code(self) -> Mapping[str, object]:
        """What a message may say of promotions."""
        return _ValuesByCode(self.promotions, _promotion)

    @property
    def faults(self) -> Sequence[Fault]:
        """What is wrong in their files."""
        return [*self.products.value.faults, *self.promotions.value.faults]


def goods_of(files: ProjectFiles) -> Goods:
    """What the project of these files sells and offers."""
    return _goods(*(files.contents.get(name) for name in (goods.PRODUCTS, goods.PROMOTIONS)))


@lru_cache(maxsize=2)  # what is published, and what is about to be
def _goods(products: bytes | None, promotions: bytes | None) -> Goods:
    return Goods(
        Lasting(_products, products),
        Lasting(_promotions, promotions),
    )


def _products(data: bytes | None) -> Shelf[Product]:
    return _shelf(data, goods.PRODUCTS, goods.products_of, attrgetter("sku"))


def _promotions(data: bytes | None) -> Shelf[Promotion]:
    return _shelf(data, goods.PROMOTIONS, goods.promotions_of, attrgetter("code"))


#: What a message may say of a product, and of a promotion.
PRODUCT = parts("sku", "nom", "catégorie", "prix", "devise", "adresse", "image", "description")
PROMOTION = parts(
    *("code", "nom", "début", "fin", "rabais", "description"),
    produits=Shape(each=PLAIN),
    catégories=Shape(each=PLAIN),
)


class _ValuesByCode(Mapping[str, object], Generic[T]):
    """Records as a template sees them, made only when it asks for one."""

    def __init__(
        self, shelf: Lasting[Shelf[T]], values_of: Callable[[T], Mapping[str, object]]
    ) -> None:
        self._shelf, self._values_of = shelf, values_of

    def __getitem__(self, code: str) -> Mapping[str, object]:
        return self._values_of(self._shelf.value.records[fold(str(code))])

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelf.value.records)

    def __len__(self) -> int:
        return len(self._shelf.value.records)


def product_values(one: Product) -> Mapping[str, object]:
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
