"""A word of the language with a slip in it is offered as it is spelt, where nothing else was proposed."""

from functools import cache

from dsl.diagnostics import Diagnostic, Severity
from dsl.help.misspelt import spellings_of
from dsl.project import check
from dsl.service.edits import TextEdit, applied
from server.plugins import load_plugins

_PLUGINS = cache(load_plugins)
SCRIPT = """\
campagne « A »
  réentrée : après 30 jours
  groupe exclusif : « Ventes », priorité 1

  entrée
    quand chaque lundi à 9 h et Lead étiqueté (VIP)

  étape « Un »
  Attendre pendant 3 heures
  Attendre pendant 2 jours et 3 heures
  Attendre pendant (15 minutes)
  Attendre jusqu’au 24 décembre 2026
  attendre au plus 3 jours
    dès que Lead étiqueté (VIP)
      Étiqueter (Y)
  fin
  attendre que Lead étiqueté (VIP), au plus 3 jours
  si Formulaire (F) rempli dans les 3 derniers jours
    aller à « Un », 2 fois au plus
  fin
  répéter 3 fois au plus
    Attendre pendant 1 jour
  fin
fin
"""
#: What is written → what was meant, each alone in the script.
SLIPS = {
    "3 heurs\n": "3 heures\n",
    "2 jous et": "2 jours et",
    "et 3 heurs": "et 3 heures",
    "(15 minuts)": "(15 minutes)",
    "jusq’au": "jusqu’au",
    "24 decmbre": "24 décembre",
    "attendre au puls": "attendre au plus",
    "au plus 3 jors\n    dès": "au plus 3 jours\n    dès",
    "que Lead étiquté": "que Lead étiqueté",
    ", au pls 3": ", au plus 3",
    "dernirs": "derniers",
    "aler à": "aller à",
    "2 fos": "2 fois",
    "chaqe": "chaque",
    "ludi": "lundi",
    "après 30 jous": "après 30 jours",
    "prioité": "priorité",
    "pendant 1 jou\n": "pendant 1 jour\n",
    "enrtée": "entrée",
}


def errors(text: str) -> list[Diagnostic]:
    found = check({"a": text}, _PLUGINS().catalogue, {}).diagnostics["a"]
    return [one for one in found if one.severity is Severity.ERROR]


def mended(text: str) -> list[str]:
    """What each thing that is proposed makes of that text."""
    return [
        applied(text, [TextEdit("a", fix.span, fix.text)])
        for one in errors(text)
        for fix in one.fixes
    ]


def test_a_word_of_the_language_with_a_slip_in_it_is_offered_as_it_is_spelt() -> None:
    assert errors(SCRIPT) == []
    for slip, meant in SLIPS.items():
        assert SCRIPT.count(meant) >= 1, meant
        wrong = SCRIPT.replace(meant, slip, 1)
        assert SCRIPT in mended(wrong), slip


def test_two_slips_in_a_line_are_mended_at_once_and_both_are_named() -> None:
    for slips, meant in {
        "Atendre pendnat 2 jours et": "Attendre pendant 2 jours et",
        "attendre au puls 3 jors\n": "attendre au plus 3 jours\n",
        "si Formulaire (F) rempi dans les 3 dernirs": "si Formulaire (F) rempli dans les 3 derniers",
    }.items():
        wrong = SCRIPT.replace(meant, slips, 1)
        assert wrong != SCRIPT
        assert SCRIPT in mended(wrong), slips
    (one,) = errors(SCRIPT.replace("au plus 3 jours\n    dès", "au puls 3 jors\n    dès"))
    said = one.message.replace("\u00a0", " ")
    assert "les mots « puls » et « jors »" in said
    assert "« plus 3 jours » ?" in said


def test_two_words_as_near_are_both_offered_and_the_author_chooses() -> None:
    wrong = SCRIPT.replace("décembre", "mas")
    offered = set(mended(wrong))
    assert offered == {SCRIPT.replace("décembre", month) for month in ("mai", "mars")}


def test_what_a_line_does_may_be_another_form_of_a_word_that_is_known() -> None:
    script = SCRIPT.replace("Étiqueter (Y)", "Ajouter 5 points")
    assert mended(script.replace("Ajouter", "Ajoute")) == [script]
    (one,) = errors(SCRIPT.replace("3 heures\n", "3 heurs\n", 1))
    assert (one.code, [fix.text for fix in one.fixes]) == ("R116", ["heures"])


def test_names_and_what_is_near_no_word_are_left_as_their_author_wrote_them() -> None:
    for line in ("Tartempion", "Blabla truc machin", "Attendre pendant 3 lunes"):
        (one,) = errors(SCRIPT.replace("Étiqueter (Y)", line))
        assert (one.code in ("R201", "R202"), one.fixes) == (True, ()), line
    lists = "liste « amis » : Lead étiqueté (VIP)\n"
    (twice,) = errors(f"{lists}{lists}")
    assert (twice.code, twice.fixes) == ("R318", ())


def test_a_word_in_capitals_is_offered_in_capitals() -> None:
    wrong = SCRIPT.replace("3 heures\n", "3 HEURS\n", 1)
    assert mended(wrong) == [SCRIPT.replace("3 heures\n", "3 HEURES\n", 1)]


def test_misspelt_words_are_looked_for_among_the_first_errors_of_a_script_alone() -> None:
    def after(errors: int) -> list[str]:
        above = "  Tartempion\n" * errors
        return mended(
            SCRIPT.replace("  Attendre pendant 3 heures\n", f"{above}  Attendre pendant 3 heurs\n")
        )

    assert len(after(50)) == 1
    assert after(200) == [], "each error costs as much as the whole script"


def test_a_line_of_many_unknown_words_is_not_gone_over_to_its_end() -> None:
    for count, offered in ((2, ["pendant"]), (20, [])):
        text = SCRIPT.replace("Étiqueter (Y)", f"{'zzyzx ' * count}pendnat")
        (one,) = errors(text)
        found = spellings_of(_PLUGINS().catalogue).amended(text, one)
        assert [fix.text for fix in (found.fixes if found else ())] == offered
