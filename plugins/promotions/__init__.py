"""Promotions and products of the project: whether an offer runs, whether its products were bought."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from plugins.kit.shelf import Goods
from plugins.promotions.mentions import faults_of
from plugins.promotions.phrases import PHRASES
from relance.fault import Fault
from relance.fold import fold
from relance.goods import Promotion
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

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
def relance_check(folder: Path) -> Sequence[Fault]:
    """What is wrong in the two files, and the products that messages name and nobody sells."""
    goods = Goods(folder)
    return [*goods.faults(), *faults_of(folder, goods)]
