"""A message read again as its author meant it: what it speaks of, compared with what exists.

A variable nobody knows is no fault of Liquid: it shows nothing, to everybody, for as long as
nobody looks. It is told here, at its line, without keeping any message from leaving.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from liquid import BoundTemplate
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import StringLiteral
from liquid.exceptions import LiquidError

from relance.fault import Fault
from relance.french import quoted
from relance.slip import slip_of
from relance.templates.language import DATE_STYLES, TEXT
from relance.templates.paths import expressions_of, unknown_parts
from relance.variable import PLAIN, Shape, Variable, bare, variable

_TO_LEAD = "dans un courriel ou un SMS au lead"


@dataclass(frozen=True)
class Vocabulary:
    """What one kind of message may speak of: fields, the project's variables, and its own.

    `elsewhere`: variables of other kinds of messages, and where they stand (« dans les alertes »).
    `to_lead`: such a message goes to an address of the lead, of which variables may speak.
    """

    fields: Iterable[str]
    variables: Sequence[Variable] = ()
    own: Mapping[str, Shape] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    to_lead: bool = True

    @cached_property
    def here(self) -> Sequence[Variable]:
        """The project's variables that say something in such a message."""
        return [one for one in self.variables if self.to_lead or not one.addressed]

    @cached_property
    def where(self) -> Mapping[str, str]:
        """Where the variables stand that say nothing in such a message."""
        here = {name for one in self.here for name in one.names}
        others = (name for one in self.variables for name in one.names if name not in here)
        return {**dict.fromkeys(others, _TO_LEAD), **self.elsewhere}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every variable, and how its author would rather write it."""
        accented = {bare(name): variable(name) for name in self.fields}
        known = {name: one.names[0] for one in self.here for name in one.names}
        known |= {name: name for name in self.own}
        return known | accented | {name: name for name in accented.values()}

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """What may follow each of them; a field hides a variable of its name."""
        known = {name: one.shape for one in self.here for name in one.names}
        fields = {spelt(name): PLAIN for name in self.fields for spelt in (bare, variable)}
        return {**known, **fields, **self.own}


def review(file: str, source: str, vocabulary: Vocabulary) -> Iterator[Fault]:
    """What is doubtful in the text of a file; one that cannot be read says so itself."""
    for at, message in _doubts(source, vocabulary):
        yield Fault(file, source.count("\n", 0, at) + 1, message)


def _doubts(source: str, vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    try:
        template = TEXT.from_string(source)
    except (LiquidError, RecursionError):
        return
    for name, places in template.analyze().globals.items():
        if name not in vocabulary.names:
            for place in places:
                yield place.span.index, _unknown(name, vocabulary)
    yield from unknown_parts(template, vocabulary.shapes)
    yield from _date_styles(template)


def _unknown(name: str, vocabulary: Vocabulary) -> str:
    known, where = vocabulary.names, vocabulary.where.get(name)
    if where is not None:
        return f"« {name} » ne se lit que {where} : ici, cette variable n’affiche rien"
    near = slip_of(bare(name), known, cutoff=0.68)
    meant = f" Vouliez-vous dire {quoted(known[near])} ?" if near else ""
    return f"{quoted(name)} n’est ni un champ ni une variable de ce message.{meant}"


def _date_styles(template: BoundTemplate) -> Iterator[tuple[int, str]]:
    for one in expressions_of(template):
        for used in one.filters or () if isinstance(one, FilteredExpression) else ():
            style = used.args[0].value if used.name == "date" and used.args else None
            if isinstance(style, StringLiteral) and style.value not in DATE_STYLES:
                styles = ", ".join(quoted(name) for name in DATE_STYLES)
                message = f"{quoted(style.value)} n’est pas un style de date ; écrire {styles}"
                yield one.token.start_index, message
