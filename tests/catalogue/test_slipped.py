"""A slip in a word, values left bare, a small word before them: what is then proposed is the phrase meant.

Each phrase of the catalogue is written so, in several ways; whatever comes to be proposed is put in
its place, and must be accepted there, be that phrase, and hold those values.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from dsl.diagnostics import Diagnostic, Severity
from dsl.phrases.catalogue import DECISIONS, STATEMENTS
from dsl.phrases.trie import by_name
from dsl.project import check
from dsl.text.lexer import lex
from relance.phrase import Phrase
from server.plugins import load_plugins

CATALOGUE = load_plugins().catalogue
LEADING = ("", "à ", "de ", "pour ", "avec ")
ABOVE = """\
champs
  date d’achat : date
  fin d’abonnement : date
  pointure : nombre
  téléphone : texte
fin

"""
CAMPAIGN = """\
campagne « {name} »
  entrée
    quand Formulaire (Infolettre) rempli

"""


@dataclass(frozen=True)
class Slipped:
    """A phrase as it was hastily written, and what was meant: its id, its values in order."""

    written: str
    meant: str
    values: tuple[str, ...]
    doing: bool

    def script(self, number: int, sentence: str) -> str:
        head = CAMPAIGN.format(name=f"Essai {number}")
        if self.doing:
            return f"{head}  {sentence}\nfin\n"
        return f"{head}  si {sentence}\n    Étiqueter (X)\n  fin\nfin\n"


def understood(sentence: str) -> tuple[str, tuple[str, ...]]:
    """The phrase that a sentence is, and its values in order; nothing when it is none."""
    lexemes, _ = lex(sentence, 0, len(sentence))
    found = CATALOGUE.longest(sentence, lexemes, 0)
    if found is None or found.end < len(lexemes):
        return "", ()
    held = by_name(found)
    values = tuple(held[slot.name].text.text for slot in found.value.canonical.slots)
    return found.value.phrase.id, values


def slips(word: str) -> Iterator[str]:
    """A letter forgotten, one written twice, two swapped."""
    yield word[:-2] + word[-1]
    yield word[:2] + word[1:]
    yield word[:2] + word[3] + word[2] + word[4:]


def hasty(phrase: Phrase) -> Iterator[Slipped]:
    """The phrase’s own example with a slip in its first word and its values bare."""
    lexemes, _ = lex(phrase.example, 0, len(phrase.example))
    found = CATALOGUE.longest(phrase.example, lexemes, 0)
    assert found is not None
    texts = {name: one.text.text for name, one in by_name(found).items()}
    first, *_ = phrase.example.split()
    meant = understood(phrase.example)
    if not texts or len(first) < 5:
        return
    ways = list(slips(first))
    for number in (len(phrase.id), len(phrase.example) + 1):
        slip = ways[number % len(ways)]
        led = {
            name: LEADING[(number + place) % len(LEADING)] + text
            for place, (name, text) in enumerate(texts.items())
        }
        spelled = found.variant.written(led)
        # « Changer pointage à 10 » is another phrase, small word and all.
        if understood(spelled)[0] in ("", meant[0]):
            written = spelled.replace(first, slip, 1)
            yield Slipped(written, *meant, doing=phrase.kind in STATEMENTS)


def offered() -> Mapping[str, Sequence[str]]:
    """What each type of name may be: those of the examples."""
    found: dict[str, list[str]] = {"courriel": ["Tarifs"]}
    for phrase in CATALOGUE.phrases.values():
        lexemes, _ = lex(phrase.example, 0, len(phrase.example))
        match = CATALOGUE.longest(phrase.example, lexemes, 0)
        for slot in match.variant.slots if match else ():
            text = by_name(match)[slot.name].text.text  # type: ignore[arg-type]
            found.setdefault(slot.type, []).append(text)
    return found


@cache
def hasty_ones() -> Sequence[Slipped]:
    kinds = DECISIONS | STATEMENTS
    known = [one for one in CATALOGUE.phrases.values() if one.kind in kinds]
    return [slipped for phrase in known for slipped in hasty(phrase)]


def errors_of(sentences: Sequence[tuple[Slipped, str]]) -> list[list[Diagnostic]]:
    """What is refused of each, every one in a file of its own."""
    scripts = {
        f"{number:04}": one.script(number, sentence)
        for number, (one, sentence) in enumerate(sentences)
    }
    found = check({"champs": ABOVE, **scripts}, CATALOGUE, offered()).diagnostics
    return [[one for one in found[name] if one.severity is Severity.ERROR] for name in scripts]


def test_what_is_proposed_for_a_hasty_phrase_is_accepted_and_means_it() -> None:
    written = hasty_ones()
    refused = errors_of([(one, one.written) for one in written])
    tried = [
        (one, fix.text)
        for one, several in zip(written, refused, strict=True)
        for found in several
        for fix in found.fixes
    ]
    assert [
        (one.written, text) for one, text in tried if understood(text) != (one.meant, one.values)
    ] == []
    again = errors_of(tried)
    assert [
        (one.written, text, [found.message for found in several])
        for (one, text), several in zip(tried, again, strict=True)
        if several
    ] == []
    helped = {one.written for one, _ in tried}
    assert len(helped) > 0.9 * len(written) > 150
