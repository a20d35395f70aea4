"""Brackets and operators of a condition: each bracket has its pair, « et » and « ou » never mix."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.language.fr.constructs import form
from dsl.tree.tokens import Token

MAX_DEPTH = 20


@dataclass(slots=True)
class _Level:
    """What stands between two brackets: operands as stretches, operators between them."""

    operands: list[Span] = field(default_factory=list)
    operators: list[str] = field(default_factory=list)
    fresh: bool = True

    def take(self, start: int, end: int) -> None:
        """Add a token to the operand under way."""
        if self.fresh:
            self.operands.append(Span(start, end))
        else:
            self.operands[-1] = Span(self.operands[-1].start, end)
        self.fresh = False


def close_brackets(tokens: Sequence[Token]) -> tuple[Sequence[Token], list[Diagnostic]]:
    """The tokens with every bracket paired, and what was wrong."""
    if not any(token.type in ("_OPEN", "_CLOSE", "NOT") for token in tokens):
        return tokens, []
    kept: list[Token] = []
    opened: list[Token] = []
    problems: list[Diagnostic] = []
    refusals = 0
    for token in tokens:
        refusals = refusals + 1 if token.type in ("NOT", "_OPEN") else 0
        if token.type == "_OPEN":
            opened.append(token)
        elif token.type == "_CLOSE":
            if not opened:
                problems.append(_unpaired(token, "ne ferme aucun « [ »"))
                continue
            opened.pop()
        if len(opened) > MAX_DEPTH or refusals > MAX_DEPTH:
            deep = "Cette condition est trop imbriquée : séparez-la en plusieurs « si »."
            return [Token("PHRASE", token.start, token.end)], [
                Diagnostic("R103", Severity.ERROR, token.span, deep)
            ]
        kept.append(token)
    end = tokens[-1].end
    for token in reversed(opened):
        problems.append(_unpaired(token, "n’est fermé par aucun « ] »"))
        kept.append(Token("_CLOSE", end, end, shown="]"))
    return kept, problems


def _unpaired(token: Token, what: str) -> Diagnostic:
    return Diagnostic("R114", Severity.ERROR, token.span, f"Ce crochet {what}.")


def mixed_operators(source: str, tokens: Sequence[Token]) -> list[Diagnostic]:
    """One diagnostic for each stretch where « et » and « ou » mix without brackets."""
    if len({token.type for token in tokens if token.type in ("AND", "OR")}) < 2:
        return []
    found: list[Diagnostic] = []
    levels = [_Level()]
    for token in tokens:
        level = levels[-1]
        if token.type == "_OPEN":
            level.take(token.start, token.end)
            levels.append(_Level())
        elif token.type == "_CLOSE" and len(levels) > 1:
            found += _mixed(source, levels.pop())
            levels[-1].take(token.start, token.end)
        elif token.type in ("AND", "OR"):
            level.operators.append(form(token.type))
            level.fresh = True
        elif token.type != "_COMMA":
            level.take(token.start, token.end)
    return found + _mixed(source, levels[0])


def _mixed(source: str, level: _Level) -> list[Diagnostic]:
    if len(set(level.operators)) < 2 or len(level.operands) != len(level.operators) + 1:
        return []
    texts = [" ".join(source[span.start : span.end].split()) for span in level.operands]
    span = Span(level.operands[0].start, level.operands[-1].end)
    readings = [_grouped(texts, level.operators, first) for first in (form("AND"), form("OR"))]
    return [
        Diagnostic(
            "R112",
            Severity.ERROR,
            span,
            "« et » et « ou » sont mêlés : dites lequel lier d’abord, avec des crochets."
            f" Écrivez « {readings[0]} » ou « {readings[1]} ».",
            tuple(Fix(span, reading, compared=True) for reading in readings),
        )
    ]


def _grouped(operands: Sequence[str], operators: Sequence[str], first: str) -> str:
    """The condition with brackets around what `first` links."""
    groups = [[operands[0]]]
    for operator, operand in zip(operators, operands[1:], strict=True):
        if operator == first:
            groups[-1].append(operand)
        else:
            groups.append([operand])
    other = next(operator for operator in operators if operator != first)
    texts = [group[0] if len(group) == 1 else f"[{f' {first} '.join(group)}]" for group in groups]
    return f" {other} ".join(texts)
