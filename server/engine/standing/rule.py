"""A rule outside campaigns: points for what leads do, conversions counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from hashlib import sha256
from typing import TypeAlias

from dsl.standing import Conversion, PointRule

Rule: TypeAlias = PointRule | Conversion


def number_of(key: str, bits: int) -> int:
    """A number for a text, the same from one publication to the next."""
    return int.from_bytes(sha256(key.encode()).digest()[:8], "big") >> (64 - bits)


def numbered(rules: Iterable[Rule]) -> Iterator[tuple[int, Rule]]:
    """Each rule with the number the store knows it by: of what it does, and its rank among equals."""
    alike: Counter[str] = Counter()
    for rule in rules:
        key = rule.key if isinstance(rule, PointRule) else f"conversion {rule.name}"
        alike[key] += 1
        yield number_of(f"{key} {alike[key]}", 31), rule


def state_rules(rules: Iterable[Rule]) -> Set[int]:
    """The numbers of those set off by a condition that turns true."""
    return {
        number
        for number, rule in numbered(rules)
        if rule.trigger.on is None and rule.trigger.schedule is None
    }


def reason_of(rule: Rule) -> str:
    """A rule as people read it: « +5 quand Formulaire (Démo) rempli »."""
    if isinstance(rule, Conversion):
        return f"conversion {rule.name}"
    change = rule.change
    return f"{f'={change.amount}' if change.absolute else f'{change.amount:+d}'} {rule.trigger.place.text}"
