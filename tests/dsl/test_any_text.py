"""Whatever is pasted in the editor: an answer, soon, with true places; formatting keeps meaning."""

from time import process_time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_catalogue import CATALOGUE

from dsl.formatter import format_source
from dsl.help.render import as_data, as_text
from dsl.read.parser import parse
from dsl.text.positions import Positions

quick = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

PIECES = st.sampled_from(
    """campagne|« Essai »|champs|liste|scénario|entrée|sortie réussie|sortie échouée|quand|après|si
sinon si|sinon|fin|fin si|fin campagne|attendre|attendre que|dès que|passé ce délai|étape|aller à l'étape
répéter|sortir|répartir|50 %|et|ou|non|[|]|(|)|«|»|"|,|:|-|#|toutes ces conditions
au moins une de ces conditions|alors|chaque lundi à 9 h|à l'étape « A »|depuis l'entrée|au plus 3 jours
2 fois au plus|où (montant) supérieur à (50)|Formulaire (X) rempli|Formulaire rempli|Courriel (X) lu
Envoyer courriel (X)|Envoyer SMS (X)|Attendre pendant 3 jours|Changer pointage +5|lead (Aline) :
(Aline) :|vérifier (Aline) :|2 jours plus tard,|le 2026-12-01 à 9 h,|fuseau : UTC|objet : x|taille : choix (a, b)
(réussite)|@|\u0301|😀|É|(a (b) c)|((x) (y))|12,5|2026-12-24|9 h 30|un|le|l'|If|End""".replace(
        "\n", "|"
    ).split("|")
)
GAPS = st.sampled_from([" ", " ", "\n", "\n  ", "\n    ", "\r\n", "\t", "\u00a0", "", "\r"])
JUMBLE = st.lists(st.tuples(PIECES, GAPS), max_size=60).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)


def check(source: str) -> None:
    found = parse(source, CATALOGUE).diagnostics
    for one in found:
        spans = [one.span, *(fix.span for fix in one.fixes), *(note.span for note in one.notes)]
        assert all(0 <= span.start <= span.end <= len(source) for span in spans)
    as_text(source, found, "essai.relance")
    as_data(source, found, "essai.relance")


@quick
@given(st.text(max_size=300))
def test_any_text_is_answered(source: str) -> None:
    check(source)


@quick
@given(JUMBLE)
def test_any_jumble_of_the_language_s_own_words_is_answered(source: str) -> None:
    check(source)


@quick
@given(JUMBLE)
def test_formatting_a_jumble_keeps_its_tree_and_is_done_in_one_go(source: str) -> None:
    once = format_source(source, CATALOGUE)
    assert format_source(once, CATALOGUE) == once
    before, after = parse(source, CATALOGUE), parse(once, CATALOGUE)
    assert [one.code for one in before.diagnostics] == [one.code for one in after.diagnostics]
    if not before.diagnostics:
        assert before.script == after.script


def test_hostile_texts_are_answered_soon() -> None:
    texts = [
        "(" * 200_000,
        "campagne « A »\n" + "si Formulaire rempli\n" * 20_000,
        "fin\n" * 50_000,
        "campagne « A »\n" + "Envoyer couriel (X)\n" * 20_000 + "fin",
        "campagne « A »\n" + "sinon\n" * 20_000 + "fin",
        ("campagne « A »\n" + "si [[[[ et ou et (\n" * 20 + "fin\n") * 400,
        "a," * 100_000,
        "\n".join(["a,"] * 100_000),
        "«" * 100_000 + "\n" + "1 " * 100_000,
        "campagne « A »\nsi " + "Formulaire rempli et " * 90 + "\n",
    ]
    for text in texts:
        start = process_time()
        parse(text, CATALOGUE)
        assert process_time() - start < 8, text[:40]


@quick
@given(st.text(max_size=60), st.integers(0, 60))
def test_editors_get_utf_16_columns(source: str, offset: int) -> None:
    offset = min(offset, len(source))
    line, column = Positions(source).utf16(offset)
    before = source[:offset].encode("utf-16-le", "surrogatepass")
    assert Positions(source).utf16_offset(offset) == len(before) // 2
    assert line >= 0
    assert column >= 0
