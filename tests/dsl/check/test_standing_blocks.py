"""Points, conversions and tracked links: what their blocks become, and what is told of them."""

import pytest
from checker_words import checked, said

from dsl.project import Checked
from dsl.rules import TrackedLink
from relance.events import EventPattern
from relance.facts import leaves
from relance.said import Said
from relance.values import Change


def codes(found: Checked) -> list[str]:
    return [one.code for several in found.diagnostics.values() for one in several]


def points(body: str, block: str = "pointage") -> Checked:
    return checked(f"{block}\n{body}\nfin\n")


def test_a_line_of_points_is_a_change_and_what_it_listens_for() -> None:
    found = points(" + 5 quand Formulaire (Tarif) rempli\n-20 lorsque Formulaire (Non) rempli")
    assert codes(found) == []
    first, second = found.points
    assert (first.topic, first.change) == (None, Change(5))
    assert first.trigger.on == EventPattern("form_submitted", "Tarif")
    assert second.change == Change(-20)
    assert first.trigger.place.said == Said("when", (), (said("Formulaire (Tarif) rempli"),))


@pytest.mark.parametrize(
    ("written", "change"),
    [
        ("+5", Change(5)),
        ("-5", Change(-5)),
        ("−5", Change(-5)),
        ("- 5", Change(-5)),
        ("=0", Change(0, absolute=True)),
        ("= 50", Change(50, absolute=True)),
        ("=-5", Change(-5, absolute=True)),
    ],
)
def test_a_change_may_be_written_many_ways(written: str, change: Change) -> None:
    (rule,) = points(f"{written} quand Formulaire (Tarif) rempli").points
    assert rule.change == change


@pytest.mark.parametrize("written", ["5", "+cinq", "+5,5", "+", "=", "++5", "+10000000000", "+5 %"])
def test_what_is_no_change_is_told_once(written: str) -> None:
    found = points(f"{written} quand Formulaire (Tarif) rempli")
    assert len(codes(found)) == 1
    assert found.points == ()


def test_a_line_without_its_points_is_told_once() -> None:
    assert codes(points("quand Formulaire (Tarif) rempli")) == ["R110"]


@pytest.mark.parametrize(
    "line", ["+5", "+5 Formulaire (Tarif) rempli", "+5 quandd Formulaire (A) rempli", "+5 quand"]
)
def test_a_line_cut_short_is_told_once(line: str) -> None:
    assert len(codes(points(line))) == 1


def test_or_makes_several_triggers_of_one_rule() -> None:
    found = points("+5 quand Formulaire (A) rempli ou Formulaire (B) rempli")
    first, second = found.points
    assert first.key == second.key
    assert [one.trigger.on.subject for one in found.points if one.trigger.on] == ["A", "B"]


def test_what_follows_and_is_asked_then() -> None:
    (rule,) = points("+5 quand Formulaire (A) rempli et Lead membre de la liste (Prospects)").points
    assert rule.trigger.condition is not None
    asked = said("Lead membre de la liste (Prospects)")
    assert [leaf.said for leaf in leaves(rule.trigger.condition)] == [asked]


def test_points_may_fade_by_the_calendar() -> None:
    (rule,) = points("-5 quand chaque lundi à 9 h et Lead membre de la liste (Prospects)").points
    assert rule.trigger.schedule == "0 9 * * 1"


def test_a_state_alone_is_watched_for_its_turn() -> None:
    found = points("+5 quand Lead membre de la liste (Prospects)")
    assert codes(found) == []
    (rule,) = found.points
    assert (rule.trigger.on, rule.trigger.schedule) == (None, None)
    assert rule.trigger.condition is not None


def test_a_rule_keeps_its_key_when_others_come_and_go() -> None:
    before = points("+5 quand Formulaire (A) rempli").points
    after = points("+1 quand Formulaire (B) rempli\n+5 quand Formulaire (A) rempli").points
    assert before[0].key in {rule.key for rule in after}


def test_two_rules_alike_both_count() -> None:
    line = "+5 quand Formulaire (A) rempli\n"
    assert len({rule.key for rule in points(line * 3).points}) == 3


def test_interests_have_their_topic_and_may_stand_in_several_blocks() -> None:
    block = "intérêt « Vélo »\n  +5 quand Formulaire (A) rempli\nfin\n"
    found = checked(block + block.replace("Vélo", "Ski"))
    assert [rule.topic for rule in found.points] == ["Vélo", "Ski"]


def test_a_conversion_has_its_name_and_its_triggers() -> None:
    found = checked("conversion « Démo » : Formulaire (A) rempli ou Formulaire (B) rempli\n")
    assert [one.name for one in found.conversions] == ["Démo", "Démo"]
    assert codes(found) == []


def test_a_conversion_nobody_declared_is_refused_with_what_is_near() -> None:
    found = checked(
        "conversion « Démo » : Formulaire (A) rempli\n"
        "pointage\n  +5 quand Conversion (Demmo) réalisée\nfin\n"
    )
    assert codes(found) == ["R301"]


def test_conversions_in_a_row_are_no_circle() -> None:
    found = checked(
        "conversion « A » : Formulaire (A) rempli\n"
        "conversion « B » : Conversion (A) réalisée\n"
        "conversion « C » : Conversion (B) réalisée et Conversion (C) réalisée\n"
    )
    assert "R426" in codes(found)
    found = checked(
        "conversion « A » : Formulaire (A) rempli\nconversion « B » : Conversion (A) réalisée\n"
    )
    assert codes(found) == []


def test_a_tracked_link_has_its_address_and_its_parameters_in_their_order() -> None:
    found = checked(
        "lien suivi « Mai » : https://a.ca/?b=c#d  # une note\n"
        "  contenu : Haut de page\n  source : Infolettre  # autre note\n  utm_medium : courriel\nfin\n"
    )
    assert codes(found) == ["R327"]
    (diagnostic,) = found.diagnostics["a"]
    assert [fix.text for fix in diagnostic.fixes] == ["support"]
    found = checked(
        "lien suivi « Mai » : https://a.ca/?b=c#d  # une note\n"
        "  contenu : « Haut de page »\n  source : Infolettre  # autre note\nfin lien suivi\n"
    )
    assert codes(found) == []
    utm = {"utm_source": "infolettre", "utm_content": "haut de page"}
    assert found.links == (TrackedLink("Mai", "https://a.ca/?b=c#d", utm),)
    assert list(found.links[0].utm) == ["utm_source", "utm_content"]


@pytest.mark.parametrize(
    "script",
    [
        "lien suivi « Mai » : https://a.ca\n  source : x\n  source : y\nfin\n",
        "lien suivi « Mai » : https://a.ca\n  source : x\nfin\n" * 2,
        "conversion « A » : Formulaire (A) rempli\n" * 2,
    ],
)
def test_a_thing_said_twice_is_told(script: str) -> None:
    assert set(codes(checked(script))) == {"R318"}


@pytest.mark.parametrize(
    "script",
    [
        "lien suivi « Mai »\nfin\n",
        "lien suivi « Mai » :\n  source : x\nfin\n",
        "lien suivi Mai : https://a.ca\n  source : x\nfin\n",
        "lien suivi : https://a.ca\n  source : x\nfin\n",
        "lien suivi « Mai » https://a.ca\n  source : x\nfin\n",
        "lien suivi « Mai » : https://a.ca\n  source\nfin\n",
        "lien suivi « Mai » : https://a.ca\n  : x\nfin\n",
        "lien suivi « Mai » : https://a.ca\n  source :\nfin\n",
        "lien suivi « Mai » : https://a.ca\n  source : x\n",
        "lien suvi « Mai » : https://a.ca\n  source : x\nfin\n",
        "lien suivi « » : https://a.ca\n  source : x\nfin\n",
        f"lien suivi « Mai » : https://a.ca\n  source : {'x' * 300}\nfin\n",
        "conversion Démo : Formulaire (A) rempli\n",
        "conversion « Démo »\n",
        "conversion « Démo » Formulaire (A) rempli\n",
        "conversion « Démo » :\n",
        "conversion « Démo » : Envoyer courriel (Tarifs)\n",
        "intérêt\n  +5 quand Formulaire (A) rempli\nfin\n",
        "intérêt Vélo\n  +5 quand Formulaire (A) rempli\nfin\n",
        "intéret « Vélo »\n  +5 quand Formulaire (A) rempl\nfin\n",
        "intérret « Vélo »\n  +5 quand Formulaire (A) rempli\nfin\n",
        "pointtage\n  +5 quand Formulaire (A) rempli\nfin\n",
        "pointage\n  +5 quand Formulaire (A) rempli\n",
        "pointage\n  +5 quand Formulaire (A) rempli\nfin intérêt\n",
        "pointage\n  Changer pointage (+5)\n  +5 quand Formulaire (A) rempli\nfin\n",
        "pointage « Vélo »\n  +5 quand Formulaire (A) rempli\nfin\n",
    ],
)
def test_one_slip_in_a_block_is_one_error(script: str) -> None:
    found = codes(checked(script))
    assert len(found) == 1, found


def test_what_stands_in_a_broken_file_is_not_run() -> None:
    found = checked(
        "pointage\n  +5 quand Formulaire (A) rempli\n  +x quand Formulaire (B) rempli\nfin\n"
    )
    assert found.points == ()


def test_the_rest_of_the_file_is_read_after_each_block() -> None:
    found = checked(
        "pointage\n  +5 quand Formulaire (A) rempli\nfin\n"
        "champs\n  pointage : nombre\n  intérêt : texte\n  conversion : texte\nfin\n"
        "intérêt « Vélo »\n  +5 quand toutes ces conditions\n    - Formulaire (A) rempli\n"
        "    - Lead membre de la liste (Prospects)\nfin\n"
        "conversion « Démo » : Formulaire (A) rempli\n"
        "lien suivi « Mai » : https://a.ca\n  campagne : mai\nfin\n"
        "liste « X » : Lead membre de la liste (Prospects)\n"
    )
    assert codes(found) == []
    assert len(found.points) == 2
    assert {field.name for field in found.fields} >= {"pointage", "intérêt", "conversion"}
