"""Scripts as people type or paste them: read if there is no doubt, else told once with what to write."""

import pytest
from sample_catalogue import CATALOGUE

from dsl.diagnostics import Diagnostic
from dsl.formatter import format_source
from dsl.read.parser import parse
from dsl.tree.nodes import Campaign, Conjunction, If, WaitBlock, WaitThat

HEAD = "campagne « A »\n  entrée\n    quand Formulaire rempli\n\n"


def script(body: str) -> str:
    return f"{HEAD}{body}fin\n"


def campaign(body: str) -> Campaign:
    parsed = parse(script(body), CATALOGUE)
    assert parsed.diagnostics == ()
    (block,) = parsed.script.blocks
    assert isinstance(block, Campaign)
    return block


def diagnostic_of(body: str) -> Diagnostic:
    (one,) = parse(script(body), CATALOGUE).diagnostics
    return one


def corrected(body: str) -> str:
    """The body once the first correction that is offered was taken."""
    source = script(body)
    fix = diagnostic_of(body).fixes[0]
    fixed = source[: fix.span.start] + fix.text + source[fix.span.end :]
    assert parse(fixed, CATALOGUE).diagnostics == ()
    return fixed.removeprefix(HEAD).removesuffix("fin\n")


LISTED = """\
  si toutes ces conditions
    - Formulaire (A) rempli
    - non Page web (/x) visitée
    Changer pointage (+1)
  fin
"""


@pytest.mark.parametrize("dash", ["–", "—", "•", "·", "*", "−"])
def test_the_dashes_and_bullets_of_a_word_processor_list_conditions(dash: str) -> None:
    body = LISTED.replace("    - ", f"    {dash}\t")
    assert campaign(body) == campaign(LISTED)
    assert format_source(script(body), CATALOGUE) == script(LISTED).replace(
        "« A »", "«\u00a0A\u00a0»"
    )


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("si toutes ces conditions", ""),
        ("si toutes les conditions sont réunies :", ""),
        ("si toutes ces conditions", "  alors\n"),
    ],
)
def test_listed_conditions_need_no_dash(opening: str, closing: str) -> None:
    body = LISTED.replace("    - ", "    ").replace("si toutes ces conditions", opening)
    body = body.replace("    Changer", f"{closing}    Changer")
    (read,) = campaign(body).body
    assert isinstance(read, If)
    (condition, branch) = read.branches[0]
    assert isinstance(condition, Conjunction)
    assert condition.listed
    assert len(condition.items) == 2
    assert len(branch) == 1
    assert "    - Formulaire (A) rempli\n" in format_source(script(body), CATALOGUE)


def test_a_slip_in_a_condition_listed_with_no_dash_is_told_as_such() -> None:
    body = LISTED.replace("    - ", "    ").replace(
        "non Page web (/x) visitée", "Page wed (/x) visitée"
    )
    assert corrected(body) == body.replace("wed", "web")
    body = body.replace("wed", "web").replace("Formulaire (A) rempli", "Formulaire (A rempli")
    assert diagnostic_of(body).code == "R104"


@pytest.mark.parametrize("end", [",", " et", " ou"])
def test_a_listed_condition_stands_alone(end: str) -> None:
    body = LISTED.replace("(A) rempli", f"(A) rempli{end}")
    assert corrected(body).replace("rempli \n", "rempli\n") == LISTED


WAIT = """\
  attendre au plus 3 jours
    dès que Formulaire (A) rempli
      Changer pointage (+1)
    passé ce délai
      Changer pointage (+2)
  fin
"""


@pytest.mark.parametrize(
    "limit", ["3 jours maximum", "au maximum 3 j", "jusqu’à 3 jours", "maximum trois jours"]
)
def test_how_long_a_wait_may_last_has_several_writings(limit: str) -> None:
    (read,) = campaign(WAIT.replace("au plus 3 jours", limit)).body
    assert isinstance(read, WaitBlock)
    assert read.limit is not None
    written = format_source(script(WAIT.replace("au plus 3 jours", limit)), CATALOGUE)
    assert "  attendre au plus " in written


@pytest.mark.parametrize("timeout", ["passé le délai", "après ce délai"])
def test_the_end_of_a_delay_has_several_writings(timeout: str) -> None:
    assert campaign(WAIT.replace("passé ce délai", timeout)) == campaign(WAIT)


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("attendre au plus 3 jours", "attendre 3 jours"),
        ("attendre au plus 3 jours", "Attendre pendant 3 jours"),
        ("attendre au plus 3 jours", "Attendre pendant (3 jours)"),
        ("attendre au plus 3 jours", "attendre jusqu’à (3 jours)"),
        ("dès que", "quand"),
        ("passé ce délai", "sinon"),
    ],
)
def test_a_word_for_another_in_a_wait_is_one_error(right: str, slip: str) -> None:
    assert corrected(WAIT.replace(right, slip)).casefold() == WAIT.casefold()


def test_a_wait_within_a_branch_is_no_block() -> None:
    body = WAIT.replace("Changer pointage (+1)", "Attendre pendant 3 jours")
    (read,) = campaign(body).body
    assert isinstance(read, WaitBlock)
    assert len(read.branches[0].body) == 1


def test_the_comma_before_the_limit_of_a_wait_may_be_left_out() -> None:
    (read,) = campaign("  attendre que Formulaire (A) rempli au plus 3 jours\n").body
    assert isinstance(read, WaitThat)
    assert read.limit is not None
    written = format_source(script("  attendre que Formulaire rempli au plus 3 jours\n"), CATALOGUE)
    assert "  attendre que Formulaire rempli, au plus 3 jours\n" in written


def test_a_limit_with_no_unit_of_time_is_told_as_such() -> None:
    one = diagnostic_of("  attendre que Formulaire (A) rempli, au plus 3\n")
    assert one.code == "R110"
    assert "au plus 3 jours" in one.message


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("Envoyer courriel 'Tarifs'", "Envoyer courriel (Tarifs)"),
        ("Envoyer courriel ‘Tarifs’", "Envoyer courriel (Tarifs)"),
        ("Envoyer courriel „Tarifs“", "Envoyer courriel (Tarifs)"),
        ("Envoyer courriel <<Tarifs>>", "Envoyer courriel (Tarifs)"),
        ("attendre que Page web /tarifs visitée", "attendre que Page web (/tarifs) visitée"),
        (
            "attendre que (Formulaire (A) rempli ou Formulaire rempli) et Courriel (B) lu",
            "attendre que [Formulaire (A) rempli ou Formulaire rempli] et Courriel (B) lu",
        ),
        (
            "attendre que non (Formulaire rempli)",
            "attendre que non [Formulaire rempli]",
        ),
        (
            "attendre que Formulaire rempli and Courriel (B) lu",
            "attendre que Formulaire rempli et Courriel (B) lu",
        ),
        (
            "attendre que Formulaire rempli mais non Courriel (B) lu",
            "attendre que Formulaire rempli et non Courriel (B) lu",
        ),
        ("quitter", "sortir"),
        ("atendre 3 jours", "Attendre pendant 3 jours"),
    ],
)
def test_a_slip_comes_with_what_to_write(slip: str, right: str) -> None:
    assert corrected(f"  {slip}\n") == f"  {right}\n"
    assert len(diagnostic_of(f"  {slip}\n").fixes) == 1


@pytest.mark.parametrize("verb", ["aller vers", "retourner à", "revenir à", "sauter à"])
def test_a_jump_by_another_verb_is_told(verb: str) -> None:
    body = "  étape « A »\n  Attendre pendant 1 jour\n  aller à l’étape « A », 2 fois au plus\n"
    assert corrected(body.replace("aller à", verb)) == body


def test_a_parenthesis_that_closes_nothing_says_which_is_missing() -> None:
    one = diagnostic_of("  attendre que Formulaire A) rempli\n")
    assert "il manque «\u00a0(\u00a0»" in one.message


def test_two_things_on_a_line_are_told_even_when_the_second_is_misspelt() -> None:
    one = diagnostic_of("  Changer pointage (+1) Envoyer couriel (Tarifs)\n")
    assert "une seule chose par ligne" in one.message
    assert one.fixes == ()


def test_two_ends_put_in_the_wrong_order_are_one_error() -> None:
    body = (
        "  si Formulaire (A) rempli\n    attendre au plus 3 jours\n"
        "      dès que Formulaire rempli\n        Changer pointage (+1)\n"
        "    fin si\n  fin attendre\n"
    )
    one = diagnostic_of(body)
    assert one.code == "R108"
    assert [fix.text for fix in one.fixes] == ["fin attendre"]


def test_years_are_a_duration_with_or_without_parentheses() -> None:
    assert len(campaign("  Attendre pendant 3 ans\n  Attendre pendant (1 an)\n").body) == 2


@pytest.mark.parametrize("opening", ["si", "quand", "attendre que", "dès que"])
@pytest.mark.parametrize("link", ["et", "ou"])
def test_a_condition_goes_on_after_a_final_link(opening: str, link: str) -> None:
    whole = f"{opening} Formulaire (A) rempli {link} non Courriel (B) lu"
    cut = f"{opening} Formulaire (A) rempli {link}\n      non Courriel (B) lu"
    shapes = {
        "si": "  {}\n    Changer pointage (+1)\n  fin\n",
        "attendre que": "  {}\n",
        "dès que": "  attendre\n    {}\n      Changer pointage (+1)\n  fin\n",
    }
    if opening == "quand":
        text = HEAD.replace("quand Formulaire rempli", "{}") + "fin\n"
    else:
        text = script(shapes[opening])
    broken = parse(text.format(cut), CATALOGUE)
    assert broken.diagnostics == ()
    assert broken.script == parse(text.format(whole), CATALOGUE).script
    assert format_source(format_source(text.format(cut), CATALOGUE), CATALOGUE) == format_source(
        text.format(cut), CATALOGUE
    )


def test_a_loop_of_other_languages_is_told_as_a_bounded_one_whose_bound_is_not_invented() -> None:
    one = diagnostic_of("  tant que Formulaire rempli\n    Attendre pendant 1 jour\n  fin\n")
    assert "répéter … fois au plus" in one.message
    assert one.fixes == ()


def test_a_wait_that_lasts_at_least_so_long_is_not_told_as_one_that_lasts_at_most() -> None:
    one = diagnostic_of("  attendre plus de 3 jours\n")
    assert one.code == "R201"
    assert one.fixes == ()


@pytest.mark.parametrize(
    "line", ["Formulaire (X) rempli", "si Formulaire (X) rempli", "dès que Formulaire (X) rempli"]
)
@pytest.mark.parametrize("section", ["entrée", "sortie réussie"])
def test_a_condition_without_its_quand_is_one_error(section: str, line: str) -> None:
    source = (
        f"campagne « A »\n  {section}\n    {line}\n    quand Formulaire (Y) rempli\n"
        "  sortie échouée\n    après 3 jours\n  Changer pointage (+1)\nfin\n"
    )
    (one,) = parse(source, CATALOGUE).diagnostics
    (fix,) = one.fixes
    fixed = source[: fix.span.start] + fix.text + source[fix.span.end :]
    assert "\n    quand Formulaire (X) rempli\n" in fixed
    assert parse(fixed, CATALOGUE).diagnostics == ()


def test_an_exit_that_does_not_say_which_is_one_error() -> None:
    source = HEAD.rstrip() + "\n  sortie\n    quand Formulaire (Y) rempli\nfin\n"
    (one,) = parse(source, CATALOGUE).diagnostics
    assert [fix.text for fix in one.fixes] == ["sortie réussie", "sortie échouée"]


def test_a_delay_with_no_unit_is_told_as_such() -> None:
    source = HEAD.rstrip() + "\n  sortie échouée\n    après 30\nfin\n"
    (one,) = parse(source, CATALOGUE).diagnostics
    assert "unité" in one.message


def test_a_dash_before_something_to_do_is_one_error() -> None:
    assert corrected("  - Changer pointage (+1)\n") == "  Changer pointage (+1)\n"
    assert corrected("  • étape « B »\n") == "  étape « B »\n"
    assert corrected("  – si Formulaire (A) rempli\n    Changer pointage (+1)\n  fin\n") == (
        "  si Formulaire (A) rempli\n    Changer pointage (+1)\n  fin\n"
    )


def test_a_dash_before_quand_is_one_error() -> None:
    source = HEAD.replace("quand", "- quand") + "fin\n"
    (one,) = parse(source, CATALOGUE).diagnostics
    (fix,) = one.fixes
    assert source[: fix.span.start] + fix.text + source[fix.span.end :] == HEAD + "fin\n"


@pytest.mark.parametrize(
    "line",
    [
        "si Formulaire (A) rempli : Changer pointage (+1)",
        "si Formulaire (A) rempli alors Changer pointage (+1) sinon Changer pointage (+2)",
        "si Formulaire (A) rempli, Changer pointage (+1)",
    ],
)
def test_a_si_on_one_line_is_one_error(line: str) -> None:
    one = diagnostic_of(f"  {line}\n  Changer pointage (+3)\n")
    assert "plusieurs lignes" in one.message
    assert diagnostic_of(f"  {line}\n").code == "R111"


@pytest.mark.parametrize(
    ("section", "line"),
    [("sortie réussie", "quand Formulaire (B) rempli"), ("sortie échouée", "après 30 jours")],
)
def test_a_section_and_its_line_on_one_line_is_one_error(section: str, line: str) -> None:
    source = HEAD.rstrip() + f"\n  {section} : {line}\nfin\n"
    (one,) = parse(source, CATALOGUE).diagnostics
    assert "à la ligne suivante" in one.message


def test_the_wait_of_other_languages_opens_no_block() -> None:
    assert corrected("  wait 3 jours\n") == "  Attendre pendant 3 jours\n"
