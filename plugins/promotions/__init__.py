"""Promotions and products of the project: whether an offer runs, whether its products were bought."""

from collections.abc import Mapping, Sequence

from plugins.kit.shelf import PRODUCT, PROMOTION, goods_of
from plugins.promotions.mentions import faults_of
from plugins.promotions.phrases import PHRASES
from relance.channel import Message
from relance.fault import Fault
from relance.fold import fold
from relance.goods import Promotion
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.phrase import Phrase
from relance.project_files import ProjectFiles
from relance.slot import SlotType
from relance.variable import Shape, Variable

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """The two questions."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """A promotion of the project, by its name or its code."""
    return (
        SlotType("promotion", "Une promotion du projet, par son nom ou par son code.", closed=True),
    )


@hookimpl
def relance_references(files: ProjectFiles) -> Mapping[str, Mapping[str, Promotion]]:
    """Each promotion under its name and under its code."""
    found: dict[str, Promotion] = {}
    taken: set[str] = set()
    for one in goods_of(files).promotions.value.records.values():
        for name in (one.name, one.code):
            if name and fold(name) not in taken:
                found[name] = one
                taken.add(fold(name))
    return {"promotion": found}


@hookimpl
def relance_variables(host: Setup) -> Sequence[Variable]:
    """Products and promotions by their code."""
    return (
        Variable(
            ("produits",),
            "Les produits du projet, par leur code.",
            _products,
            Shape(each=PRODUCT, by_name=True),
        ),
        Variable(
            ("promotions",),
            "Les promotions du projet, par leur code.",
            _promotions,
            Shape(each=PROMOTION, by_name=True),
        ),
    )


@hookimpl
def relance_check(files: ProjectFiles) -> Sequence[Fault]:
    """What is wrong in the two files, and the products that messages name and nobody sells."""
    goods = goods_of(files)
    return [*goods.faults, *faults_of(files, goods)]


async def _products(host: Host, message: Message) -> object:
    return goods_of(host.files).product_values_by_code


async def _promotions(host: Host, message: Message) -> object:
    return goods_of(host.files).promotion_values_by_code
