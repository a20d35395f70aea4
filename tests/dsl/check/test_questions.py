"""What the checker questions, and what it lets pass: each rule with its near miss."""

import pytest
from checker_words import campaign, codes


def found(body: str, header: str = "", entry: str = "quand Formulaire (Tarif) rempli") -> list[str]:
    return codes(campaign(body, header, entry))


def asked(condition: str) -> list[str]:
    return found(f"si {condition}\nChanger pointage (+1)\nfin")


@pytest.mark.parametrize(
    "condition",
    [
        "Pointage lead au-dessus de (5) et Pointage lead en-dessous de (6)",
        "Pointage lead entre (5) et (10) et Pointage lead au-dessus de (10)",
        "Pointage lead entre (10) et (5)",
        "Champ lead (ville) est vide et non Champ lead (ville) est vide",
        "Champ lead (ville) est égal à (Paris) et Champ lead (ville) est égal à (Lyon)",
    ],
)
def test_what_nobody_can_meet_is_told(condition: str) -> None:
    assert asked(condition) == ["R409"]


@pytest.mark.parametrize(
    "condition",
    [
        "Pointage lead au-dessus de (5) et Pointage lead en-dessous de (7)",
        "Pointage lead entre (5) et (10) et Pointage lead au-dessus de (9)",
        "Pointage lead entre (5) et (5)",
        "Pointage lead au-dessus de (50) ou Pointage lead en-dessous de (20)",
        "Champ lead (ville) est égal à (Paris) et Champ lead (ville) est égal à (paris)",
        "Split 50 % et non Split 50 %",
    ],
)
def test_a_condition_someone_can_meet_raises_no_doubt(condition: str) -> None:
    assert asked(condition) == []


def test_after_a_way_out_only_a_step_can_be_reached_again() -> None:
    assert found("sortir (réussite)\nChanger pointage (+1)\nChanger pointage (+2)") == ["R401"]
    body = """
      Attendre pendant 1 jour
      si Pointage lead au-dessus de (5)
        aller à l’étape « Fin heureuse », 1 fois au plus
      fin
      sortir (échec)
      étape « Fin heureuse »
      Changer pointage (+1)
    """
    assert found(body) == []


def test_a_block_whose_branches_all_leave_cuts_the_way() -> None:
    block = "si Pointage lead au-dessus de (5)\nsortir (réussite)\nsinon\nsortir (échec)\nfin"
    assert found(f"{block}\nChanger pointage (+1)") == ["R401"]
    assert found(block) == []


def test_a_cycle_needs_a_wait_on_every_way_round() -> None:
    body = """
      étape « Début »
      si Pointage lead au-dessus de (5)
        Attendre pendant 1 jour
      fin
      aller à l’étape « Début », 3 fois au plus
    """
    assert found(body) == ["R402"]
    assert found(body.replace("fin", "sinon\nAttendre pendant 1 heure\nfin")) == []
    assert found("répéter 2 fois au plus\nChanger pointage (+1)\nfin") == ["R402"]


def test_a_cycle_without_bound_needs_a_wait_of_some_length() -> None:
    body = "étape « Début »\n{}\nEnvoyer courriel (Tarifs)\naller à l’étape « Début »"
    assert found(body.format("Attendre pendant 1 jour")) == []
    assert found(body.format("Attendre jusqu’au (2026-12-24)")) == ["R424"]
    assert found(body.format("attendre que Formulaire (Tarif) rempli")) == []
    assert found(body.format("Attendre jusqu’au (2026-12-24)") + ", 3 fois au plus") == []


def test_a_jump_may_leave_a_block_but_not_enter_one() -> None:
    out = """
      étape « Début »
      Attendre pendant 1 jour
      si Pointage lead au-dessus de (5)
        aller à l’étape « Début », 2 fois au plus
      fin
      Changer pointage (+1)
    """
    assert found(out) == []
    across = """
      si Pointage lead au-dessus de (5)
        étape « Dedans »
        Attendre pendant 1 jour
      sinon
        aller à l’étape « Dedans », 1 fois au plus
      fin
    """
    assert found(across) == ["R404"]


def test_a_wait_that_something_can_end_needs_no_limit() -> None:
    assert found("attendre que Formulaire (Tarif) rempli") == []
    assert found("attendre que Anniversaire de (date de naissance) aujourd’hui") == []
    assert found("attendre que Split 50 %") == ["R405"]


def test_a_wait_fits_in_its_campaign() -> None:
    period = "période : du 2026-12-01 au 2026-12-03"
    assert found("Attendre pendant 3 jours\nChanger pointage (+1)", period) == []
    assert found("Attendre pendant 4 jours\nChanger pointage (+1)", period) == ["R406"]
    assert found("Attendre jusqu’au (2026-12-24)\nChanger pointage (+1)", period) == ["R406"]


def test_a_message_of_another_campaign_counts_as_sent() -> None:
    asks = campaign("si Courriel (Rappel) envoyé\nChanger pointage (+1)\nfin")
    sends = campaign("Envoyer courriel (Rappel)").replace("Essai", "Autre")
    assert codes(asks) == ["R408"]
    assert codes(asks, b=sends) == []


def test_own_messages_are_only_a_question_when_one_may_come_back() -> None:
    body = "Envoyer courriel (Tarifs)\nsi Courriel (Tarifs) envoyé{}\nChanger pointage (+1)\nfin"
    back = "réentrée : après sortie"
    assert found(body.format("")) == []
    assert found(body.format(""), back) == ["R501"]
    assert found(body.format(" depuis l’entrée"), back) == []


def test_opens_are_weak_alone_only() -> None:
    body = "Envoyer courriel (Tarifs)\nsi {}\nChanger pointage (+1)\nfin"
    assert found(body.format("Courriel (Tarifs) lu")) == ["R502"]
    assert found(body.format("non Courriel (Tarifs) lu")) == ["R502"]
    assert found(body.format("Courriel (Tarifs) lu et Pointage lead au-dessus de (5)")) == []


def test_an_empty_date_is_asked_about_once() -> None:
    wait = "Attendre jusqu’au (date de naissance)\nChanger pointage (+1)"
    assert found(wait) == ["R503"]
    guard = "si Champ lead (date de naissance) est vide\nsortir (échec)\nfin"
    assert found(f"{guard}\n{wait}") == []


def test_a_campaign_others_send_leads_into_needs_no_entry() -> None:
    alone = "campagne « Suite »\n  Changer pointage (+1)\nfin\n"
    assert codes(alone) == ["R416"]
    assert codes(alone, b=campaign("Envoyer lead dans la campagne (Suite)")) == []


def test_lists_in_a_circle_are_told_once() -> None:
    source = (
        "liste « A » : Lead membre de la liste (B)\nliste « B » : Lead membre de la liste (A)\n"
    )
    assert codes(source + campaign("Changer pointage (+1)")) == ["R319"]
    assert codes("liste « A » : non Lead membre de la liste (A)\n") == ["R319"]


def test_a_zone_is_suggested_by_its_city() -> None:
    assert found("Changer pointage (+1)", "fuseau : Europe/Pari") == ["R411"]
    assert found("Changer pointage (+1)", "fuseau : ../../etc/passwd") == ["R411"]
    assert found("Changer pointage (+1)", "fuseau : Europe/Paris") == []


@pytest.mark.parametrize(
    "body",
    [
        "Attendre pendant 99999999 jours",
        "Attendre jusqu’au (0001-01-01)",
        "Changer pointage (+99999999999999)",
        "si Pointage lead au-dessus de (9999999999999999999)\nChanger pointage (+1)\nfin",
        "attendre au plus 999999 mois\ndès que Formulaire (Tarif) rempli\nfin",
    ],
)
def test_what_no_calendar_or_database_holds_is_refused(body: str) -> None:
    assert set(found(body)) == {"R308"}


@pytest.mark.parametrize(
    "body",
    [
        "répéter 99999999999999999999 fois au plus\nAttendre pendant 1 jour\nfin",
        "si Formulaire (Tarif) rempli dans les (99999999999) derniers jours\n"
        "Changer pointage (+1)\nfin",
    ],
)
def test_a_count_beyond_reason_is_refused(body: str) -> None:
    assert set(found(body)) <= {"R308", "R317"}
    assert found(body)


def test_conditions_nested_without_end_are_answered() -> None:
    deep = "[" * 400 + "Pointage lead au-dessus de (5)" + "]" * 400
    assert found(f"si {deep}\nChanger pointage (+1)\nfin")
    assert found(
        "si " + "non " * 2000 + "Pointage lead au-dessus de (5)\nChanger pointage (+1)\nfin"
    )


def test_long_scripts_are_answered_soon() -> None:
    step = "étape « E{0} »\nAttendre pendant 1 jour\naller à l’étape « E{0} », 2 fois au plus"
    assert found("\n".join(step.format(number) for number in range(500))) == []
