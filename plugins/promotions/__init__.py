"""Promotions and products of the project: whether an offer runs, whether its products were bought."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from plugins.kit.shelf import PRODUCT, PROMOTION, Goods
from plugins.promotions.mentions import faults_of
from plugins.promotions.phrases import PHRASES
from relance.channel import Message
from relance.fault import Fault
from relance.fold import fold
from relance.goods import Promotion
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.phrase import Phrase
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
def relance_references(folder: Path) -> Mapping[str, Mapping[str, Promotion]]:
    """Each promotion under its name and under its code."""
    found: dict[str, Promotion] = {}
    taken: set[str] = set()
    for one in Goods(folder).promotions.records().values():
        for name in (one.name, one.code):
            if name and fold(name) not in taken:
                found[name] = one
                taken.add(fold(name))
    return {"promotion": found}


@hookimpl
def relance_variables(host: Setup) -> Sequence[Variable]:
    """Products and promotions by their code."""
    goods = Goods(host.folder)

    async def products(host: Host, message: Message) -> object:
        return goods.told_products()

    async def promotions(host: Host, message: Message) -> object:
        return goods.told_promotions()

    return (
        Variable(
            ("produits",),
            "Les produits du projet, par leur code.",
            products,
            Shape(each=PRODUCT, by_name=True),
        ),
        Variable(
            ("promotions",),
            "Les promotions du projet, par leur code.",
            promotions,
            Shape(each=PROMOTION, by_name=True),
        ),
    )


@hookimpl
def relance_check(folder: Path) -> Sequence[Fault]:
    """What is wrong in the two files, and the products that messages name and nobody sells."""
    goods = Goods(folder)
    return [*goods.faults(), *faults_of(folder, goods)]
