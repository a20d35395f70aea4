"""What is said inside a program, a rule or a condition, whatever holds it."""

from collections.abc import Iterator

from relance.events import EventPattern


def parts(node: object) -> Iterator[object]:
    """Every part, at any depth."""
    yield node
    if isinstance(node, tuple):
        children: tuple[object, ...] = node
    else:
        names = getattr(type(node), "__dataclass_fields__", {})
        children = tuple(getattr(node, name) for name in names)
    for child in children:
        yield from parts(child)


def subjects(node: object, type_: str) -> frozenset[str]:
    """The names of the events of a type that are heard of or asked about."""
    return frozenset(
        one.subject
        for one in parts(node)
        if isinstance(one, EventPattern) and one.type == type_ and one.subject
    )
