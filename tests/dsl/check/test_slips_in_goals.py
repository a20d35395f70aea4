"""What people write for a goal, or an objective in figures, and what is said of it."""

import pytest
from checker_words import checked

from dsl.diagnostics import Diagnostic

DECLARED = "objectif chiffré « Mille » : nombre de contacts au moins 1000"


def written(goal: str, top: str = DECLARED) -> str:
    body = "  entrée\n    quand Formulaire (Tarif) rempli\n  Envoyer courriel (Tarifs)\nfin\n"
    return f"{top}\ncampagne « A »\n  {goal}\n{body}"


def found(text: str) -> list[Diagnostic]:
    return list(checked(text).diagnostics["a"])


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        (
            "objectif « P » Formulaire (Tarif) rempli",
            "objectif « P »\u00a0: Formulaire (Tarif) rempli",
        ),
        (
            "objectif principal « P » Formulaire (Tarif) rempli, cible 5 %",
            "objectif principal « P »\u00a0: Formulaire (Tarif) rempli, cible 5 %",
        ),
        (
            "objectif principale « K » : Formulaire (Tarif) rempli",
            "objectif principal « K » : Formulaire (Tarif) rempli",
        ),
        ("objectif chifré : « Mille »", "objectif chiffré : « Mille »"),
    ],
)
def test_a_slip_in_a_goal_is_said_with_the_line_to_write(slip: str, meant: str) -> None:
    text = written(slip)
    (one,) = found(text)
    (fix,) = one.fixes
    amended = text[: fix.span.start] + fix.text + text[fix.span.end :]
    assert amended == written(meant)
    assert found(amended) == []


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        (DECLARED.replace(" :", ""), DECLARED.replace(" :", "\u00a0:")),
        (DECLARED.replace("chiffré", "chifré"), DECLARED),
        (
            "objectif chiffré « Mille » : augmenter la nombre des contacts de 10 %",
            "objectif chiffré « Mille » : augmenter nombre de contacts de 10 %",
        ),
    ],
)
def test_a_slip_in_an_objective_is_said_with_the_line_to_write(slip: str, meant: str) -> None:
    text = f"{slip}\n"
    (one,) = found(text)
    (fix,) = one.fixes
    amended = text[: fix.span.start] + fix.text + text[fix.span.end :]
    assert amended.casefold() == f"{meant}\n".casefold()
    assert found(amended) == []


@pytest.mark.parametrize(
    ("goal", "code", "words"),
    [
        ("objectif « I »", "R110", "après « objectif « I » », écrivez « : »"),
        ("objectif « P » : pas Formulaire (Tarif) rempli", "R116", "dites ce qui arrive"),
        ("objectif « P » : Formulaire (Tarif) rempli, cible 0 %", "R452", "plus de 0 %"),
        ("objectif chifré : « Cent »", "R113", "L’en-tête « objectif chifré » n’est pas connu"),
    ],
)
def test_where_no_line_can_be_proposed_it_is_said_what_is_wrong(
    goal: str, code: str, words: str
) -> None:
    (one,) = found(written(goal))
    assert one.code == code
    assert words in one.message.replace("\u00a0", " ")


def test_a_bound_below_zero_is_refused_since_it_would_always_hold() -> None:
    (one,) = found("objectif chiffré « X » : nombre de contacts au moins -5\n")
    assert one.code == "R456"


def test_a_list_without_its_colon_is_read_as_one() -> None:
    (one,) = found("liste « L » Formulaire (Tarif) rempli\n")
    assert (one.code, one.fixes[0].text) == ("R110", "\u00a0:")
