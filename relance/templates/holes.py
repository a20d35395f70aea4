"""What a message writes of its reader without a thought for those of whom it is not known."""

from collections.abc import Mapping

from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from relance.templates.language import TEXT
from relance.templates.paths import expressions_of

_OTHERWISE = "default"


def holes_of(source: str) -> Mapping[str, int]:
    """The variables written as they are, and the line of each; a text that cannot be read has none.

    One that a « default » stands in for, or that a condition asks about anywhere, was thought of.
    """
    try:
        template = TEXT.from_string(source)
    except (LiquidError, RecursionError):
        return {}
    written: dict[str, int] = {}
    thought_of: set[str] = set()
    for one in expressions_of(template):
        if isinstance(one, BooleanExpression):
            thought_of |= set(_names(one))
        elif isinstance(one, FilteredExpression) and isinstance(one.left, Path):
            (name, *rest), filters = one.left.path, [each.name for each in one.filters or ()]
            if isinstance(name, str) and not rest and _OTHERWISE not in filters:
                line = source.count("\n", 0, one.left.token.start_index) + 1
                written.setdefault(name, line)
    return {name: line for name, line in written.items() if name not in thought_of}


def _names(one: Expression) -> list[str]:
    under = [name for child in one.children() for name in _names(child)]
    return [str(one.path[0]), *under] if isinstance(one, Path) else under
