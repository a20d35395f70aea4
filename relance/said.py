"""What is said, without its words: a phrase's id, the values of its slots, and what is said within it.

The same for whoever writes « 1 semaine » or « 7 jours », on one line or on three, and in any language:
what a statement is known by, and what its words are made from again.
"""

from dataclasses import dataclass

from relance.values import Value


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase, by its `id`, or one of the language's own words (`dsl.check.sayings`).

    `values` by name; `parts`: what narrows it, or what it joins.
    """

    what: str
    values: tuple[tuple[str, Value], ...] = ()
    parts: tuple["Said", ...] = ()
