"""A statement is known by what it says: the words, the spaces and the order of conditions may change."""

import re
from collections.abc import Iterator
from unicodedata import combining, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.check.fields import FieldTable
from dsl.check.lexicon import Lexicon
from dsl.check.meanings import Meanings
from dsl.check.references import References
from dsl.check.sayings import Sayings
from dsl.formatter import format_source
from dsl.identity import identity
from dsl.phrases.pattern import expand
from dsl.program_codec import content_hash, from_json, to_json
from dsl.project import Checked, check
from dsl.read.parser import parse
from dsl.tree import nodes
from relance.phrase import Phrase
from server.engine.publication.inheritance import salts
from server.plugins import load_plugins

CATALOGUE = load_plugins().catalogue
OFFERED = {"courriel": ["Tarifs", "Rappel"]}

#: A campaign and its rules, each line in the ways it may be written.
WAYS = (
    ("liste « Pilote » : Split 50 % et Lead étiqueté (Suivi)",
     "Liste « pilote » : Lead étiqueté (suivi) et Split (50 pour cent)"),
    ("pointage",),
    ("+5 quand Page web (/prix) visitée", "+ 5 quand Page web (/prix) visitée"),
    ("+2 quand Formulaire (Démo) rempli ou Lead étiqueté (Gagné)",
     "+2 quand Le lead a l’étiquette (gagne) ou Formulaire (Demo) soumis"),
    ("fin",),
    ("conversion « Démo » : Formulaire (Démo) rempli",),
    ("campagne « Parcours »", "campagne « parcours »"),
    ("entrée",),
    ("quand Formulaire (Infolettre) rempli", "quand Formulaire (infolettre) complété"),
    ("quand chaque lundi et Lead étiqueté (Suivi)", "quand chaque lundi à 9 h et Lead étiqueté (Suivi)"),
    ("étape « Accueil »", "étape « ACCUEIL »"),
    ("Envoyer courriel (Tarifs)", "Envoyer courriel (tarifs)"),
    ("Attendre entre zéro et 1 semaine", "Attendre entre zéro et (sept jours)"),
    ("si Pointage lead au-dessus de (5) et Split 20 %", "si Split 20% et Pointage lead au-dessus de 5"),
    ("Attendre pendant 2 jours", "Attendre durant (deux jours)", "Attendre 2 j"),
    ("sinon si [Lead étiqueté (A) ou Lead étiqueté (B)]", "sinon si Lead étiqueté (b) ou Lead étiqueté (a)"),
    ("Attendre pendant 2 jours", "Attendre 2 jours"),
    ("fin",),
    ("répartir",),
    ("30 %", "30 pour cent"),
    ("Étiqueter (Tiré)",),
    ("70 %",),
    ("fin",),
    ("attendre au plus 3 jours", "attendre au plus trois jours"),
    ("dès que Page web (/essai) visitée dans les 3 derniers jours",),
    ("Étiqueter (Essai)",),
    ("passé ce délai",),
    ("sortir (échec)",),
    ("fin",),
    ("fin",),
)  # fmt: skip


def known(checked: Checked) -> list[str]:
    """All that the parts of a project are known by, and drawn by; alternatives stand in any order."""
    assert checked.ok, checked.diagnostics
    programs = [one.program for one in checked.programs]
    rules = (*checked.points, *checked.conversions)
    return sorted([
        *(one.key for program in programs for one in program.statements),
        *(one.key for program in programs for one in program.entries),
        *(one.key for one in checked.points),
        *(one.trigger.key for one in rules),
        *(salt for one in (*programs, *(each.condition for each in checked.lists)) for salt in salts(one)),
    ])  # fmt: skip


def project(source: str) -> Checked:
    return check({"essai.relance": source}, CATALOGUE, OFFERED)


def unaccented(text: str) -> str:
    return normalize("NFC", "".join(c for c in normalize("NFD", text) if not combining(c)))


def loose(text: str) -> str:
    """With other spaces, where a space may stand."""
    return "\n".join(f"   {re.sub(' ', '   ', line)}  " for line in text.split("\n"))


def shouted(text: str) -> str:
    """In capitals, but for paths, which are as sites write them."""
    return "\n".join(line if "/" in line else line.upper() for line in text.split("\n"))


SPELLINGS = (str, unaccented, shouted, loose)
USUAL = known(project("\n".join(way[0] for way in WAYS)))


@settings(max_examples=60, deadline=None)
@given(st.tuples(*map(st.sampled_from, WAYS)), st.sampled_from(SPELLINGS), st.booleans())
def test_rewording_keeps_every_key_and_every_draw(
    lines: tuple[str, ...], spelling: object, formatted: bool
) -> None:
    source = "\n".join(lines)
    assert callable(spelling)
    source = spelling(source)
    if formatted:
        source = format_source(source, CATALOGUE)
    assert known(project(source)) == USUAL


def test_keys_hold_names_values_and_what_is_said_never_french() -> None:
    named = re.compile(r'"(?:[^"\\]|\\.)*"')
    left = {word for key in USUAL for word in re.findall(r"[^\W\d_]+", named.sub("", key))}
    ids = {word for phrase in CATALOGUE.phrases for word in re.findall(r"[^\W\d_]+", phrase)}
    slots = {
        name
        for phrase in CATALOGUE.phrases.values()
        for one in expand(phrase.pattern)
        for slot in one.slots
        for name in re.findall(r"[^\W\d_]+", slot.name)
    }
    ours = {"step", "if", "wait", "split", "quit", "when", "every", "event", "points", "conversion",
            "campaign", "list", "all", "any", "entry", "outcome", "name", "change", "at", "day", "MONDAY",
            "last", "days", "value"}  # fmt: skip
    values = {"P", "M", "DT", "S"}
    hashes = {word for word in left if len(word) < 13 and set(word) <= set("abcdef")}
    assert left - ids - slots - ours - values - hashes == set()


def sayings() -> Sayings:
    lexicon = Lexicon(CATALOGUE)
    return Sayings(Meanings(lexicon, FieldTable(lexicon), References({})))


def written(phrase: Phrase) -> Iterator[str]:
    """A phrase with the values of its example, in every way it may be written."""
    first = use_of(phrase.example)
    values = {name: f"({text.text})" for name, text in first.slots}
    types = {slot.name: slot.type for one in expand(phrase.pattern) for slot in one.slots}
    for pattern in (phrase.pattern, *phrase.aliases):
        for variant in expand(pattern):
            if {slot.name: slot.type for slot in variant.slots} == types:
                yield variant.written(values)


def use_of(text: str) -> nodes.PhraseUse:
    """The phrase of a line."""
    for source in (f"campagne « X »\n{text}\nfin", f"campagne « X »\nsi {text}\nfin\nfin"):
        campaign = parse(source, CATALOGUE).script.blocks[0]
        assert isinstance(campaign, nodes.Campaign)
        statement = campaign.body[0] if campaign.body else None
        use = statement.use if isinstance(statement, nodes.Do) else None
        if isinstance(statement, nodes.If):
            condition = statement.branches[0][0]
            use = condition if isinstance(condition, nodes.PhraseUse) else None
        if use is not None and use.phrase is not None:
            return use
    raise AssertionError(text)


@pytest.mark.parametrize("phrase", CATALOGUE.phrases.values(), ids=list(CATALOGUE.phrases))
def test_every_way_to_write_a_phrase_says_the_same(phrase: Phrase) -> None:
    read = sayings()
    found = {identity(read.phrase(use_of(one))) for one in written(phrase)}
    assert len(found) == 1, found
    assert found.pop().startswith(phrase.id)


def test_a_script_reworded_is_the_same_version() -> None:
    """Nothing is published again; nor is its language what it is known by."""
    ways = [
        "campagne « X »\nrépartir\n50 %\nAttendre 1 semaine\n50 %\nfin\nsi Formulaire (A) rempli\n"
        "Étiqueter (B)\nfin\nfin",
        "CAMPAGNE « X »\n\n  repartir :\n    50% :\n  attendre   pendant 7 jours\n  50 pour cent\n fin\n"
        "  si formulaire (A) soumis alors\n    ETIQUETER (B)\n  fin\nfin\n",
    ]
    one, other = (project(way).programs[0].program for way in ways)
    assert content_hash(one) == content_hash(other)
    assert from_json(to_json(one)) == one


def test_names_that_differ_are_two() -> None:
    read = sayings()
    one, other = (use_of(f"Lead étiqueté ({name})") for name in ("A+", "A-"))
    assert identity(read.phrase(one)) != identity(read.phrase(other))


def test_a_name_cannot_pass_for_two() -> None:
    body = "campagne « {} »\nétape « {} »\nAttendre entre zéro et 2 jours\nfin"
    pairs = (('a")/step(name:"b', "c"), ("a", 'b")/step(name:"c'))
    first, second = (next(salts(project(body.format(*pair)).programs[0].program)) for pair in pairs)
    assert first != second


def test_a_conversion_that_asks_something_else_is_looked_at_anew() -> None:
    """Who answered what it asked before has not answered it."""
    triggers = [
        project(f"conversion « Chaud » : Pointage lead au-dessus de ({score})")
        .conversions[0]
        .trigger
        for score in (10, 50, "50")
    ]
    assert triggers[0].key != triggers[1].key == triggers[2].key
