"""Blocks taken in hand: whatever goes where it may, the script reads as well as before, and loses no line."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.read.parser import read as read_script
from dsl.service.blocks import (
    ArrangedText,
    Block,
    BlockOutline,
    BlockPlace,
    inserted,
    led_to,
    moved,
    removed,
)
from dsl.service.rename import Refusal
from tests.dsl.service.projects import french, library

SCRIPT = french("""\
campagne « Accueil »
  entrée
    quand Formulaire (Infolettre) rempli

  étape « Début »
  # Le premier mot.
  Étiqueter (Venu)
  si Lead étiqueté (A) et
     Lead étiqueté (B)
    Étiqueter (C)
  sinon si Lead étiqueté (D)
    Étiqueter (E)
  sinon
  fin

  attendre au plus 3 jours
    dès que Formulaire (Contact) rempli
      Étiqueter (F)
    passé ce délai
      sortir (échec)
  fin
fin
""")


def outline(text: str) -> BlockOutline:
    return BlockOutline(text, read_script(text, library().catalogue))


def errors(text: str) -> Counter[str]:
    return Counter(one.code for one in read_script(text, library().catalogue).parsed.diagnostics)


def line_of(text: str, words: str) -> int:
    return next(at for at, row in enumerate(text.split("\n"), 1) if words in row)


def done(found: ArrangedText | Refusal) -> ArrangedText:
    assert isinstance(found, ArrangedText), found
    return found


LIBRARY = [
    (name, BlockOutline(text, library().scripts[name].reading))
    for name, text in sorted(library().sources.items())
]
MOVABLE = [
    (read, block, place)
    for _, read in LIBRARY
    for block in read.blocks.values()
    for place, _ in read.places(block)
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MOVABLE))
def test_any_block_goes_where_it_may_and_comes_back_and_no_line_is_lost(
    case: tuple[BlockOutline, Block, BlockPlace],
) -> None:
    read, block, place = case
    series, at = read.siblings(block)
    found = done(moved(read, block.line, place))
    was, now = read.source.split("\n"), found.text.split("\n")
    assert Counter(map(str.strip, was)) == Counter(map(str.strip, now))
    assert not errors(found.text) - errors(read.source)
    again = outline(found.text)
    there = again.blocks[found.line]
    assert there.last - there.gap == block.last - block.gap
    # Back after the one it stood after, wherever that is now.
    before = series.blocks[at - 1].line if at else series.line
    gone = block.last - block.gap + 1
    _, under = read.after(place) or (series, 0)
    shifted = before - (gone if before > block.last else 0)
    shifted += gone if (shifted > (under if under < block.gap else under - gone)) else 0
    back = moved(again, found.line, BlockPlace(shifted, inside=not at))
    assert done(back).text == read.source


def test_what_is_added_stands_as_far_in_as_its_neighbours_and_its_slot_is_known() -> None:
    read = outline(SCRIPT)
    within = BlockPlace(line_of(SCRIPT, "  sinon") + 2, inside=True)
    found = done(inserted(read, within, "si \nsinon\nfin", (3, 3)))
    assert "  sinon\n    si \n    sinon\n    fin\n  fin\n" in found.text
    assert found.stop is not None
    assert found.text[: found.stop[0]].endswith("\n    si ")
    assert removed(outline(found.text), found.line) is not None


def test_a_block_takes_its_comments_and_its_branches_away_with_it() -> None:
    read = outline(SCRIPT)
    text = done(removed(read, line_of(SCRIPT, "(Venu)"))).text
    assert "Le premier mot" not in text
    text = done(removed(read, line_of(SCRIPT, "si Lead étiqueté (A)"))).text
    assert "étiqueté" not in text
    assert not errors(text)
    assert isinstance(
        moved(read, line_of(SCRIPT, "attendre"), BlockPlace(line_of(SCRIPT, "(F)"))), Refusal
    )
    assert isinstance(moved(read, 1, BlockPlace(5)), Refusal)


def test_what_is_led_elsewhere_names_the_step_or_makes_one() -> None:
    read = outline(SCRIPT)
    end = BlockPlace(line_of(SCRIPT, "(F)"))
    text = done(led_to(read, end, line_of(SCRIPT, "(Venu)"))).text
    assert french("(F)\n      aller à l’étape « Début », 2 fois au plus\n") in text
    text = done(led_to(read, BlockPlace(line_of(SCRIPT, "(E)")), line_of(SCRIPT, "attendre"))).text
    assert french("(E)\n    aller à l’étape « Suite »\n  sinon") in text
    assert french("\n  étape « Suite »\n  attendre") in text
    again = outline(text)
    jump = BlockPlace(line_of(text, "aller"))
    assert french("(E)\n    aller à l’étape « Début »\n") in done(led_to(again, jump, 5)).text
    middle = led_to(read, BlockPlace(line_of(SCRIPT, "(Venu)")), 5)
    assert isinstance(middle, Refusal)
