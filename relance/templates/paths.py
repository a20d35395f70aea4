"""What a message says of the parts of a variable, held against the parts it has.

`{{ panier.produit.nmo }}` is no fault of Liquid: it shows nothing. Names given on the way are
followed: what an `assign` names, what a `for` goes over.
"""

from collections.abc import Iterator, Mapping

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.expression import Expression

from relance.french import quoted
from relance.slip import slip_of
from relance.variable import Shape, name_key

#: What Liquid answers of anything that holds several, or is a text.
_OF_ALL = ("size", "first", "last")


def nodes_of(template: BoundTemplate) -> Iterator[Node]:
    """Every node, in the order of the text."""
    context = template.context_class(template)
    waiting: list[Node] = list(reversed(template.nodes))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(node.children(context))))


def expressions_of(template: BoundTemplate) -> Iterator[Expression]:
    """Every expression, those inside others too."""
    for node in nodes_of(template):
        under = list(node.expressions())
        while under:
            one = under.pop()
            yield one
            under.extend(one.children())


def unknown_parts(
    template: BoundTemplate, shapes: Mapping[str, Shape]
) -> Iterator[tuple[int, str]]:
    """Where a part that nothing has is named, and what to say of it; `shapes` by variable."""
    named = _named_on_the_way(template, shapes)
    known = {name: shape for name, shape in shapes.items() if name not in named}
    known |= {name: shape for name, shape in named.items() if shape is not None}
    for one in expressions_of(template):
        if isinstance(one, Path):
            message = _unknown_part(one, known)
            if message is not None:
                yield one.token.start_index, message


def _named_on_the_way(
    template: BoundTemplate, shapes: Mapping[str, Shape]
) -> Mapping[str, Shape | None]:
    """The shapes of the names that tags give; None for what cannot be told, or is twice given."""
    named: dict[str, Shape | None] = {}
    for node in nodes_of(template):
        if isinstance(node, ForNode):
            name, shape = str(node.expression.identifier), None
            over = _shape(node.expression.iterable, {**shapes, **named})
            if over is not None and not over.by_name:
                shape = over.each
        elif isinstance(node, AssignNode):
            name, shape = str(node.name), _shape(node.expression, {**shapes, **named})
        elif isinstance(node, CaptureNode):
            name, shape = str(node.name), None
        else:
            continue
        named[name] = shape if named.get(name, shape) == shape else None
    return named


def _shape(one: Expression, known: Mapping[str, Shape | None]) -> Shape | None:
    if isinstance(one, FilteredExpression):
        filters = [used.name for used in one.filters or ()]
        left = _shape(one.left, known)
        if filters in (["first"], ["last"]):
            return left.each if left is not None else None
        return None if filters else left
    if not isinstance(one, Path) or not isinstance(one.path[0], str):
        return None
    shape = known.get(one.path[0])
    for segment in one.path[1:]:
        shape = _under(shape, segment) if shape is not None else None
    return shape


def _under(shape: Shape, segment: object) -> Shape | None:
    """The shape one step further; None when nothing can be told of it."""
    if isinstance(segment, str):
        for name, part in shape.parts.items():
            if name_key(name) == name_key(segment):
                return part
        if segment in ("first", "last"):
            return shape.each
    elif isinstance(segment, Path) and shape.parts:
        return None
    return shape.each


def _unknown_part(path: Path, known: Mapping[str, Shape | None]) -> str | None:
    shape, so_far = known.get(str(path.path[0])), str(path.path[0])
    for segment in path.path[1:]:
        if shape is None or shape.open:
            return None
        if isinstance(segment, str) and not _has(shape, segment):
            return _lacking(so_far, segment, shape)
        shape = _under(shape, segment)
        so_far += f".{segment}"
    return None


def _has(shape: Shape, segment: str) -> bool:
    if segment in _OF_ALL or (shape.each is not None and shape.by_name):
        return True
    return name_key(segment) in map(name_key, shape.parts)


def _lacking(so_far: str, segment: str, shape: Shape) -> str:
    if not shape.parts and shape.remedy:
        return f"{quoted(so_far)} n’a pas de {quoted(segment)}. {_remedy(shape, segment)}"
    if not shape.parts:
        several = " ; prenez-en un : « for », « first » ou « last »" if shape.each else ""
        return f"{quoted(so_far)} n’a pas de {quoted(segment)} : rien ne s’affiche ici{several}"
    near = slip_of(name_key(segment), map(name_key, shape.parts))
    meant = {name_key(name): name for name in shape.parts}
    hint = (
        f"Vouliez-vous dire {quoted(meant[near])} ?" if near else f"On peut y lire {_list(shape)}."
    )
    if shape.remedy and not near:
        hint += f" {_remedy(shape, segment)}"
    return f"{quoted(so_far)} n’a pas de {quoted(segment)}. {hint}"


def _remedy(shape: Shape, segment: str) -> str:
    return f"Pour l’ajouter, {shape.remedy.format(segment)}."


def _list(shape: Shape) -> str:
    *most, last = map(quoted, shape.parts)
    return f"{', '.join(most)} et {last}" if most else last
