"""Finding a phrase by words of one's own: « achat » finds what speaks of buying.

Case and accents do not count, a word's beginning is enough, and words people use for one another
(`dsl.language.fr.synonyms`) find the same phrases. Every word asked for must be found.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dsl.language.fr.synonyms import FILLERS, meant
from dsl.text.lexer import lex
from server.reference.entries import ReferenceEntry, ReferenceSection

#: A shorter word is found as it is only: « a » begins half of the dictionary.
_LEAST = 3


def searched(sections: Sequence[ReferenceSection], asked: str) -> tuple[ReferenceSection, ...]:
    """The sections with only the phrases that hold the words asked for: in the phrase or another of
    its writings first, else in its example or its help."""
    words = [key for key in _keys(asked) if key not in FILLERS] or _keys(asked)
    near = _kept(sections, words, lambda one: (one.shown, *one.also, *one.phrase.aliases))
    if near:
        return near
    return _kept(sections, words, lambda one: (one.shown, one.phrase.example, one.phrase.help))


def _kept(
    sections: Sequence[ReferenceSection],
    words: Sequence[str],
    texts_of: Callable[[ReferenceEntry], Iterable[str]],
) -> tuple[ReferenceSection, ...]:
    found = (
        replace(
            section, entries=tuple(one for one in section.entries if _holds(texts_of(one), words))
        )
        for section in sections
    )
    return tuple(section for section in found if section.entries)


def _holds(texts: Iterable[str], words: Sequence[str]) -> bool:
    keys = {key for text in texts for key in _keys(text)}
    stands = {meant(key) for key in keys}
    return all(
        meant(word) in stands or (len(word) >= _LEAST and any(key.startswith(word) for key in keys))
        for word in words
    )


def _keys(text: str) -> list[str]:
    """The keys of the words of a text, signs and articles aside, what stands in parentheses too."""
    plain = "".join(sign if sign.isalnum() or sign in " '’-" else " " for sign in text)
    return [lexeme.key for lexeme in lex(plain, 0, len(plain))[0] if lexeme.key]
