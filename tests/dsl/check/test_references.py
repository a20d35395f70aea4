"""Names: exact, then folded, then the nearest; in one file or in several."""

import pytest
from checker_words import CATALOGUE, campaign, checked, codes

from dsl.diagnostics import Diagnostic
from dsl.program import Act
from dsl.project import Checked, check
from relance.effects import Send, SetField


def one(found: Checked, file: str = "a") -> Diagnostic:
    (only,) = found.diagnostics[file]
    return only


def effect(body: str) -> object:
    act = checked(campaign(body)).programs[0].program.statements[0]
    assert isinstance(act, Act)
    return act.effects[0]


def applied(source: str, diagnostic: Diagnostic) -> str:
    fix = diagnostic.fixes[0]
    return source[: fix.span.start] + fix.text + source[fix.span.end :]


@pytest.mark.parametrize("written", ["Témoignages", "témoignages", "TEMOIGNAGES"])
def test_a_name_is_kept_as_declared_however_it_is_written(written: str) -> None:
    assert effect(f"Envoyer courriel ({written})") == Send("email", "Témoignages")


def test_an_exact_name_wins_over_its_folded_twins() -> None:
    assert effect("Envoyer courriel (Offre d’Été)") == Send("email", "Offre d’Été")


def test_twins_that_are_not_exact_are_listed() -> None:
    found = one(checked(campaign("Envoyer courriel (offre d’ete)")))
    assert found.code == "R302"
    assert [fix.text for fix in found.fixes] == ["Offre d’été", "Offre d’Été"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Envoyer courriel (Tarifz)", "R301"),
        ("Changer attribut du lead (vile) à (Paris)", "R303"),
        ("Envoyer lead dans la campagne (Essaie)", "R305"),
        (
            "étape « Début »\nAttendre pendant 1 jour\naller à l’étape « Débu », 2 fois au plus",
            "R304",
        ),
    ],
)
def test_the_first_fix_of_an_unknown_name_makes_the_script_right(body: str, code: str) -> None:
    source = campaign(body)
    found = one(checked(source))
    assert found.code == code
    assert codes(applied(source, found)) == []


def test_a_campaign_and_a_field_may_be_declared_in_another_file() -> None:
    body = "Envoyer lead dans la campagne (Suite)\nChanger attribut du lead (pointure) à (42)"
    assert "R305" in codes(campaign(body))
    suite = campaign("Changer pointage (+1)").replace("Essai", "Suite")
    assert codes(campaign(body), b=suite, c="champs\n  pointure : nombre\nfin\n") == []


def test_two_files_may_not_declare_the_same_campaign() -> None:
    found = checked(campaign("Changer pointage (+1)"), b=campaign("Changer pointage (+2)"))
    assert found.diagnostics["a"] == ()
    assert one(found, "b").code == "R410"
    assert "dans a, ligne 1" in one(found, "b").message
    assert [program.file for program in found.programs] == ["a"]


def test_an_error_in_one_file_leaves_the_others_published() -> None:
    found = checked(
        campaign("Envoyer courriel (Inconnu)"),
        b=campaign("Changer pointage (+2)").replace("Essai", "Autre"),
    )
    assert [program.file for program in found.programs] == ["b"]
    assert not found.ok


def test_an_open_name_near_a_known_one_is_questioned_in_every_file() -> None:
    known = campaign("si Formulaire (Demande de tarif) rempli\nChanger pointage (+1)\nfin")
    typo = campaign("Changer pointage (+1)", entry="quand Formulaire (Demande de tarrif) rempli")
    twice = known.replace("Essai", "Autre")
    assert codes(typo, b=known.replace("Essai", "B"), c=twice) == ["R306"]


@pytest.mark.parametrize("other", ["Demande 2", "Offre B", "Infolettre", "Demande 1+", "DEMANDE 1"])
def test_names_apart_on_purpose_are_not_questioned(other: str) -> None:
    body = "si Formulaire (Demande 1) rempli ou Formulaire (Offre A) rempli\nChanger pointage (+1)\nfin"
    again = body.replace("(+1)", "(+2)")
    last = f"si Formulaire ({other}) rempli\nChanger pointage (+1)\nfin"
    assert codes(campaign(f"{body}\n{again}\n{last}")) == []


def test_a_value_takes_the_type_of_its_field() -> None:
    source = "champs\n  taille : choix (Petit, Grand)\n  abonné : oui/non\nfin\n"
    found = checked(
        source
        + campaign(
            "Changer attribut du lead (taille) à (grand)\n"
            "Changer attribut du lead (abonné) à (Oui)\n"
            "Changer attribut du lead (date de naissance) à (24 décembre 2000)"
        )
    )
    effects = [
        one.effects[0] for one in found.programs[0].program.statements if isinstance(one, Act)
    ]
    values = [one.value for one in effects if isinstance(one, SetField)]
    assert [str(one) for one in values] == ["Grand", "True", "2000-12-24"]


@pytest.mark.parametrize(
    "condition",
    [
        "Champ (ville) est supérieur à (3)",
        "Champ (date de naissance) est supérieur à (3)",
        "Champ lead (date de naissance) contient (2000)",
        "Anniversaire de (ville) aujourd’hui",
    ],
)
def test_a_phrase_refuses_a_field_of_another_type(condition: str) -> None:
    found = codes(campaign(f"si {condition}\nChanger pointage (+1)\nfin"))
    assert found in (["R310"], ["R313"])


def test_nothing_is_offered_when_the_project_has_nothing() -> None:
    found = check({"a": campaign("Envoyer courriel (Tarifs)")}, CATALOGUE, {})
    assert [one.code for one in found.diagnostics["a"]] == ["R301"]


def test_one_mistake_gives_one_message() -> None:
    assert codes(campaign("Envoyer couriel (Tarifs)\nChanger pointage (+1)")) == ["R201"]
    assert codes(campaign("si Formulair (Tarif) rempli\nfin\nChanger pointage (+1)")) == ["R201"]


def test_what_rests_on_a_broken_list_is_not_published() -> None:
    uses = campaign("si Lead membre de la liste (Amis)\nChanger pointage (+1)\nfin")
    wrong = checked(uses, b="liste « Amis » : Champ lead (vile) est vide\n")
    assert [one.code for one in wrong.diagnostics["b"]] == ["R303"]
    assert wrong.diagnostics["a"] == ()
    assert (wrong.programs, wrong.lists) == ((), ())
    circle = "liste « Amis » : Lead membre de la liste (Proches)\n"
    back = "liste « Proches » : Lead membre de la liste (Amis)\n"
    round_ = checked(uses, b=circle, c=back)
    assert (round_.programs, round_.lists) == ((), ())


def test_a_star_is_any_message_of_an_event_but_none_to_send() -> None:
    asked = "si Courriel (*) envoyé\nChanger pointage (+1)\nfin"
    assert codes(campaign(asked)) == []
    assert codes(campaign("Envoyer courriel (*)")) == ["R301"]


@pytest.mark.parametrize("other", ["Cote d’été", "Côté d'ete"])
def test_one_name_written_two_ways_is_told(other: str) -> None:
    assert codes(campaign(_asking("Côté d’été", "Côté d’été", other))) == ["R329"]


@pytest.mark.parametrize("other", ["CÔTÉ D’ÉTÉ", "Côté\u00a0d'été", "Co\u0302té d’été"])
def test_one_name_in_other_capitals_or_typography_raises_no_doubt(other: str) -> None:
    assert codes(campaign(_asking("Côté d’été", "Côté d’été", other))) == []


def _asking(*forms: str) -> str:
    return "\n".join(
        f"si Formulaire ({form}) rempli\nChanger pointage (+{points})\nfin"
        for points, form in enumerate(forms, 1)
    )


def test_a_list_declared_above_is_known_whatever_resembles_it() -> None:
    """R306 once said of it that it was known nowhere."""
    above = "liste « Clients inactifs » : Champ lead (ville) est vide\n"
    used = "si Lead membre de la liste (Clients inactifs)\nChanger pointage (+1)\nfin"
    other = "si Lead membre de la liste (Clients inactfs)\nChanger pointage (+2)\nfin"
    again = other.replace("+2", "+3")
    assert "R306" not in codes(above + campaign(used))
    found = checked(above + campaign(f"{used}\n{other}\n{again}")).diagnostics["a"]
    assert [one.fixes[0].text for one in found if one.code == "R306"] == ["Clients inactifs"] * 2


FIELDS = "champs\n  pointures : date\n  couleur : choix (bleu, rouge)\n  sports : choix multiple (vélo, ski)\nfin\n"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        # The field resembles what was written, but this phrase wants a number.
        ("si Champ (num) (pointure) est (supérieur à) (40)", []),
        ("si Champ (pointure) est (7 jours) (avant) aujourd’hui", ["pointures"]),
        ("si Champ lead (couleurs) est égal à (vert)", []),
        ("si Champ lead (couleurs) est égal à (bleu)", ["couleur"]),
        ("si Champ lead (couleur) est égal à (rougee)", ["rouge"]),
        ("si Champ lead (sports) contient (vélo, skii)", ["vélo, ski"]),
        ("si Champ lead (sports) contient (golf, skii)", []),
    ],
)
def test_a_name_is_offered_only_where_the_rest_of_its_phrase_takes_it(
    line: str, offered: list[str]
) -> None:
    found = checked(FIELDS + campaign(f"{line}\nChanger pointage (+1)\nfin")).diagnostics["a"]
    assert [fix.text for one in found for fix in one.fixes] == offered
    for one in found:
        assert "Vouliez-vous" not in one.message or one.fixes


def test_a_name_far_less_like_it_is_not_offered_beside_the_likest() -> None:
    found = one(checked(campaign("Changer attribut du lead (rénom) à (Aline)")))
    assert [fix.text for fix in found.fixes] == ["prénom"]


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("réentrée : jamai", ["jamais"]),
        ("réentrée : après 3 sorties", []),
        ("réentrée : après 30 lunes", []),
        ("fuseau : America/Montrel", ["America/Montreal"]),
        ("fuseau : Etc/GMT+15", []),
    ],
)
def test_a_header_is_never_offered_another_value(written: str, offered: list[str]) -> None:
    source = campaign("Changer pointage (+1)").replace("entrée", f"{written}\n\nentrée", 1)
    found = checked(source).diagnostics["a"]
    assert [fix.text for one in found for fix in one.fixes][: len(offered) or None] == offered
