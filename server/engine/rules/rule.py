"""A rule outside campaigns: points for what leads do, conversions counted."""

from collections.abc import Iterable, Iterator, Set
from typing import TypeAlias

from dsl.phrases.words import Words
from dsl.rules import Conversion, PointRule
from server.engine.seed import number_of

Rule: TypeAlias = PointRule | Conversion


def numbered(rules: Iterable[Rule]) -> Iterator[tuple[int, Rule]]:
    """Each rule with the number the store knows it by: of what sets it off, and of what it does.

    Of two whose numbers would be one, the later in the scripts takes another.
    """
    taken: set[int] = set()
    for rule in rules:
        key = rule.trigger.key or _key(rule)
        number = number_of(key, 31)
        while number in taken:
            key = f"{key} {number}"
            number = number_of(key, 31)
        taken.add(number)
        yield number, rule


def _key(rule: Rule) -> str:
    return rule.key if isinstance(rule, PointRule) else f"conversion {rule.name}"


def state_rules(rules: Iterable[Rule]) -> Set[int]:
    """The numbers of those set off by a condition that turns true."""
    return {
        number
        for number, rule in numbered(rules)
        if rule.trigger.on is None and rule.trigger.schedule is None
    }


def reason_of(rule: Rule, words: Words) -> str:
    """A rule as people read it: « +5 quand Formulaire (Démo) rempli »."""
    if isinstance(rule, Conversion):
        return f"conversion {rule.name}"
    change = rule.change
    return f"{f'={change.amount}' if change.absolute else f'{change.amount:+d}'} {words.of(rule.trigger.place.said)}"
