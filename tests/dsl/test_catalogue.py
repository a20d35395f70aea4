"""The catalogue refuses, by name, what would mislead an author."""

import pytest
from sample_catalogue import CATALOGUE, nothing

from dsl.phrases.catalogue import Catalogue, PluginPhrases
from dsl.phrases.pattern import BadPattern, expand
from dsl.text.lexer import lex
from relance.errors import BadPhrase, PhraseCollision
from relance.phrase import Kind, Phrase
from relance.slot import SlotType, Unreadable


def phrase(pattern: str, example: str, *aliases: str, id: str = "", help: str = "Aide.") -> Phrase:
    return Phrase(id or pattern, Kind.ACTIVITY, pattern, nothing, help, example, aliases)


def load(*phrases: Phrase, types: tuple[SlotType, ...] = ()) -> Catalogue:
    return Catalogue([PluginPhrases("essai", phrases, types)])


def test_two_plugins_with_the_same_phrase_are_both_named() -> None:
    one = PluginPhrases("un", [phrase("Envoyer le SMS {m:texte}", "Envoyer le SMS (A)")])
    two = PluginPhrases("deux", [phrase("Envoyer SMS {nom:nombre}", "Envoyer SMS 3")])
    with pytest.raises(PhraseCollision, match=r"«\sdeux\s».*«\sun\s»"):
        Catalogue([one, two])


def test_an_alias_collides_as_a_pattern_does() -> None:
    with pytest.raises(PhraseCollision):
        load(phrase("Prévenir", "Prévenir"), phrase("Avertir", "Avertir", "prévenir"))


def test_the_same_identifier_twice_is_refused() -> None:
    with pytest.raises(PhraseCollision):
        load(phrase("Un peu", "Un peu", id="x"), phrase("Beaucoup", "Beaucoup", id="x"))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (phrase("Faire", ""), "d’exemple"),
        (phrase("Faire", "Faire", help=" "), "d’aide"),
        (phrase("Faire {x:texte}", "Faire"), "ne se relit pas"),
        (phrase("Faire {x:texte}", "Faire (a) vite"), "ne se relit pas"),
        (phrase("Faire {x:nombre}", "Faire (beaucoup)"), "n’est pas un nombre"),
        (phrase("Faire {x:inconnu}", "Faire (a)"), "type d’emplacement inconnu"),
        (phrase("Si possible {x:texte}", "Si possible (a)"), "réservé"),
        (phrase("Non merci", "Non merci"), "réservé"),
        (phrase("Où {x:texte}", "Où (a)"), "réservé"),
        (phrase("Faire {x:texte} et", "Faire (a) et"), "réservé"),
        (phrase("{x:texte} fait", "(a) fait"), "commencer par un mot"),
        (phrase("Faire {x:texte} {x:texte}", "Faire (a) (b)"), "deux fois"),
        (phrase("Faire [vite", "Faire vite"), "il manque"),
        (phrase("Faire {x}", "Faire (a)"), "pas bien formé"),
        (phrase("Faire" + " [a] [b] [c]" * 4, "Faire"), "trop de façons"),
        (phrase("Faire @", "Faire @"), "ne peut pas figurer"),
    ],
)
def test_a_phrase_that_misleads_is_refused_with_its_plugin(bad: Phrase, why: str) -> None:
    with pytest.raises(BadPhrase, match=why) as refusal:
        load(bad)
    assert "«\u00a0essai\u00a0»" in str(refusal.value)


def test_a_plugin_cannot_redefine_a_type_of_the_language() -> None:
    with pytest.raises(BadPhrase, match="existe déjà"):
        load(types=(SlotType("nombre", "Autre chose."),))


def test_a_literal_type_of_a_plugin_may_stand_bare() -> None:
    def read(text: str) -> str | Unreadable:
        return text

    when = SlotType("jour ou heure", "lundi, ou 9 h", read, reference=False)
    made = load(phrase("Ouvrir {a:jour ou heure}", "Ouvrir lundi"), types=(when,))
    assert len(made.phrases) == 1
    load(phrase("Ouvrir {a:jour ou heure}", "Ouvrir 9 h 30"), types=(when,))


def test_what_one_slot_takes_bare_stands_in_no_other() -> None:
    counted, named = (
        phrase("Noter {a:nombre} fois", "Noter 3 fois"),
        phrase("Noter {a:texte}", "Noter (Vélo)"),
    )
    for several in ((counted, named), (named, counted)):
        lexemes, _ = lex("Noter 3", 0, len("Noter 3"))
        assert load(*several).longest("Noter 3", lexemes, 0) is None


def test_patterns_expand_optional_words_and_choices() -> None:
    keys = {
        variant.key for variant in expand("Lien {a:texte} cliqué [par (courriel|e-mail) {b:texte}]")
    }
    assert keys == {
        "lien () clique",
        "lien () clique par courriel ()",
        "lien () clique par e mail ()",
    }
    assert [variant.key for variant in expand("Courriel {a:texte} lu (ouvert)")] == [
        "courriel () lu ( ouvert )"
    ]
    assert [variant.key for variant in expand("Attendre {a:durée} jour(s)")] == ["attendre () jour"]


@pytest.mark.parametrize("pattern", ["a)", "a]", "a}", "{a:b", "a (b", "(a|b", ""])
def test_a_pattern_badly_formed_is_refused(pattern: str) -> None:
    if pattern:
        with pytest.raises(BadPattern):
            expand(pattern)


def test_every_phrase_is_known_by_plugin() -> None:
    assert all(CATALOGUE.plugin_of(one) == "essai" for one in CATALOGUE.phrases.values())
