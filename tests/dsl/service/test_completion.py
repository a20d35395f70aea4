"""What may be written where somebody types."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.check.findings import Findings
from dsl.check.project import ProjectChecker, ScriptFile
from dsl.language.fr.constructs import OPENERS
from dsl.read.parser import parse
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
        ("campagne « A »\n  objectif chiffré : |", "augmenter le panier moyen de 10\u00a0%"),
        ("campagne « A »\n  consentement : |", "exprès"),
        ("campagne « A »\n  groupe exclusif : |", "« Ventes », priorité 1"),
        ("campagne « A »\n  description : |", "répondre vite à qui demande un prix"),
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


def test_a_group_is_proposed_with_the_priority_behind_those_of_its_campaigns() -> None:
    first = "campagne « A »\n  groupe exclusif : « Parcours », priorité 4\nfin\n"
    assert labels(french(f"{first}campagne « B »\n  groupe exclusif : |"))[0] == french(
        "« Parcours », priorité 5"
    )
    sales = first.replace("Parcours", "Ventes")
    assert labels(french(f"{sales}campagne « B »\n  groupe exclusif : |")) == [
        french("« Ventes », priorité 5")
    ]


def test_where_nothing_is_typed_what_may_be_written_stands_under_what_it_is_for() -> None:
    head = [one.intention for one in proposed("campagne « A »\n  |")]
    assert list(dict.fromkeys(head)) == [one for one, _ in groupby(head)]
    assert head[0] == "Faire entrer et sortir"
    assert {"Régler la campagne", "Décider", "Attendre", "Agir"} <= set(head)
    asked = [one.intention for one in proposed(CAMPAIGN + "si |")]
    assert list(dict.fromkeys(asked)) == [
        *("Plusieurs conditions", "Ce qui est arrivé", "Ce qui est vrai")
    ]
    typed = proposed(CAMPAIGN + "si lea|")
    assert {one.intention for one in typed} == {""}, "what is typed finds, in its own order"


def test_what_each_proposal_is_stands_beside_it() -> None:
    what = {one.label: one.what for one in proposed(CAMPAIGN + "|")}
    assert (what["si"], what["attendre que"], what["fuseau"]) == ("décision", "attente", "en-tête")
    assert (what["entrée"], what["fin"], what["sortir"]) == ("section", "fin de bloc", "parcours")


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


#: What the checks say of what cannot stand where it is, whatever comes after it.
MISPLACED = frozenset({"R109", "R111", "R309", "R315", "R414", "R418", "R419", "R447"})
HEAD = """\
campagne « A »
  exclusion : Lead étiqueté (X)
  entrée
    quand Formulaire (F) rempli
  sortie réussie
    quand Formulaire (F) rempli
"""
BODY = """\
  étape « E »
  si Lead étiqueté (X)
    Étiqueter (Y)
  sinon
    Étiqueter (Z)
  fin si
  attendre au plus 3 jours
    dès que Formulaire (F) rempli
      Étiqueter (Y)
    passé ce délai
      Étiqueter (Y)
  fin attendre
fin campagne
"""
ASKED = "Formulaire (F) rempli"
#: Lines of the head, of the rules of its sections, of what is done, beside campaigns, of a scenario.
IN_HEAD = (
    *("|", "exclusion : |", f"exclusion : {ASKED} |", "exclusion : toutes ces conditions\n    - |"),
    *("objectif « O » : |", f"objectif « O » : {ASKED} |", "objectif « O » : Lead étiqueté (X) |"),
    *(f"objectif « O » : {ASKED} et |", "objectif « O » : non |"),
    "objectif « O » : au moins un message lu |",
)
RULES = ("|", "quand |", f"quand {ASKED} |", "quand chaque jour |", "quand chaque jour et |")
DONE = (
    *("|", "si |", f"si {ASKED} |", "si Lead étiqueté (X) |", "attendre |", "répéter |"),
    *(f"si {ASKED} depuis l’entrée |", "Étiqueter (X) |", "Attendre pendant 3 jours |"),
    *(f"attendre que {ASKED} |", "aller à l’étape « E » |", "si toutes ces conditions\n    - |"),
)
BESIDE = (
    *("|", f"liste « L » : {ASKED} |", f"conversion « C » : {ASKED} |"),
    *("pointage\n  +5 quand |\nfin", f"pointage\n  +5 quand {ASKED} |\nfin"),
    *(
        f"scénario « S »\n  lead (A) : courriel (a@exemple.ca)\n  {line}\nfin"
        for line in (f"1 jour plus tard, (A) : {ASKED} |", f"vérifier (A) : {ASKED} |")
    ),
)


def typed() -> Iterator[str]:
    for line in IN_HEAD:
        yield HEAD.replace("  entrée", f"  {line}\n  entrée") + BODY
    for section in ("entrée\n", "sortie réussie\n"):
        yield from (HEAD.replace(section, f"{section}    {line}\n") + BODY for line in RULES)
    yield from (f"{HEAD}  {line}\n{BODY}" for line in DONE)
    for part in ("  sinon\n", "    dès que", "    passé", "  fin attendre"):
        yield HEAD + BODY.replace(part, f"    |\n{part}")
    yield from (f"{line}\n\n{HEAD}{BODY}" for line in BESIDE)


def misplaced(text: str) -> Counter[str]:
    """How often each of these is said of that script."""
    service = library()
    read = parse(text, service.catalogue)
    findings = Findings(FILE, text, read.diagnostics)
    lexicon = service.desk.memory.lexicon
    ProjectChecker([ScriptFile(read.script, findings)], lexicon, service.references).check()
    return Counter(one.code for one in findings.all() if one.code in MISPLACED)


def few(found: Sequence[Completion]) -> Iterator[Completion]:
    """All the words, and two of each kind of phrases, which stand where the others do."""
    by_kind = sorted(found, key=lambda one: (one.what, one.detail != ""))
    for (_, phrase), those in groupby(by_kind, lambda one: (one.what, one.detail != "")):
        yield from list(those)[: 2 if phrase else None]


def whole(one: Completion) -> str:
    """What it inserts; where that goes on with what is asked, something asked."""
    return f"{one.text}{ASKED}" if one.text.rstrip().endswith(":") else one.text


def refused(text: str) -> list[tuple[str, str, Counter[str]]]:
    """Of what is proposed where « | » stands, what is then said not to stand there."""
    line = text[text.rfind("\n", 0, text.index("|")) + 1 : text.index("|")].strip()
    bare, at = text.replace("|", ""), text.index("|")
    before, found = misplaced(bare), library().edited(FILE, bare).completions(FILE, at)
    said = [
        (line, one.label, misplaced(applied(bare, [TextEdit(FILE, one.span, whole(one))])) - before)
        for one in few(found)
        if one.label != "fin"  # it closes what is open: whether it should is for who types
    ]
    return [one for one in said if one[2]]


def test_what_is_proposed_in_each_kind_of_place_may_stand_there() -> None:
    assert [one for text in typed() for one in refused(french(text))] == []
    for line in IN_HEAD[:8]:
        text = HEAD.replace("  entrée", f"  {line}\n  entrée") + BODY
        assert proposed(french(text)), f"something may: {line}"


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_what_is_proposed_anywhere_in_the_library_may_stand_there(data: st.DataObject) -> None:
    service = library()
    name = data.draw(st.sampled_from(sorted(service.sources)))
    text = service.sources[name]
    # A line that opens a block, or goes on below, would leave what is below without it.
    lines = [
        one
        for at, one in enumerate(service.scripts[name].reading.lines)
        if one.lexemes and one.keyword not in OPENERS and len(one.parts) < 2
    ]
    line = data.draw(st.sampled_from(lines))
    at = data.draw(st.sampled_from([one.start for one in line.lexemes if one.kind == "w"]))
    cut = f"{text[:at]}|{text[line.end :]}"
    assert refused(cut) == []
