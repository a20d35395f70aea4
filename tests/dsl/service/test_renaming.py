"""Names: what stands under the pointer, where else it is, and how it is changed everywhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.service.edits import all_applied
from dsl.service.language_service import LanguageService
from dsl.service.rename import Refusal, Rename
from tests.dsl.service.projects import french, library, service_of

FILE = "bienvenue.relance"


def renamed(service: LanguageService, change: Rename) -> LanguageService:
    """The project once a change is made."""
    files = {**service.sources, **service.beside}
    now = {**files, **all_applied(files, change.edits)}
    return service_of(now)


def at(text: str, service: LanguageService | None = None, file: str = FILE) -> int:
    """Within those words of a script."""
    return (service or library()).sources[file].index(french(text)) + len(text) - 1


def test_a_phrase_is_explained_where_it_stands() -> None:
    found = library().hover(FILE, at("quand Formul"))
    assert found is not None
    assert found.title == "Formulaire (formulaire) rempli"
    assert "Ici : au moment où cela arrive." in found.paragraphs


def test_a_name_says_where_else_it_is_used() -> None:
    found = library().hover(FILE, at("Envoyer courriel (Rappel"))
    assert found is not None
    assert found.title == french("Courriel « Rappel du guide »")
    assert "ailleurs dans ce script" in " ".join(found.paragraphs)


def test_a_step_is_found_where_it_is_declared_and_verified() -> None:
    service = library()
    places = service.references_of(FILE, at("étape « Accueil"))
    assert len(places) == 2
    declared = service.definition(FILE, places[1].span.start)
    assert declared == places[0]


def test_a_step_is_renamed_in_its_campaign_and_its_scenarios_alone() -> None:
    service = library()
    change = service.rename(FILE, at("étape « Accueil"), "Premier pas")
    assert isinstance(change, Rename)
    assert {one.file for one in change.edits} == {FILE}
    after = renamed(service, change)
    assert after.sources[FILE].count("Premier pas") == 2
    assert not any(after.diagnostics(FILE)[FILE])


def test_a_message_is_renamed_in_scripts_scenarios_and_in_its_own_file() -> None:
    service = library()
    change = service.rename(FILE, at("Envoyer courriel (Bienvenue"), "Premier bonjour")
    assert isinstance(change, Rename)
    assert {one.file for one in change.edits} == {FILE, "courriels/bienvenue.md"}
    after = renamed(service, change)
    assert "nom: Premier bonjour\n" in after.beside["courriels/bienvenue.md"]
    assert "courriel (Bienvenue)" not in after.sources[FILE]
    # The form, the campaign of that name are others.
    assert french("campagne « Bienvenue »") in after.sources[FILE]


def test_a_message_named_after_its_file_is_given_its_name_in_it() -> None:
    text = "campagne « A »\n  Envoyer SMS (promo)\nfin\n"
    service = LanguageService(
        library().desk, {"a.relance": text}, {"SMS": ["promo"]}, {"sms/promo.txt": "Bonjour"}
    )
    change = service.rename("a.relance", text.index("promo"), "Solde : dernier jour")
    assert isinstance(change, Rename)
    after = renamed(service, change)
    assert after.beside["sms/promo.txt"] == "---\nnom: Solde : dernier jour\n---\nBonjour"


def test_a_campaign_that_runs_says_what_it_was_called() -> None:
    service = library()
    change = service.rename(FILE, at("campagne « Bienv"), "Accueil", running={"Bienvenue"})
    assert isinstance(change, Rename)
    after = renamed(service, change)
    head = french("campagne « Accueil »\n  anciennement\u00a0: « Bienvenue »\n")
    assert head in after.sources[FILE]
    assert not any(after.diagnostics(FILE)[FILE])


def test_a_campaign_nobody_entered_is_just_renamed() -> None:
    change = library().rename(FILE, at("campagne « Bienv"), "Accueil", running=())
    assert isinstance(change, Rename)
    assert len(change.edits) == 1


def test_a_field_is_renamed_in_what_messages_compute_and_not_in_what_they_say() -> None:
    text = "champs\n  pointure : nombre\nfin\n\ncampagne « A »\n  si Champ lead (pointure) est vide\n    Envoyer SMS (A)\n  fin\nfin\n"
    message = 'Votre pointure : {{ pointure }}{% if pointure == "pointure" %}!{% endif %}'
    service = LanguageService(
        library().desk, {"a.relance": text}, {"SMS": ["A"]}, {"sms/a.txt": message}
    )
    change = service.rename("a.relance", text.index("pointure"), "taille du pied")
    assert isinstance(change, Rename)
    assert "déjà connu" in change.caution
    after = renamed(service, change)
    assert "Champ lead (taille du pied) est vide" in after.sources["a.relance"]
    assert (
        after.beside["sms/a.txt"]
        == 'Votre pointure : {{ taille_du_pied }}{% if taille_du_pied == "pointure" %}!{% endif %}'
    )


@pytest.mark.parametrize(
    ("words", "name", "reason"),
    [
        ("étape « Accueil", "essai", "existe déjà"),
        ("campagne « Bienv", "VENDREDI FOU", "existe déjà"),
        ("Envoyer courriel (Bienv", "Nous joindre", "existe déjà"),
        ("étape « Accueil", "Un « nom »", "guillemets"),
        ("étape « Accueil", "  ", "au moins une lettre"),
        ("étape « Accueil", "n" * 200, "trop long"),
        ("courriel (aline@example.com), prén", "surnom", "tous les leads"),
        ("aller", "x", "Aucun nom"),
    ],
)
def test_a_name_that_cannot_be_taken_is_refused_with_a_reason(
    words: str, name: str, reason: str
) -> None:
    service = library()
    place = at(words) if words != "aller" else 0
    refused = service.rename(FILE, place, name)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_renaming_and_renaming_back_changes_nothing_at_all(data: st.DataObject) -> None:
    service = library()
    name = data.draw(st.sampled_from(sorted(service.sources)))
    places = service.scripts[name].occurrences
    place = data.draw(st.sampled_from(places))
    there = service.rename(name, place.span.start, "Tout autre chose")
    if isinstance(there, Refusal) or "*" in there.former:
        return  # « /velos* » stands for several pages: nothing is called so again
    after = renamed(service, there)
    found = next(one for one in after.scripts[name].occurrences if one.name == "Tout autre chose")
    back = after.rename(name, found.span.start, there.former)
    assert isinstance(back, Rename)
    again = renamed(after, back)
    # What was written otherwise than it is declared takes the declared writing.
    if all(one.name == there.former for one in service.references_of(name, place.span.start)):
        assert again.sources == service.sources
        assert again.beside == service.beside
