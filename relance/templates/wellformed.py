"""Liquid looked through once before it is parsed: every tag ends, and none is endless.

The library finds tags by trying each place where one may begin up to the end of the text: twelve
thousand opening braces kept it for twenty seconds. What passes here it reads in one go.
"""

import re
from collections.abc import Iterator

from liquid import BoundTemplate, Token
from liquid.ast import Node
from liquid.builtin.expressions import LoopExpression
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.tags.for_tag import ForNode
from liquid.exceptions import LiquidSyntaxError

#: What a tag may hold, in characters, blanks in a row, and brackets.
MOST_TAG, MOST_BLANKS, MOST_BRACKETS = 2_000, 100, 20
#: What all the tags of a template may hold; the rest is text, which costs nothing to read.
MOST_IN_TAGS = 60_000
#: How many numbers a range may stand for where nothing counts them.
MOST_RANGE = 1_000
_OPENING = re.compile(r"\{\{|\{%")
_BLANKS = re.compile(rf"\s{{{MOST_BLANKS + 1}}}")
#: Tags that hold others up to their end, and how a tag begins.
_HOLDING = frozenset({"if", "unless", "case", "for", "capture", "comment"})
_NAME = re.compile(r"\{%-?\s*(?P<end>end)?(?P<name>[a-z]+)")
#: Tags whose end the library looks for by itself, whichever tags it is left with.
_SEALED = re.compile(r"\{%-?\s*(raw|doc)\s*-?%\}")
_SEALS = {name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "doc")}


class Malformed(LiquidSyntaxError):
    """A tag that cannot be read; `reason` says why, in French."""

    def __init__(self, reason: str, source: str, at: int) -> None:
        super().__init__(reason, token=Token("tag", source[at : at + 2], at, source))
        self.reason = reason


def look_through(source: str) -> None:
    """Nothing if the library reads it in a time that follows its length; else Malformed."""
    together = 0
    for at, piece in _pieces(source):
        together += len(piece)
        if together > MOST_IN_TAGS:
            what = f"les balises de ce modèle comptent plus de {MOST_IN_TAGS} caractères"
            raise Malformed(what, source, at)
        if len(piece) > MOST_TAG:
            what = f"cette balise compte {len(piece)} caractères ; {MOST_TAG} au plus"
            raise Malformed(what, source, at)
        if _BLANKS.search(piece):
            raise Malformed(
                f"cette balise contient plus de {MOST_BLANKS} espaces de suite", source, at
            )
        if max(piece.count("("), piece.count("[")) > MOST_BRACKETS:
            raise Malformed(
                f"cette balise contient plus de {MOST_BRACKETS} parenthèses ou crochets",
                source,
                at,
            )


def look_for_ends(source: str) -> None:
    """Nothing if each tag that holds others ends, in their order; else Malformed, where it begins.

    The library tells it at the end of the text, or of an end, that nobody knows such a tag.
    """
    opened: list[tuple[str, int]] = []
    for at, piece in _pieces(source):
        _follow(opened, piece, source, at)
    if opened:
        name, at = opened[-1]
        raise Malformed(f"il manque la balise «\u00a0end{name}\u00a0»", source, at)


def _follow(opened: list[tuple[str, int]], piece: str, source: str, at: int) -> None:
    """Keep which tags are open, and where; Malformed for an end that is not the last one's."""
    found = _NAME.match(piece)
    if found is None or found["name"] not in _HOLDING:
        return
    name, last = found["name"], opened[-1][0] if opened else ""
    if last == "comment" != name:
        return  # what a comment holds is not read
    if not found["end"]:
        opened.append((name, at))
    elif not last:
        raise Malformed(f"la balise «\u00a0end{name}\u00a0» ne ferme rien", source, at)
    elif last != name:
        before = f"avant «\u00a0end{name}\u00a0»"
        message = f"il manque la balise «\u00a0end{last}\u00a0» {before}"
        raise Malformed(message, source, opened[-1][1])
    else:
        opened.pop()


def look_over(template: BoundTemplate, source: str) -> None:
    """Nothing if every range stands where it is bounded; else Malformed.

    What a loop goes over is counted as it goes; elsewhere the library may search a range value by
    value, so that one has to be short, in so many words.
    """
    nodes: list[Node] = list(template.nodes)
    context = template.context_class(template)
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children(context))
        looped = isinstance(node, ForNode)
        expressions = list(node.expressions())
        while expressions:
            one = expressions.pop()
            if isinstance(one, LoopExpression) and looped:
                expressions.extend(
                    under for under in one.children() if not isinstance(under, RangeLiteral)
                )
            elif isinstance(one, RangeLiteral) and not _short(one):
                message = "un intervalle comme « (1..9) », hors d’une boucle « for », est écrit en "
                message += f"chiffres et compte {MOST_RANGE} nombres au plus"
                raise Malformed(message, source, one.token.start_index)
            else:
                expressions.extend(one.children())


def _short(one: RangeLiteral) -> bool:
    first, last = one.start, one.stop
    if not (isinstance(first, IntegerLiteral) and isinstance(last, IntegerLiteral)):
        return False
    return bool(last.value - first.value < MOST_RANGE)


def _pieces(source: str) -> Iterator[tuple[int, str]]:
    """Each tag with where it begins; Malformed for one that does not end."""
    opening = _OPENING.search(source)
    while opening is not None:
        at = opening.start()
        end = "}}" if opening[0] == "{{" else "%}"
        closing = source.find(end, opening.end())
        if closing < 0:
            said = "une balise n’est pas bien écrite : "
            raise Malformed(f"{said}« {opening[0]} » n’est pas fermé par « {end} »", source, at)
        piece, after = source[at : closing + 2], closing + 2
        sealed = _SEALED.fullmatch(piece)
        if sealed is not None:
            last = _SEALS[sealed[1]].search(source, after)
            if last is None:
                raise Malformed(f"il manque la balise « end{sealed[1]} »", source, at)
            after = last.end()
        yield at, piece
        opening = _OPENING.search(source, after)
