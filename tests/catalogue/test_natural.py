"""Sentences of people who never read the reference: accepted, answered with what is right, or with nothing.

`natural.txt` says what each comes to. Whatever is proposed is taken, and must be accepted in its place.
"""

from pathlib import Path

import pytest

from dsl.diagnostics import Diagnostic, Severity
from dsl.formatter import format_source
from dsl.project import check
from server.plugins import load_plugins

CATALOGUE = load_plugins().catalogue
OFFERED = {
    "courriel": ["Tarifs", "Panier"],
    "SMS": ["Rappel"],
    "notification": ["Promo"],
    "vendeur": ["Luc Roy"],
    "promotion": ["Noël"],
}
ABOVE = """\
champs
  début : date
  fin : date
  pointure : nombre
  note : texte
fin

conversion « Démo » : Formulaire (Démo) rempli

campagne « A »
  réentrée : jamais

  entrée
    quand Formulaire (Infolettre) rempli

  étape « Premier envoi »
  Envoyer courriel (Tarifs)
  Envoyer SMS (Rappel)
  Envoyer courriel (Panier)
"""
AROUND = {
    "fait": ("  ", "\nfin\n"),
    "décide": ("  si ", "\n    Étiqueter (X)\n  fin\nfin\n"),
}


def collected() -> list[tuple[str, str, str]]:
    found, place = [], ""
    text = (Path(__file__).parent / "natural.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            place = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((place, *line.split(" → ", 1)))
    return found  # type: ignore[return-value]


SENTENCES = collected()


def script(place: str, sentence: str) -> str:
    before, after = AROUND[place]
    return f"{ABOVE}{before}{sentence}{after}"


def errors(source: str) -> list[Diagnostic]:
    found = check({"p": source}, CATALOGUE, OFFERED).diagnostics["p"]
    return [one for one in found if one.severity is Severity.ERROR]


def canonical(place: str, source: str) -> str:
    line = format_source(source, CATALOGUE).splitlines()[len(ABOVE.splitlines())]
    return line.strip().removeprefix("si " if place == "décide" else "").replace("\u00a0", " ")


def test_there_are_enough_of_them_to_say_something() -> None:
    assert len({sentence for _, sentence, _ in SENTENCES}) >= 500


@pytest.mark.parametrize(("place", "sentence", "wanted"), SENTENCES)
def test_a_natural_sentence_comes_to_what_is_right(place: str, sentence: str, wanted: str) -> None:
    source = script(place, sentence)
    found = errors(source)
    if not found:
        assert f"= {canonical(place, source)}" == wanted
        formed = script(place, canonical(place, source))
        assert errors(formed) == []
        assert canonical(place, formed) == canonical(place, source)
        return
    fixes = [fix for one in found for fix in one.fixes]
    shown = " | ".join(fix.text for fix in fixes).replace("\u00a0", " ")
    assert (f"? {shown}" if fixes else "rien") == wanted
    for fix in fixes:
        assert errors(source[: fix.span.start] + fix.text + source[fix.span.end :]) == []
