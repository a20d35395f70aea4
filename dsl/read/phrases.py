"""Phrases in a line: the longest known one, or words that make none, told with what was meant."""

from collections.abc import Sequence

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.help.suggestions import fixes, near_listed, proposed
from dsl.phrases.catalogue import DECISIONS, STATEMENTS, Entry, canonical
from dsl.phrases.composed import takes_fact
from dsl.phrases.trie import Found, by_name
from dsl.read.keywords import QUALIFIERS
from dsl.read.lines import Line
from dsl.read.reader import Reader
from dsl.text.lexer import Lexeme, lex
from dsl.tree.nodes import PhraseUse
from dsl.tree.tokens import Token
from relance.phrase import Kind
from relance.slot import Unreadable

OPERATORS = {"et": "AND", "ou": "OR"}


class PhraseReader(Reader):
    """Reads phrases."""

    def _phrase(
        self, line: Line, index: int, kinds: frozenset[Kind], *, whole: bool = False
    ) -> int:
        """The phrase at `index`, known or not; the index past it."""
        found = self._catalogue.longest(self._source, line.lexemes, index)
        if found is not None and self._opened(line, found):
            found = self._catalogue.longest(self._source, line.lexemes, index)
        if found is None:
            return self._unknown(line, index, kinds, whole=whole)
        start = line.lexemes[index].start
        span = Span(start, line.lexemes[found.end - 1].end)
        entry: Entry = found.value
        got = by_name(found)
        if self._two_ways(line, found, span) or self._no_event(line, found, span):
            return found.end
        written = canonical(found)
        slots = tuple((slot.name, got[slot.name].text) for slot in entry.canonical.slots)
        use = PhraseUse(entry.phrase, slots, (), written, span)
        line.tokens.append(Token("PHRASE", span.start, span.end, use, written))
        return found.end

    def _opened(self, line: Line, found: Found[Entry]) -> bool:
        """Take off the parentheses around an event phrase, where one may stand in another."""
        inside = self._held(line, found)
        event = self._catalogue.longest(self._source, inside, 0) if inside else None
        if event is None or event.value.phrase.kind is not Kind.EVENT:
            return False
        if event.end < len(inside) and not QUALIFIERS.longest(self._source, inside, event.end):
            return False
        line.lexemes[found.end - 1 : found.end] = inside  # those who read the line go on in it
        return True

    def _held(self, line: Line, found: Found[Entry]) -> Sequence[Lexeme]:
        """The words between the parentheses where an event phrase may stand."""
        last = line.lexemes[found.end - 1]
        if last.kind != "t" or not any(map(takes_fact, found.value.phrase.aliases)):
            return ()
        return lex(self._source, last.start + 1, last.end - 1)[0]

    def _no_event(self, line: Line, found: Found[Entry], span: Span) -> bool:
        """Whether what stands for an event is none, with values of its own: no field has any."""
        inside = self._held(line, found)
        if not any(lexeme.kind == "t" for lexeme in inside):
            return False
        diagnostic = self._suggestions.unknown(inside, frozenset({Kind.EVENT}))
        line.broken = True
        self.diagnostics.append(diagnostic)
        use = PhraseUse(None, written=self._source[span.start : span.end], span=span)
        line.tokens.append(Token("PHRASE", span.start, span.end, use, use.written))
        return True

    def _two_ways(self, line: Line, found: Found[Entry], span: Span) -> bool:
        """Whether a value says two things in this writing, which the canonical one would hide."""
        asked = {slot.name: slot.type for slot in found.value.canonical.slots}
        for slot, captured in zip(found.variant.slots, found.captured, strict=True):
            if slot.type == asked.get(slot.name, slot.type):
                continue
            read = self._catalogue.slot_types[slot.type].read(captured.text.text)
            if isinstance(read, Unreadable) and read.instead:
                reason = f"{read.reason[:1].upper()}{read.reason[1:]}"
                written = quoted(self._source[span.start : span.end])
                self._report(
                    line, "R117", span, f"Dans {written}\u00a0: {reason}. Écrivez {read.instead}."
                )
                use = PhraseUse(None, written=self._source[span.start : span.end], span=span)
                line.tokens.append(Token("PHRASE", span.start, span.end, use, use.written))
                return True
        return False

    def _unknown(self, line: Line, index: int, kinds: frozenset[Kind], *, whole: bool) -> int:
        """Report words that make no phrase, up to where another operand plainly begins."""
        end = len(line.lexemes) if whole else self._end_of_unknown(line.lexemes, index)
        words = line.lexemes[index:end]
        self._add_unknown(line, words, kinds)
        return end

    def _add_unknown(self, line: Line, words: Sequence[Lexeme], kinds: frozenset[Kind]) -> None:
        listed = near_listed(words) if kinds is DECISIONS else None
        if listed is not None:
            span = Span(words[0].start, words[-1].end)
            message = (
                f"Je lis {quoted(self._source[span.start : span.end])} ; écrivez « {listed[0]} »."
            )
            self._report(line, "R116", span, message, (Fix(span, listed[0]),))
            line.tokens.append(Token("LISTED", span.start, span.end, listed[1], listed[0]))
            return
        if kinds is DECISIONS and self._grouped(line, words):
            return
        if kinds is DECISIONS and self._is_another(words):
            self._excess(line, words)
            return
        diagnostic = self._suggestions.unknown(words, kinds)
        line.broken = True
        self.diagnostics.append(diagnostic)
        span = diagnostic.span
        use = PhraseUse(None, written=self._source[span.start : span.end], span=span)
        line.tokens.append(Token("PHRASE", span.start, span.end, use, use.written))

    def _grouped(self, line: Line, words: Sequence[Lexeme]) -> bool:
        """Conditions between parentheses: brackets group them, parentheses hold values."""
        first = words[0]
        if first.kind != "t" or self._source[first.start] != "(":
            return False
        held, _ = lex(self._source, first.start + 1, first.end - 1)
        if not held or not self._begins(held, 0):
            return False
        span = Span(first.start, first.end)
        fix = f"[{self._source[first.start + 1 : first.end - 1].strip()}]"
        message = f"Des conditions se groupent avec des crochets. Écrivez plutôt {quoted(fix)}."
        self._report(line, "R114", span, message, (Fix(span, fix),))
        use = PhraseUse(None, written=self._source[span.start : span.end], span=span)
        line.tokens.append(Token("PHRASE", span.start, span.end, use, use.written))
        return True

    def _end_of_unknown(self, lexemes: Sequence[Lexeme], index: int) -> int:
        for end in range(index + 1, len(lexemes)):
            lexeme = lexemes[end]
            if lexeme.key in ("[", "]"):
                return end
            if lexeme.kind == "w" and lexeme.key in OPERATORS and self._begins(lexemes, end + 1):
                return end
        return len(lexemes)

    def _begins(self, lexemes: Sequence[Lexeme], index: int) -> bool:
        """Whether an operand begins at `index`."""
        if index >= len(lexemes):
            return False
        if lexemes[index].key in ("non", "["):
            return True
        while index < len(lexemes) and lexemes[index].kind == "w" and not lexemes[index].key:
            index += 1
        return (
            index < len(lexemes)
            and lexemes[index].kind == "w"
            and lexemes[index].key in self._first_words
        )

    def _too_much(self, line: Line, index: int, kinds: frozenset[Kind]) -> None:
        """Words after a phrase: perhaps a longer phrase misspelt, of which the first is a part."""
        last = line.tokens[-1]
        if last.type != "PHRASE" or last.value.phrase is None:
            if not line.broken:
                self._excess(line, line.lexemes[index:])
            return
        start = next(i for i, x in enumerate(line.lexemes) if x.end > last.start)
        after = next(i for i, x in enumerate(line.lexemes) if x.start >= last.end)
        if self._is_another(line.lexemes[after:]):
            self._excess(line, line.lexemes[after:])
            return
        end = self._end_of_unknown(line.lexemes, after)
        words = line.lexemes[start:end]
        foreign = self._suggestions.disabled(words)
        told = foreign or self._suggestions.unwrapped(words, kinds)
        if told is not None:
            line.broken = True
            self.diagnostics.append(told)
            return
        if kinds is STATEMENTS and self._suggestions.nearest(line.lexemes[after:], kinds):
            self._crowded(line, line.lexemes[after:])
            return
        near = self._suggestions.nearest(words, kinds)
        rest = Span(line.lexemes[after].start, line.lexemes[end - 1].end)
        message = (
            f"Je ne comprends pas {quoted(self._source[rest.start : rest.end])} après"
            f" {quoted(last.value.written)}."
        )
        near = tuple(one for one in near if one.text != last.value.written)
        whole = Span(last.start, rest.end)
        offered = message + proposed(near)
        self._report(line, "R111", rest, offered, fixes(near, whole), plain=message)
