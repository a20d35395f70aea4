"""What a diagnostic proposes is a promise: applied, it is accepted, and it says what was written."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from checker_words import checked

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.help import proposals
from dsl.help.codes import CODES
from dsl.help.fidelity import faithful
from dsl.language.fr.headers import EXAMPLES, HEADERS
from dsl.phrases.catalogue import Catalogue
from dsl.project import check
from relance.slot import Unreadable
from server.plugins import load_plugins

GOLDEN = Path(__file__).parent.parent / "golden"
PLUGINS = load_plugins()
CAMPAIGN = (
    "champs\n  début : date\nfin\n\ncampagne « A »\n  réentrée : jamais\n\n"
    "  entrée\n    quand Formulaire (Infolettre) rempli\n\n  Envoyer courriel (Tarifs)\n"
)


def diagnostics_of(source: str) -> list[Diagnostic]:
    found = check({"a": source}, PLUGINS.catalogue, {"courriel": ["Tarifs"]}).diagnostics["a"]
    return [one for one in found if one.severity is Severity.ERROR]


def count(found: Sequence[Diagnostic], code: str) -> int:
    return sum(one.code == code for one in found)


def applied(source: str, fix: Fix) -> str:
    return source[: fix.span.start] + fix.text + source[fix.span.end :]


def offered() -> list[tuple[str, str, Diagnostic, Fix]]:
    return [
        (code, source, one, fix)
        for code in CODES
        if code != "R101"
        for source in ((GOLDEN / f"{code}.relance").read_text(encoding="utf-8"),)
        for one in checked(source).diagnostics["a"]
        for fix in one.fixes
    ]


@pytest.mark.parametrize(("code", "source", "one", "fix"), offered())
def test_what_a_golden_diagnostic_proposes_is_accepted_and_means_the_same(
    code: str, source: str, one: Diagnostic, fix: Fix
) -> None:
    after = checked(applied(source, fix)).diagnostics["a"]
    before = checked(source).diagnostics["a"]
    assert count(after, one.code) < count(before, one.code)
    fixed = applied(source, fix)
    stretch = Span(fix.span.start, fix.span.start + len(fix.text))
    others = {(one.code, source[one.span.start : one.span.end]) for one in before}
    assert {
        (one.code, fixed[one.span.start : one.span.end])
        for one in after
        if one.severity is Severity.ERROR
        and one.code[1] in "123"
        and one.span.start < stretch.end
        and stretch.start < one.span.end
    } <= others
    written = source[fix.span.start : fix.span.end]
    assert fix.compared or faithful(written, fix.text)


@pytest.mark.parametrize(
    ("decision", "proposed"),
    [
        ("Page web (/x) visitée 3 fois", ["au moins 3 fois"]),
        ("Page web (/x) visitée 3 fois ou plus", ["au moins 3 fois"]),
        ("Page web (/x) visitée 3 fois au moins", ["au moins 3 fois"]),
        ("Page web (/x) visitée 3 fois au plus", []),
        ("Page web (/x) visitée 3 fois par semaine", []),
        ("Page web (/x) visitée exactement 3 fois", []),
        ("Page web (/x) visitée depuis 7 jours 2 fois", []),
        ("Page web (/x) visitée depuis plus de 7 jours", []),
        ("Page web (/x) pas visitée depuis 7 jours", []),
        ("Lead membre de la liste (X) depuis 7 jours", []),
        ("Pointage lead > 50 depuis 7 jours", []),
        ("Achat effectué où montant n'est pas supérieur à 50", []),
        ("Achat effectué où montant n'est jamais égal à 50", []),
        ("Achat effectué où montant n'est pas égal à 50", ["où (montant) différent de 50"]),
        ("Achat effectué où ville n'est pas différent de (Lyon)", []),
        ("Lien (A) cliqué dans le courriel (Tarif)", ["Tarifs"]),
    ],
)
def test_a_precision_is_never_proposed_with_another_meaning(
    decision: str, proposed: list[str]
) -> None:
    source = f"{CAMPAIGN}  si {decision}\n    Étiqueter (X)\n  fin\nfin\n"
    found = diagnostics_of(source)
    fixes = [fix for one in found for fix in one.fixes]
    assert found
    assert [fix.text.replace("\u00a0", " ") for fix in fixes] == proposed
    assert all(diagnostics_of(applied(source, fix)) == [] for fix in fixes)


@pytest.mark.parametrize(
    ("line", "proposed"),
    [
        ("aller à l’étape Accueil, 2 fois au plus", ["«\u00a0Accueil\u00a0»"]),
        ("aller à l’étape Accueil 2 fois au plus", []),
        ("sortir échouée", ["(échec)"]),
        ("sortir sans réussite", []),
    ],
)
def test_a_name_swallows_nothing_that_was_said_after_it(line: str, proposed: list[str]) -> None:
    body = (
        f"  étape « Accueil »\n  Attendre 1 jour\n  si Formulaire rempli\n    {line}\n  fin\nfin\n"
    )
    (one,) = diagnostics_of(CAMPAIGN + body)
    assert [fix.text for fix in one.fixes] == proposed
    assert "2 fois" not in one.message


def sentence(proposed: str, written: str, catalogue: Catalogue = PLUGINS.catalogue) -> Diagnostic:
    """A fault whose finder proposes whatever it likes."""
    source = f"{CAMPAIGN}  si {written}\n    Étiqueter (X)\n  fin\nfin\n"
    start = source.index(written)
    span = Span(start, start + len(written))
    message = f"Faux. Écrivez plutôt « {proposed} »."
    one = Diagnostic("R201", Severity.ERROR, span, message, (Fix(span, proposed),), plain="Faux.")

    def again(amended: Mapping[str, str]) -> Mapping[str, tuple[Diagnostic, ...]]:
        return check(amended, catalogue, {"courriel": ["Tarifs"]}).diagnostics

    return proposals.admitted({"a": source}, {"a": [one]}, again)["a"][0]


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("Pointage > 50", "Pointage lead > 60"),
        ("Pointage pas > 50", "Pointage lead > 50"),
        ("Date (début) apres aujourd’hui", "Date (début) est avant aujourd’hui"),
        ("Formulaire A rempli où montant", "Formulaire (A rempli où montant) rempli"),
        ("Désabonné du courriel (Tarifs) hier", "Abonné au courriel (Tarifs)"),
        ("Champ (vile) est vide", "Champ (vile) est vide"),
        ("Formulaire (A) remplie", "Formulaire (A) et rempli"),
    ],
)
def test_no_finder_can_propose_what_is_refused_or_says_something_else(
    written: str, proposed: str
) -> None:
    found = sentence(proposed, written)
    assert (found.fixes, proposed in found.message) == ((), False)


def test_what_is_accepted_and_says_the_same_is_shown() -> None:
    found = sentence("Formulaire (A) rempli", "Formulaire A rempli")
    assert [fix.text for fix in found.fixes] == ["Formulaire (A) rempli"]


BAD = (
    "3 fois|100.50 $|30 février 2026|25 h|9h75|demain|trois|3 lunes|12/13/2026|2026-13-01|50 %|"
    "lundi prochain|1,2,3|oui|abc|-5|+0|1e9|9999999999999|www.x.ca|a@b|le 24|0 jour|2,5 jours|7|€50"
)
#: Their refusal explains rather than lists what to write.
EXPLAINED = {"ordre", "recul", "jour ou heure"}


@pytest.mark.parametrize("kind", sorted(set(PLUGINS.catalogue.slot_types) - EXPLAINED))
def test_what_a_refused_value_is_told_to_be_is_read(kind: str) -> None:
    slot = PLUGINS.catalogue.slot_types[kind]
    for text in BAD.split("|"):
        read = slot.read(text)
        if isinstance(read, Unreadable) and read.instead and "Attendre" not in read.instead:
            for one in re.split(r", | ou ", read.instead.strip("«». \u00a0")):
                assert not isinstance(slot.read(one.strip("«» \u00a0")), Unreadable), (text, one)


@pytest.mark.parametrize("name", sorted(set(HEADERS.values())))
def test_what_a_header_left_empty_gives_as_an_example_is_accepted(name: str) -> None:
    script = "campagne « A »\n{}\nentrée\n  quand Formulaire (Tarif) rempli\nEnvoyer courriel (Tarifs)\nfin\n"
    (empty,) = checked(script.format(f"{name} :")).diagnostics["a"]
    assert f"«\u00a0{name}\u00a0: {EXAMPLES[name]}\u00a0»" in empty.message
    # The indicators of this project are fewer than those that Relance comes with.
    written = EXAMPLES[name].replace("le panier moyen", "le nombre de contacts")
    found = checked(script.format(f"{name} : {written}")).diagnostics["a"]
    assert [one for one in found if one.severity is Severity.ERROR] == []
