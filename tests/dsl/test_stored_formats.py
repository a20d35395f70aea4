"""What a release stored, every later one reads; what a script does is known by the same hash for ever.

`formats/N.jsonl` is what releases of format N write of `every_node`, a line a stored text. A new format
adds a file, a new class joins the last; what a file holds is never changed.
"""

import json
from dataclasses import fields, is_dataclass, make_dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from every_node import ASKED, PROGRAM, RULES

from dsl import program, program_codec, rules
from dsl.check.rewrite import without_leaves
from dsl.goals import Goal
from dsl.program import DrawRange, Place, Share, Split, Trigger
from dsl.program_codec import content_hash, from_json, to_json
from relance import effects, events, facts, positional, said, values, waits
from relance.codec import FORMAT, Codec, contract
from relance.events import EventPattern
from relance.said import Said
from relance.values import Duration, Percentage

FORMATS = Path(__file__).parent / "formats"
MODULES = (values, said, events, facts, effects, waits, program, rules)
#: Known to the codec by the company they keep, and stored by none.
NOT_STORED = {"NewEvent", "TrackedLink", "Reached"}
HASH = "bbc978e224de2ceb92d63a4d535f69926f2a9214d2b4f5e23d3a5b05a94b4e6a"

GOAL = (
    '{"format":3,"value":{"@":"Goal","campaign":"Ventes","key":"k","kind":"purchase","name":"Achat",'
    '"target":{"@":"Percentage","value":{"@":"Decimal","is":"25"}},"triggers":[{"@":"Trigger",'
    '"key":"k","on":{"@":"EventPattern","type":"purchase"},"place":{"@":"Place","line":2,"said":'
    '{"@":"Said","what":"x"}}}],"window":{"@":"Duration","days":3}}}'
)

REDRAWN = (
    '{"format":3,"value":{"@":"Split","key":"k","pieces":[{"@":"DrawRange","share":0,"upto":3000},'
    '{"@":"DrawRange","share":1,"upto":10000}],"place":{"@":"Place","line":2,"said":{"@":"Said",'
    '"what":"split"}},"salt":"essai/objet","shares":[{"@":"Share","name":"A","next":1,"upto":3000},'
    '{"@":"Share","name":"B","next":2,"upto":10000}]}}'
)


def lines(number: int) -> list[str]:
    return (FORMATS / f"{number}.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_what_any_release_stored_is_read(number: int) -> None:
    stored, *rules, condition = lines(number)
    assert from_json(stored) == PROGRAM
    assert tuple(map(program_codec.codec.from_json, rules)) == RULES
    assert contract.from_json(condition) == without_leaves(ASKED)


def test_what_this_release_stores_is_what_the_first_of_its_format_did() -> None:
    rules = [program_codec.codec.to_json(each) for each in RULES]
    assert [to_json(PROGRAM), *rules, contract.to_json(without_leaves(ASKED))] == lines(FORMAT)


def test_a_script_that_did_not_change_has_the_hash_it_had() -> None:
    assert content_hash(PROGRAM) == HASH


def test_every_class_that_is_stored_is_in_the_golden_files() -> None:
    known = {
        name
        for module in MODULES
        for name, one in vars(module).items()
        if getattr(one, "__module__", "") == module.__name__ and isinstance(one, type)
        if is_dataclass(one) or issubclass(one, Enum)
    }
    of_words = {"Said"}  # formats 1 and 2 kept words
    apart = {"DrawRange"}  # in `REDRAWN`
    for text, mark, unknown in (
        ("".join(lines(1)), '["{}"', NOT_STORED | of_words | apart),
        ("".join(lines(FORMAT)), '"@":"{}"', NOT_STORED | apart),
    ):
        assert {name for name in known if mark.format(name) not in text} == unknown


def test_a_goal_is_stored_and_read_as_the_first_was() -> None:
    trigger = Trigger(Place(2, Said("x")), EventPattern("purchase"), key="k")
    goal = Goal("Ventes", "Achat", "k", (trigger,), Duration(days=3), kind="purchase")
    stored = program_codec.codec.to_json(replace(goal, target=Percentage(Decimal(25))))
    assert stored == GOAL
    assert program_codec.codec.from_json(GOAL) == replace(goal, target=Percentage(Decimal(25)))


def test_shares_that_changed_are_stored_and_read_as_the_first_were() -> None:
    shares = (Share("A", 3_000, 1), Share("B", 10_000, 2))
    ranges = (DrawRange(3_000, 0), DrawRange(10_000, 1))
    split = Split("k", Place(2, Said("split")), "essai/objet", shares, pieces=ranges)
    stored = program_codec.codec.to_json(split)
    assert stored == REDRAWN
    assert program_codec.codec.from_json(REDRAWN) == split


def newer(kind: Any) -> Any:
    """The same class as a later release has it: with one field more."""
    own = [(one.name, one.type, one) for one in fields(kind)]
    return make_dataclass(kind.__name__, [*own, ("later", str | None, None)], frozen=True)


@pytest.mark.parametrize("name", ["Trigger", "Leaf", "Send", "Place", "EventPattern", "Program"])
def test_a_field_added_to_a_class_changes_neither_what_is_stored_nor_its_hash(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = to_json(PROGRAM), content_hash(PROGRAM)
    module = next(one for one in MODULES if hasattr(one, name))
    later = newer(getattr(module, name))
    later.__module__ = module.__name__
    for one in (module, program_codec) if name == "Program" else (module,):
        monkeypatch.setattr(one, name, later)
    monkeypatch.setattr(program_codec, "codec", Codec(*MODULES, positions=positional.FIELDS))
    monkeypatch.setattr(program_codec, "_read_lately", program_codec._read)
    found = program_codec.from_json(before[0])
    assert later in {type(each) for each in every_part(found)}
    assert (to_json(found), content_hash(found)) == before


def every_part(node: Any) -> list[Any]:
    inside = node if isinstance(node, tuple) else []
    if is_dataclass(node):
        inside = [getattr(node, one.name) for one in fields(node)]
    return [node, *(part for each in inside for part in every_part(each))]


@pytest.mark.parametrize(
    "text", ["{}", "[]", '["Gone"]', '{"format":99,"value":{"@":"Score"}}', "1", "no JSON",
             '{"format":2,"value":{"@":"Score","gone":1}}', '{"format":2,"value":{"@":"os"}}',
             '{"format":2,"value":{"@":"Score"}}', '{"format":2,"value":{"@":"Exit","is":"X"}}']
)  # fmt: skip
def test_what_is_of_no_known_format_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 — of any kind
        from_json(text)


def test_the_order_of_fields_says_nothing() -> None:
    def turned(data: Any) -> Any:
        if isinstance(data, dict):
            return {name: turned(data[name]) for name in reversed(data)}
        return [turned(one) for one in data] if isinstance(data, list) else data

    assert from_json(json.dumps(turned(json.loads(to_json(PROGRAM))))) == PROGRAM
