"""What a template that costs little is made of: fixed texts, and functions of the values.

Only what cannot repeat nor swell is taken: a template that holds anything else is `Unpressable`, and a
message of which a value is long, or no plain one, is `Unpressed`.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import TypeAlias

from liquid import Environment, Markup, escape
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import (
    BooleanExpression,
    FilteredExpression,
    Path,
    PositionalArgument,
)
from liquid.builtin.expressions.logical import (
    EqExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    NeExpression,
    _eq,
)
from liquid.builtin.expressions.primitive import (
    Blank,
    Empty,
    FalseLiteral,
    IntegerLiteral,
    Nil,
    StringLiteral,
    TrueLiteral,
)
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression
from liquid.stringify import to_liquid_string

from relance.variable import Named

Scope: TypeAlias = dict[str, object]
_Value: TypeAlias = Callable[[Scope], object]
Piece: TypeAlias = str | Callable[[Scope, list[str]], None]

#: What a pressed template may be made of: names, conditions and assignments; fixed characters; and
#: how long a value is at most. Together they bound what filling it in takes to milliseconds.
_MOST_PIECES, _MOST_ASSIGNED, _MOST_FIXED, _MOST_VALUE = 500, 50, 100_000, 1_000
#: Filters whose result is about as long as what they are given.
_FILTERS = frozenset(
    {
        "capitalize",
        "date",
        "default",
        "downcase",
        "montant",
        "nombre",
        "strip",
        "truncate",
        "upcase",
    }
)
#: What the library answers by itself under any name, and the one name it gives.
_OF_ALL, _ITS_OWN = frozenset({"size", "first", "last"}), "partial"
_WRITTEN = frozenset({str, Markup, bool, int, float, Decimal, date, datetime, NoneType})
_KNOWN = _WRITTEN | {Named, dict, list, tuple}
_MOST_NUMBER = 10**18
#: What the library makes a new line of, or half of one: its own affair.
_RETURN = "\r"
_LITERALS = (TrueLiteral, FalseLiteral, IntegerLiteral, StringLiteral)


class Unpressed(Exception):
    """This message is to be filled in by the library, apart."""


class Unpressable(Exception):
    """Something in a template that cannot be pressed."""


def write(pieces: Sequence[Piece], scope: Scope, written: list[str]) -> None:
    """What the pieces say of the values of a scope, in order."""
    for piece in pieces:
        if isinstance(piece, str):
            written.append(piece)
        else:
            piece(scope, written)


class Press:
    """Makes pieces of the nodes of one template, counting them."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._pieces = self._assigned = self._fixed = 0

    def pieces(self, nodes: Sequence[Node]) -> Sequence[Piece]:
        """What these nodes write, in order; fixed texts that follow each other are one."""
        made: list[Piece] = []
        for node in nodes:
            piece = self._piece(node)
            if isinstance(piece, str) and made and isinstance(made[-1], str):
                made[-1] += piece
            elif piece:
                made.append(piece)
        return tuple(made)

    def _piece(self, node: Node) -> Piece:
        if type(node) is ContentNode:
            self._fixed += len(node.text)
            if self._fixed > _MOST_FIXED or _RETURN in node.text:
                raise Unpressable
            return node.text
        if type(node) is CommentNode:
            return ""
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise Unpressable
        if type(node) is OutputNode:
            return self._output(node)
        if type(node) is AssignNode:
            return self._assignment(node)
        if type(node) is IfNode or type(node) is UnlessNode:
            return self._choice(node)
        raise Unpressable

    def _output(self, node: OutputNode) -> Piece:
        value, escaped = self._value(node.expression), self._env.autoescape

        def output(scope: Scope, written: list[str]) -> None:
            found = value(scope)
            if type(found) is str:
                written.append(escape(found) if escaped else found)
            elif type(found) in _WRITTEN:
                text = to_liquid_string(found, escaped)
                if len(text) > _MOST_VALUE:
                    raise Unpressed
                written.append(text)
            else:
                raise Unpressed

        return output

    def _assignment(self, node: AssignNode) -> Piece:
        self._assigned += 1
        if self._assigned > _MOST_ASSIGNED:
            raise Unpressable
        name, value = str(node.name), self._value(node.expression)

        def assign(scope: Scope, written: list[str]) -> None:
            scope[name] = value(scope)

        return assign

    def _choice(self, node: IfNode | UnlessNode) -> Piece:
        asked = self._condition(node.condition)
        first = self._block(node.consequence)
        others = tuple(
            (self._condition(one.expression), self._block(one.block)) for one in node.alternatives
        )
        last = self._block(node.default) if node.default else ()
        wanted = type(node) is IfNode

        def choose(scope: Scope, written: list[str]) -> None:
            if asked(scope) is wanted:
                return write(first, scope, written)
            for condition, pieces in others:
                if condition(scope):
                    return write(pieces, scope, written)
            return write(last, scope, written)

        return choose

    def _block(self, block: BlockNode) -> Sequence[Piece]:
        """The inside of a choice; one of nothing but blanks writes nothing."""
        pieces = self.pieces(block.nodes)
        if block.blank and self._env.suppress_blank_control_flow_blocks:
            return tuple(one for one in pieces if not isinstance(one, str))
        return pieces

    # --- Values -------------------------------------------------------------------------------

    def _condition(self, expression: Expression) -> Callable[[Scope], bool]:
        """Whether it is true: neither missing, nor nothing, nor false."""
        if type(expression) is BooleanExpression:
            return self._condition(expression.expression)
        if type(expression) is LogicalAndExpression:
            left, right = self._condition(expression.left), self._condition(expression.right)
            return lambda scope: left(scope) and right(scope)
        if type(expression) is LogicalOrExpression:
            one, other = self._condition(expression.left), self._condition(expression.right)
            return lambda scope: one(scope) or other(scope)
        if type(expression) is EqExpression or type(expression) is NeExpression:
            same, wanted = self._same(expression), type(expression) is EqExpression
            return lambda scope: same(scope) is wanted
        value = self._primitive(expression)

        def true(scope: Scope) -> bool:
            found = value(scope)
            return found is not None and found is not False

        return true

    def _same(self, expression: EqExpression | NeExpression) -> Callable[[Scope], bool]:
        left, right = self._primitive(expression.left), self._primitive(expression.right)
        return lambda scope: bool(_eq(left(scope), right(scope)))

    def _value(self, expression: Expression) -> _Value:
        """What is written or assigned: a name or a literal, and the filters it goes through."""
        if type(expression) is not FilteredExpression:
            raise Unpressable
        value = self._primitive(expression.left)
        for one in expression.filters or ():
            value = self._filtered(value, one.name, one.args)
        return value

    def _filtered(self, value: _Value, name: str, given: Sequence[object]) -> _Value:
        function = self._env.filters.get(name) if name in _FILTERS else None
        self._pieces += 1
        if function is None or self._pieces > _MOST_PIECES:
            raise Unpressable
        arguments = []
        for one in given:
            # What a filter makes of an argument that is missing is the library's to say.
            if type(one) is not PositionalArgument or not isinstance(one.value, _LITERALS):
                raise Unpressable
            arguments.append(self._primitive(one.value))

        def filtered(scope: Scope) -> object:
            return _known(function(value(scope), *(one(scope) for one in arguments)))

        return filtered

    def _primitive(self, expression: Expression) -> _Value:
        if type(expression) is Path:
            return _path(expression.path)
        if type(expression) is Nil:
            return lambda scope: None
        if type(expression) is Empty or type(expression) is Blank:
            return lambda scope: expression
        if isinstance(expression, _LITERALS):
            value: object = expression.value
            if isinstance(value, str):
                if _RETURN in value:
                    raise Unpressable
                # The author's own words are no lead's, as the library has it.
                value = Markup(value) if self._env.autoescape else value
            return lambda scope: value
        raise Unpressable


def _path(path: Sequence[object]) -> _Value:
    """The value of that name, or what stands under it by names; None when there is none."""
    names = [one for one in path if isinstance(one, str)]
    if len(names) < len(path) or names[0] == _ITS_OWN or not _OF_ALL.isdisjoint(names[1:]):
        raise Unpressable
    first, *rest = names
    if not rest:
        return lambda scope: _known(scope.get(first))

    def followed(scope: Scope) -> object:
        found = _known(scope.get(first))
        for name in rest:
            if type(found) is not Named and type(found) is not dict:
                if type(found) in _WRITTEN:
                    return None  # nothing stands under a text or a number
                raise Unpressed
            found = _known(found.get(name))
        return found

    return followed


def _known(value: object) -> object:
    """That value, if it is of a kind and of a size that are handled here; else Unpressed."""
    if isinstance(value, str):
        if len(value) > _MOST_VALUE or type(value) not in _WRITTEN or _RETURN in value:
            raise Unpressed
    elif type(value) not in _KNOWN or (isinstance(value, int) and abs(value) > _MOST_NUMBER):
        raise Unpressed
    return value
