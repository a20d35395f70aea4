"""Formatting changes the writing, never the meaning: over generated scripts, sloppily typed."""

from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_catalogue import CATALOGUE

from dsl.formatter import format_source
from dsl.read.parser import parse

quick = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(
    [
        "(Tarifs)",
        "« Tarifs »",
        '"Tarifs"',
        "“Tarifs”",
        "( été 2026 )",
        "(a (b) c)",
        "(« a (b) »)",
        "(😀)",
    ]
)
FACTS = st.sampled_from(
    [
        "Formulaire {} rempli",
        "formulaire rempli",
        "Page web {} visitée depuis l'entrée",
        "lien {} cliqué dans le courriel {}",
        "Courriel {} lu (ouvert) au moins 2 fois",
        "Courriel {} ouvert dans les (7) derniers jours",
        "Lead membre de la liste {}",
        "Pointage lead entre (5) et 10",
        "Pointage lead au dessus de 5",
        "Intérêt {} au-dessous de (5)",
        "Champ (num) (pointure) est ((plus grand que) (40))",
        "Champ {} est entre 3 jours avant et aujourd’hui",
        "Split 50%",
        "Formulaire {} rempli où le champ (montant) est supérieur à 1 234,50",
        "Formulaire {} rempli depuis l'étape « A »",
        "Formulaire {} rempli depuis le 24 décembre 2026",
        "chaque lundi à 9h",
    ]
)
ACTS = st.sampled_from(
    [
        "Envoyer courriel {}",
        "Changer pointage +10",
        "Assigner à l'équipe de vente, envoyer alerte de type {}",
        "Attendre pendant (3) jours",
        "Attendre pendant 2 h 30",
        "Attendre pendant une semaine et 2 jours",
        "Attendre un jour de la semaine de lundi à vendredi",
        "Attendre jusqu'au (24 décembre 2026) à 9 h 30",
        "étape {}",
        "aller à l'étape {}, 2 fois au plus",
        "sortir (réussite)",
        "sortir",
        "attendre que Formulaire {} rempli, au plus 3 jours",
    ]
)


@st.composite
def named(draw: st.DrawFn, templates: st.SearchStrategy[str]) -> str:
    template = draw(templates)
    return template.format(*(draw(NAMES) for _ in range(template.count("{}"))))


def conditions() -> st.SearchStrategy[str]:
    return st.recursive(
        named(FACTS),
        lambda inner: st.one_of(
            inner.map(lambda one: f"non [{one}]"),
            st.lists(inner, min_size=2, max_size=3).map(lambda all_: f"[{' et '.join(all_)}]"),
            st.lists(inner, min_size=2, max_size=3).map(lambda any_: f"[ {' OU '.join(any_)} ]"),
        ),
        max_leaves=4,
    )


Lines = list[str]


def joined(bodies: list[Lines]) -> Lines:
    return [line for body in bodies for line in body]


def statements() -> st.SearchStrategy[Lines]:
    simple = named(ACTS).map(lambda line: [line])
    return st.recursive(
        simple, lambda inner: st.one_of(_if(inner), _wait(inner), _loop(inner)), max_leaves=6
    )


@st.composite
def _body(draw: st.DrawFn, inner: st.SearchStrategy[Lines]) -> Lines:
    return joined(draw(st.lists(inner, max_size=2)))


@st.composite
def _if(draw: st.DrawFn, inner: st.SearchStrategy[Lines]) -> Lines:
    if draw(st.booleans()):
        lines = [f"Si {draw(conditions())} alors"]
    else:
        lines = ["si toutes ces conditions :", f"- {draw(named(FACTS))}", f"- {draw(conditions())}"]
        lines += draw(st.sampled_from([[], ["alors"]]))
    lines += draw(_body(inner))
    if draw(st.booleans()):
        lines += [f"SINON SI {draw(conditions())}", *draw(_body(inner))]
    if draw(st.booleans()):
        lines += ["sinon :", *draw(_body(inner))]
    return [*lines, draw(st.sampled_from(["fin", "Fin", "fin si"]))]


@st.composite
def _wait(draw: st.DrawFn, inner: st.SearchStrategy[Lines]) -> Lines:
    lines = [
        draw(st.sampled_from(["attendre", "Attendre au plus (3) jours", "attendre 2 h 30 au plus"]))
    ]
    for _ in range(draw(st.integers(1, 2))):
        lines += [f"dès que {draw(conditions())}", *draw(_body(inner))]
    if draw(st.booleans()):
        lines += ["Passe ce delai", *draw(_body(inner))]
    return [*lines, draw(st.sampled_from(["fin", "fin attente"]))]


@st.composite
def _loop(draw: st.DrawFn, inner: st.SearchStrategy[Lines]) -> Lines:
    if draw(st.booleans()):
        return ["répéter au plus 3 fois", *draw(_body(inner)), "fin"]
    shares = joined([[f"50% {draw(NAMES)}", *draw(_body(inner))] for _ in range(2)])
    return [f"répartir {draw(NAMES)}", *shares, "fin répartition"]


@st.composite
def scripts(draw: st.DrawFn) -> str:
    lines = [f"CAMPAGNE {draw(NAMES)}", "Description : l'été, en (trois", "fuseau :UTC"]
    lines += ["entrée", f"quand {draw(conditions())}", "sortie échouée", "après (30) jours"]
    lines += joined(draw(st.lists(statements(), max_size=4)))
    lines += ["fin campagne", "champs", "taille: choix (a,b ,c)", "fin"]
    lines += [f"liste {draw(NAMES)} : {draw(conditions())}", f"scenario {draw(NAMES)}"]
    lines += ["lead (Aline) : courriel (a@b.c) , date de naissance (1990-01-01)"]
    lines += ["2 jours plus tard, (Aline) : Formulaire (X) rempli où (montant) égal à (5)"]
    lines += [f"le 1er août 2026 à 9h, vérifier (Aline) : {draw(conditions())}", "fin"]
    text = ""
    for line in lines:
        text += (
            draw(st.sampled_from(["", "  ", "\t", "\u00a0  ", "\n\n", "  # note\n", "#note\n"]))
            + line
        )
        text += draw(st.sampled_from(["\n", "\r\n", "   \n", "  # fin de ligne\n"]))
    return draw(st.sampled_from([text, normalize("NFD", text), "\ufeff" + text]))


@quick
@given(scripts())
def test_formatting_keeps_the_tree(source: str) -> None:
    before = parse(source, CATALOGUE)
    assert before.diagnostics == ()
    once = format_source(source, CATALOGUE)
    after = parse(once, CATALOGUE)
    assert after.diagnostics == ()
    assert after.script == before.script
    assert format_source(once, CATALOGUE) == once
    assert once.count("#") == source.count("#")


SLOPPY = """\ufeffCAMPAGNE "Bienvenue"
fuseau:  America/Montreal
# qui entre

entree
QUAND formulaire ( Tarif ) REMPLI   #par le site
  Etape "Envoi"
envoyez_rien
Si page web (/tarifs) visitee
et lead membre de liste (Prospects)
envoyer le courriel “Tarifs d'été”
# au revoir
sinon
      attendre pendant (3) jour(s)
fin
FIN
"""
TIDY = """campagne «\u00a0Bienvenue\u00a0»
  fuseau : America/Montreal
  # qui entre

  entrée
    quand Formulaire (Tarif) rempli  # par le site
  étape «\u00a0Envoi\u00a0»
envoyez_rien
  si Page web (/tarifs) visitée
      et Lead membre de la liste (Prospects)
    Envoyer courriel «\u00a0Tarifs d'été\u00a0»
  # au revoir
  sinon
    Attendre pendant (3) jour(s)
  fin
fin
"""


def test_canonical_french_is_restored_and_lines_in_error_left_alone() -> None:
    assert format_source(SLOPPY, CATALOGUE) == TIDY


def test_indentation_is_left_alone_where_a_fin_is_missing() -> None:
    source = "campagne « A »\n     entree\n  quand formulaire rempli\n"
    assert format_source(source, CATALOGUE) == (
        "campagne «\u00a0A\u00a0»\n     entrée\n  quand Formulaire rempli\n"
    )


@pytest.mark.parametrize("source", ["", "\n\n", "# seul\n", "   "])
def test_an_empty_script_stays_empty(source: str) -> None:
    assert format_source(source, CATALOGUE) == source.strip() + ("\n" if source.strip() else "")
    assert parse(source, CATALOGUE).diagnostics == ()


def test_a_comment_stays_on_its_side_of_a_fin() -> None:
    source = "campagne « A »\nétape « B »\n   # dedans\nfin\n# dehors\n"
    assert format_source(source, CATALOGUE) == (
        "campagne «\u00a0A\u00a0»\n  étape «\u00a0B\u00a0»\n  # dedans\nfin\n# dehors\n"
    )
    outside = "campagne « A »\nétape « B »\n# au niveau de la fin\nfin\n"
    assert "\n# au niveau" in format_source(outside, CATALOGUE)
