"""Conditions in a line: operands, qualifiers, operators and brackets."""

import re

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.language.fr.keywords import EXITED
from dsl.phrases.catalogue import DECISIONS, STATEMENTS
from dsl.phrases.trie import Found, by_name
from dsl.read import keywords
from dsl.read.brackets import close_brackets, mixed_operators
from dsl.read.lines import Line
from dsl.read.phrases import OPERATORS, PhraseReader
from dsl.read.qualifier_slips import Meant, qualifier_meant
from dsl.read.reader import SIGNS
from dsl.text.lexer import Lexeme
from dsl.tree.nodes import AtStepUse, Every, ExitedUse, Qualifier
from dsl.tree.tokens import Token

#: Words an author may use for « non » at the head of a condition.
_MEANT_NOT = frozenset({"pas", "sauf", "not"})


_MEANT_OPERATORS = {"and": "et", "mai": "et", "or": "ou"}
_ENDS = re.compile(r"[\r\n]")
_LIMIT = "Après cette virgule, j’attends une durée limite, comme « au plus 3 jours »."


def _links(lexeme: Lexeme) -> bool:
    return lexeme.kind == "w" and lexeme.key in OPERATORS


class ConditionReader(PhraseReader):
    """Reads conditions, and the qualifiers of their phrases."""

    def _conditions(self, line: Line, index: int) -> None:
        """Operands and operators up to the end of the line."""
        lexemes = line.lexemes
        opened = len(line.tokens)
        wanted = True
        while index < len(lexemes):
            lexeme = lexemes[index]
            if lexeme.key == "," and index + 1 < len(lexemes) and _links(lexemes[index + 1]):
                index += 1  # « A, et B »
            elif lexeme.kind == "p" and lexeme.key in SIGNS:
                line.tokens.append(self._sign(lexeme))
                wanted = lexeme.key in "[,"
                index += 1
            elif lexeme.kind == "w" and lexeme.key == "non" and wanted:
                line.tokens.append(Token("NOT", lexeme.start, lexeme.end, shown="non"))
                index += 1
            elif wanted and self._meant_not(line, index):
                self._not_meant(line, lexeme)
                index += 1
            elif wanted and not (lexeme.kind == "w" and lexeme.key in OPERATORS):
                index = self._operand(line, index)
                wanted = False
            else:
                after = self._between(line, index)
                if after is None:
                    self._too_much(line, index, DECISIONS)
                    break
                wanted = line.tokens[-1].type in ("AND", "OR")
                index = after
        closing, problems = close_brackets(line.tokens[opened:])
        line.tokens[opened:] = closing
        problems += mixed_operators(self._source, line.tokens[opened:])
        for problem in problems:
            line.broken = True
            self.diagnostics.append(problem)

    def _meant_not(self, line: Line, index: int) -> bool:
        """Whether « pas » and the like stand for « non », before a condition that is one."""
        lexeme = line.lexemes[index]
        if lexeme.kind != "w" or lexeme.key not in _MEANT_NOT:
            return False
        if self._catalogue.longest(self._source, line.lexemes, index) is not None:
            return False
        after = line.lexemes[index + 1 :]
        return bool(after) and (
            self._catalogue.longest(self._source, after, 0) is not None
            or keywords.OPERANDS.longest(self._source, after, 0) is not None
            or after[0].key in ("[", "non")
        )

    def _not_meant(self, line: Line, lexeme: Lexeme) -> None:
        """« pas » and the like where « non » is the word."""
        span = Span(lexeme.start, lexeme.end)
        word = self._source[span.start : span.end]
        message = f"Je lis {quoted(word)} ; le mot du langage est « non »."
        self._report(line, "R116", span, message, (Fix(span, "non"),))
        line.tokens.append(Token("NOT", span.start, span.end, shown="non"))

    def _operand(self, line: Line, index: int) -> int:
        """A phrase with its qualifiers, « chaque jour… », « à l'étape… », « toutes ces conditions »."""
        if line.keyword == "WAIT_THAT" and line.tokens[-1].type == "_COMMA":
            return self._limit(line, index)
        found = keywords.OPERANDS.longest(self._source, line.lexemes, index)
        if found is None and self._link_hangs(line, index):
            return len(line.lexemes)
        if found is None:
            return self._phrase(line, index, DECISIONS)
        phrase = self._catalogue.longest(self._source, line.lexemes, index)
        if phrase is not None and phrase.end > found.end:
            return self._phrase(line, index, DECISIONS)
        got = by_name(found)
        kind = found.value
        if kind in ("all", "any"):
            shown = "toutes ces conditions" if kind == "all" else "au moins une de ces conditions"
            line.tokens.append(self._tok("LISTED", line, index, found, kind, shown))
        elif kind.startswith("exited "):
            how = kind.removeprefix("exited ")
            named = got.get("campaign")
            shown = EXITED[how][0]
            if named:
                of = "" if shown.endswith("campagne") else " de la campagne"
                shown += f"{of} {named.raw}"
            token = self._tok("EXITED", line, index, found, None, shown)
            token.value = ExitedUse(how, shown, named.text if named else None, token.span)
            line.tokens.append(token)
        elif kind == "EVERY":
            day, at = got.get("day"), got.get("at")
            shown = f"chaque {day.raw if day else 'jour'}" + (f" à {at.raw}" if at else "")
            token = self._tok(kind, line, index, found, None, shown)
            token.value = Every(day.text if day else None, at.text if at else None, token.span)
            line.tokens.append(token)
        else:
            token = self._tok(kind, line, index, found, None, f"à l’étape {got['step'].raw}")
            token.value = AtStepUse(got["step"].text, token.span)
            line.tokens.append(token)
        return found.end

    def _link_hangs(self, line: Line, index: int) -> bool:
        """« et » at the end of a line, and below it something to do rather than a condition."""
        link, start = line.tokens[-1], line.lexemes[index].start
        if link.type not in ("AND", "OR") or not _ENDS.search(self._source, link.end, start):
            return False
        found = self._catalogue.longest(self._source, line.lexemes, index)
        if found is None or found.value.phrase.kind not in STATEMENTS:
            return False
        self._report(line, "R110", link.span, "Il manque une condition à la fin de cette ligne.")
        line.tokens.append(Token("_BAD", start, line.lexemes[-1].end))
        return True

    def _limit(self, line: Line, index: int) -> int:
        """« au plus 3 jours » after « attendre que … , »; the index past it."""
        end = self._argument(line, index, "WAIT_THAT")
        if end is not None:
            return end
        span = Span(line.lexemes[index].start, line.lexemes[-1].end)
        self._report(line, "R110", span, _LIMIT)
        line.tokens.append(Token("_BAD", span.start, span.end))
        return len(line.lexemes)

    def _between(self, line: Line, index: int) -> int | None:
        """A qualifier or an operator after an operand; None when it is neither."""
        if line.tokens[-1].type in ("PHRASE", "QUALIFIER"):
            after = self._qualifiers(line, index)
            if after > index:
                return after
            meant = qualifier_meant(self._source, line.lexemes, index)
            if meant is not None:
                self._nearly_qualified(line, index, meant)
                return meant.end
        if line.keyword == "WAIT_THAT":
            place = line.tokens[-1].end
            comma = Token("_COMMA", place, place, shown=",")
            line.tokens.append(comma)
            end = self._argument(line, index, "WAIT_THAT")
            if end is not None:  # « attendre que A au plus 3 jours »: its comma is restored
                return end
            line.tokens.remove(comma)
        lexeme = line.lexemes[index]
        if lexeme.kind == "w" and lexeme.key in _MEANT_OPERATORS:
            word = _MEANT_OPERATORS[lexeme.key]
            span = Span(lexeme.start, lexeme.end)
            written = quoted(self._source[span.start : span.end])
            message = f"Je lis {written} ; le mot du langage est {quoted(word)}."
            self._report(line, "R116", span, message, (Fix(span, word),))
            line.tokens.append(Token(OPERATORS[word], span.start, span.end, shown=word))
            return index + 1
        if lexeme.kind == "w" and lexeme.key in OPERATORS:
            shown = lexeme.key
            line.tokens.append(Token(OPERATORS[lexeme.key], lexeme.start, lexeme.end, shown=shown))
            return index + 1
        return None

    def _nearly_qualified(self, line: Line, index: int, meant: Meant) -> None:
        """« 3 fois » and the like, where the language has « au moins 3 fois »."""
        span = Span(line.lexemes[index].start, line.lexemes[meant.end - 1].end)
        written = quoted(self._source[span.start : span.end])
        if meant.unwrapped:
            code, message = "R202", f"Dans {written}, une valeur n’est pas entre parenthèses."
        else:
            code, message = "R111", f"Je ne comprends pas {written} ici."
        plain = f"Je ne connais pas la phrase {written}." if meant.unwrapped else message
        message += f" Écrivez plutôt {quoted(meant.text)}."
        fixes = (Fix(span, meant.text, compared=not meant.unwrapped),)
        self._report(line, code, span, message, fixes, plain=plain)

    def _qualifiers(self, line: Line, index: int) -> int:
        while index < len(line.lexemes):
            found = keywords.QUALIFIERS.longest(self._source, line.lexemes, index)
            if found is None or self._is_or(line.lexemes[index], found):
                break
            line.tokens.append(self._qualifier(line, index, found))
            index = found.end
        return index

    def _is_or(self, first: Lexeme, found: Found[str]) -> bool:
        """« ou Pointage > 50 » is another condition; « où montant > 50 » has its accent."""
        if found.value != "where" or self._source[first.start : first.end].casefold() == "où":
            return False
        field = by_name(found)["field"]
        return field.text.span.start == field.start

    def _qualifier(self, line: Line, index: int, found: Found[str]) -> Token:
        got = by_name(found)
        raw = {name: captured.raw for name, captured in got.items()}
        for name, types in (("field", ("nom nu",)), ("value", ("mots",))):
            bare = name in got and got[name].text.span.start == got[name].start
            if bare and any(
                slot.name == name and slot.type in types for slot in found.variant.slots
            ):
                raw[name] = f"({raw[name]})"
        kind = found.value
        if kind == "entry":
            shown = "depuis l’entrée"
        elif kind == "step":
            shown = f"depuis l’étape {raw['step']}"
        elif kind == "since":
            delimited = raw["date"][0] in '(«"“'
            shown = f"depuis {raw['date']}" if delimited else f"depuis le {raw['date']}"
        elif kind == "where":
            shown = f"où {raw['field']} {raw['comparator']} {raw['value']}"
        else:
            shown = (
                f"dans les {raw['n']} derniers jours"
                if kind == "last_days"
                else f"au moins {raw['n']} fois"
            )
        token = self._tok("QUALIFIER", line, index, found, None, shown)
        texts = [got[name].text if name in got else None for name in ("field", "comparator")]
        value = next(
            (got[name].text for name in ("value", "n", "date", "step") if name in got), None
        )
        token.value = Qualifier(kind, value, texts[0], texts[1], token.span)
        return token
