"""A message written in place: what is taken for one, and how it is laid out."""

import pytest
from sample_catalogue import CATALOGUE

from dsl.formatter import format_source
from dsl.read.letters import letters
from dsl.read.parser import parse
from dsl.tree import nodes

HEAD = "campagne « Essai »\n  entrée\n    quand Formulaire rempli\n"


def script(*lines: str) -> str:
    return HEAD + "\n".join(lines) + "\nfin\n"


def written(source: str) -> list[tuple[str, str]]:
    return [(one.words, one.text) for one in letters(source, CATALOGUE)]


def test_a_text_below_its_phrase_is_taken_to_the_letter() -> None:
    source = script(
        "  Envoyer courriel « Bonjour, {{ prénom }} »  # le premier",
        "    # Un titre",
        "",
        "    si ceci (n’est pas un script,",
        "      - un point",
        "    fin",
        "  fin",
        "  Attendre pendant 2 jours",
    )
    text = "# Un titre\n\nsi ceci (n’est pas un script,\n  - un point\nfin"
    assert written(source) == [("Bonjour, {{ prénom }}", text)]
    parsed = parse(source, CATALOGUE)
    assert parsed.diagnostics == ()
    (campaign,) = parsed.script.blocks
    assert isinstance(campaign, nodes.Campaign)
    first, second = campaign.body
    assert isinstance(first, nodes.Do)
    assert isinstance(second, nodes.Do)
    assert first.use.letter == text
    assert second.use.letter is None


@pytest.mark.parametrize(
    "lines",
    [
        ("  Envoyer courriel « Tarifs »", "  Attendre pendant 2 jours"),
        ("  Envoyer courriel (Tarifs)", "    Attendre pendant 2 jours"),
        ("  Envoyer courriel « Tarifs »", "    Attendre pendant 2 jours"),
        ("  Envoyer courriel « Tarifs »",),
        ("  si Courriel « Tarifs » lu", "    Attendre pendant 2 jours", "  fin"),
        ("  étape « Tarifs »", "    Attendre pendant 2 jours"),
    ],
)
def test_a_message_that_is_but_named_is_no_text(lines: tuple[str, ...]) -> None:
    assert written(script(*lines)) == []


@pytest.mark.parametrize("closing", ["fin", "Fin", "fin courriel", "fin du courriel"])
@pytest.mark.parametrize("quotes", ["« Offre » :", '"Offre"', "“Offre”"])
def test_a_message_in_place_is_closed_by_fin_and_quoted_as_one_likes(
    closing: str, quotes: str
) -> None:
    source = script(f"  Envoyer courriel {quotes}", "\tBonjour", f"  {closing}")
    assert written(source) == [("Offre", "Bonjour")]
    assert parse(source, CATALOGUE).diagnostics == ()


def test_after_a_colon_it_survives_the_loss_of_its_indentation() -> None:
    source = script("Envoyer courriel « Offre » :", "Bonjour,", "", "Venez.", "fin")
    assert written(source) == [("Offre", "Bonjour,\n\nVenez.")]


def test_the_formatter_lays_it_under_its_phrase_and_changes_nothing_of_it() -> None:
    source = script(
        "Envoyer courriel  “Offre” :", "Bonjour,", "", "    du code", "fin", "Attendre 2 jours"
    )
    laid = format_source(source, CATALOGUE)
    assert (
        "  Envoyer courriel «\u00a0Offre\u00a0»\n    Bonjour,\n\n        du code\n  fin\n" in laid
    )
    assert format_source(laid, CATALOGUE) == laid
    assert written(laid) == written(source)


def test_lines_below_it_keep_their_numbers() -> None:
    source = script("  Envoyer courriel « Offre »", "    Bonjour", "  fin", "  Attandre 2 jours")
    (diagnostic,) = parse(source, CATALOGUE).diagnostics
    assert source[: diagnostic.span.start].count("\n") + 1 == 7


def test_one_without_fin_is_told_and_the_rest_is_read() -> None:
    source = script("  Envoyer courriel « Offre » :", "    Bonjour", "  Attendre pendant 2 jours")
    (diagnostic,) = parse(source, CATALOGUE).diagnostics
    assert diagnostic.code == "R118"


@pytest.mark.parametrize(
    "line",
    [
        "fin",
        "Attendre pendant 2 jours",
        "si Formulaire rempli alors",
        "si toutes ces conditions :",
        "sinon",
        "sinon :",
        "passé ce délai :",
        "50 % « B »",
        "50 % « B » :",
        "# note",
    ],
)
def test_a_line_of_script_that_stands_further_in_is_no_text(line: str) -> None:
    source = script("  Envoyer courriel « Tarifs »", f"      {line}", "  fin")
    assert written(source) == []


def test_a_text_that_begins_as_a_statement_would_is_one_by_how_it_ends() -> None:
    source = script("  Envoyer courriel « Tarifs »", "    Si vous hésitez encore,", "  fin")
    assert written(source) == [("Tarifs", "Si vous hésitez encore,")]


def test_a_text_that_begins_with_a_percentage_is_no_share() -> None:
    source = script("  Envoyer courriel « Tarifs »", "    50 % de rabais", "  fin")
    assert written(source) == [("Tarifs", "50 % de rabais")]
