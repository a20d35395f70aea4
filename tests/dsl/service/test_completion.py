"""What may be written where somebody types."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.service.completion import Completion
from dsl.service.edits import TextEdit, applied
from tests.dsl.service.projects import french, library

FILE = "bienvenue.relance"
CAMPAIGN = "campagne « Essai »\n  entrée\n    quand Formulaire (Infolettre) rempli\n  "


def proposed(text: str) -> tuple[Completion, ...]:
    """What is proposed where « | » stands."""
    at = text.index("|")
    return library().edited(FILE, text.replace("|", "")).completions(FILE, at)


def labels(text: str) -> list[str]:
    return [one.label for one in proposed(text)]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("|", "campagne « Nom »"),
        ("camp|", "campagne « Nom »"),
        ("campagne « A »\n  fus|", "fuseau"),
        ("campagne « A »\n  fuseau : montreal|", "America/Montreal"),
        ("campagne « A »\n  famille : fideles|", "clients fidèles"),
        ("campagne « A »\n  réentrée : par|", "par (numéro)"),
        ("campagne « A »\n  réentrée : par (mon|", "montant"),
        ("campagne « A »\n  réentrée : par (|)", "montant"),
        ("campagne « A »\n  en cas de doublon : |", "recommencer"),
        ("campagne « A »\n  ordre : |", "Audience"),
        ("campagne « A »\n  témoin : |", "10 %"),
        (CAMPAIGN + "envoyer cour|", "Envoyer courriel (courriel)"),
        (CAMPAIGN + "ETIQU|", "Étiqueter (étiquette)"),
        (CAMPAIGN + "Envoyer courriel (bien|", "Bienvenue"),
        (CAMPAIGN + "Envoyer courriel (|)", "Bienvenue"),
        (CAMPAIGN + "Envoyer courriel « derniers\u00a0jours|", "Derniers jours des soldes"),
        (CAMPAIGN + "Ajouter à la liste (inf|", "Infolettre"),
        (CAMPAIGN + "si lead etiq|", "Lead étiqueté (étiquette)"),
        (CAMPAIGN + "si non po|", "Pointage lead au-dessus de (nombre)"),
        (CAMPAIGN + "si Formulaire (A) rempli |", "depuis l’entrée"),
        (CAMPAIGN + "si Formulaire (A) rempli et champ|", "Champ lead (champ) est vide"),
        (CAMPAIGN + "attendre au plus 2 jours\n    |", "dès que"),
        (CAMPAIGN + "dès que Lien (|", "Lire le guide"),
        (CAMPAIGN + "si Champ lead (pren|", "prénom"),
        (CAMPAIGN + "étape « Départ »\n  aller à l’étape « |", "Départ"),
        (CAMPAIGN + "sortir (|", "réussite"),
        (CAMPAIGN + "Attendre pendant (|", "3 jours"),
        ("champs\n  pointure : |", "nombre"),
        ("pointage\n  +5 quand form|", "Formulaire (formulaire) rempli"),
        ("scénario « S »\n  lead (Aline) : |", "ville"),
        ("scénario « S »\n  lead (Aline) : ville (Laval)\n  vérifier (|", "Aline"),
        ("liste « A » : lead memb|", "Lead membre de la liste (liste)"),
    ],
)
def test_what_may_be_written_is_proposed_among_the_first(text: str, label: str) -> None:
    assert french(label) in labels(text)[:30]


def test_a_phrase_is_found_by_what_it_is_about_too() -> None:
    assert "Changer pointage (changement)" in labels(CAMPAIGN + "pointage|")


def test_what_counts_from_an_entry_is_proposed_only_once_somebody_has_entered() -> None:
    since = french("depuis l’entrée")
    for text in ("liste « A » : Formulaire (A) rempli |", CAMPAIGN.rstrip() + " |"):
        found = labels(text)
        assert since not in found
        assert any("derniers jours" in one for one in found), "what else narrows it is"


def test_steps_of_other_campaigns_are_not_proposed() -> None:
    assert labels(CAMPAIGN + "étape « Départ »\n  aller à l’étape « |") == ["Départ"]


def test_nothing_is_proposed_in_comments_nor_in_a_text_written_in_place() -> None:
    assert labels(CAMPAIGN + "# env|") == []
    letter = "Envoyer courriel « Bonjour » :\n    Merci de |\n  fin\nfin\n"
    assert labels(CAMPAIGN + letter) == []


def test_what_is_written_already_is_kept_when_a_phrase_is_finished() -> None:
    (best, *_) = [
        one
        for one in proposed(CAMPAIGN + "dès que lien (Lire le guide) cli|")
        if one.label == "Lien (lien) cliqué dans courriel (courriel)"
    ]
    assert best.text == "Lien (Lire le guide) cliqué dans courriel (courriel)"


def test_what_people_never_type_is_inserted_for_them() -> None:
    (only,) = proposed("campagn|")
    assert only.text == "campagne «\u00a0Nom\u00a0»\nfin"
    (start, end) = only.stops[0]
    assert only.text[start:end] == "Nom"


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_completion_anywhere_in_the_library_leaves_a_script_that_reads(
    data: st.DataObject,
) -> None:
    service = library()
    name = data.draw(st.sampled_from(sorted(service.sources)))
    text = service.sources[name]
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 12))
    text = text[:at] + text[at + cut :]
    edited = service.edited(name, text)
    found = edited.completions(name, at)
    for one in found[:3]:
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert all(0 <= a <= b <= len(one.text) for a, b in one.stops)
        applied_text = applied(text, [TextEdit(name, one.span, one.text)])
        again = service.edited(name, applied_text)
        again.hover(name, at)
        again.completions(name, one.span.start + len(one.text))
        again.symbols(name)
