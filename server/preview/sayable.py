"""What a message may say of its reader, by name: the fields of the project, then its variables."""

from collections.abc import Iterable, Iterator, Sequence

from relance.variable import Shape, Variable, variable

#: So many parts of parts are named, and so many names in all.
_DEEP, _MOST = 3, 300


def sayable(fields: Iterable[str], variables: Iterable[Variable]) -> Sequence[tuple[str, str]]:
    """Each as it is written between braces, and what it is; a field hides a variable of its name."""
    found = {variable(name): name for name in fields}
    for one in variables:
        for name in _named(one.names[0], one.shape, _DEEP):
            found.setdefault(name, one.help)
    return list(found.items())[:_MOST]


def _named(name: str, shape: Shape, deep: int) -> Iterator[str]:
    """The name of something, or those of its parts: what has parts is none of it by itself."""
    if not shape.parts or not deep:
        yield name
    for part, inner in shape.parts.items() if deep else ():
        yield from _named(f"{name}.{part}", inner, deep - 1)
