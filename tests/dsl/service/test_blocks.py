"""Blocks taken in hand: whatever goes where it may, the script reads as well as before, and loses no line."""

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.read.parser import read as read_script
from dsl.service.arranging import ArrangeOrder, ArrangeVerb, arranged
from dsl.service.block_edits import inserted, removed
from dsl.service.block_moves import moved
from dsl.service.block_outline import BlockOutline
from dsl.service.blocks import ArrangedText, Block, BlockPlace
from dsl.service.jumps import led_to
from dsl.service.rename import Refusal
from tests.dsl.service.projects import french, library, service_of

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


def unbound(text: str) -> str:
    """Without how often each jump may be taken, which follows where it leads."""
    return re.sub(r"(?<=»), \d+ fois au plus", "", text)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MOVABLE))
def test_any_block_goes_where_it_may_and_comes_back_and_no_line_is_lost(
    case: tuple[BlockOutline, Block, BlockPlace],
) -> None:
    read, block, place = case
    series, at = read.siblings(block)
    target = read.target(place)
    assert target is not None
    found = done(moved(read, block.line, place))
    was, now = unbound(read.lines.source).split("\n"), unbound(found.text).split("\n")
    opener = [target.opener.strip()] if target.opener else []
    assert Counter(map(str.strip, was)) + Counter(opener) == Counter(map(str.strip, now))
    assert not errors(found.text) - errors(read.lines.source)
    again = outline(found.text)
    there = again.blocks[found.line]
    assert there.last - there.gap == block.last - block.gap
    # Back after the one it stood after, wherever that is now.
    before = series.blocks[at - 1].line if at else series.line
    gone, under = block.last - block.gap + 1, target.after
    shifted = before - (gone if before > block.last else 0)
    came = shifted > (under if under < block.gap else under - gone)
    shifted += gone + len(opener) if came else 0
    back = moved(again, found.line, BlockPlace(shifted, inside=not at))
    rows = unbound(done(back).text).split("\n")
    if opener:
        # What was written for it stays: the branch is empty now.
        rows.pop(max(at for at, row in enumerate(rows) if row == target.opener.rstrip("\n")))
    assert Counter(rows) == Counter(was) if opener else rows == was


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
    back = done(led_to(again, jump, 5))
    assert french("(E)\n    aller à l’étape « Début », 2 fois au plus\n") in back.text
    assert "revient en arrière" in back.note
    forth = done(led_to(outline(back.text), jump, line_of(text, "attendre")))
    assert (forth.text, "sa limite s’en va" in forth.note) == (text, True)
    middle = led_to(read, BlockPlace(line_of(SCRIPT, "(Venu)")), 5)
    assert isinstance(middle, Refusal)


def test_a_jump_says_how_often_only_where_it_goes_back() -> None:
    text = french(
        "campagne « A »\n  étape « Haut »\n  Étiqueter (A)\n  si Lead étiqueté (A)\n"
        "    aller à l’étape « Haut », 3 fois au plus # encore\n  fin\n  Étiqueter (B)\nfin\n"
    )
    end = BlockPlace(line_of(text, "(B)"))
    below = done(moved(outline(text), line_of(text, "Haut"), end))
    assert french("    aller à l’étape « Haut » # encore\n") in below.text
    assert french("« Haut » ne revient plus en arrière") in below.note
    again = outline(below.text)
    above = done(moved(again, below.line, BlockPlace(1, inside=True)))
    assert above.text == text.replace("3 fois", "2 fois")
    unmoved = done(moved(outline(text), line_of(text, "(A)"), end))
    assert ("3 fois au plus" in unmoved.text, unmoved.note) == (True, "")


def test_the_branch_that_a_block_has_not_is_written_with_what_is_put_there() -> None:
    text = french(
        "campagne « A »\n  si Lead étiqueté (A)\n    Étiqueter (X)\n    # la suite\n    Étiqueter (Y)\n"
        "  fin\n  attendre au plus 3 jours\n    dès que Lead étiqueté (B)\n      Étiqueter (Z)\n"
        "  fin\n  attendre que Lead étiqueté (C)\nfin\n"
    )
    read = outline(text)
    otherwise = BlockPlace(line_of(text, "si "), otherwise=True)
    late = BlockPlace(line_of(text, "au plus"), otherwise=True)
    assert {place for place, _ in read.places() if place.otherwise} == {otherwise, late}
    assert BlockPlace.of(str(otherwise)) == otherwise
    added = done(inserted(read, otherwise, "Étiqueter (N)", (11, 12)))
    assert "  Étiqueter (Y)\n  sinon\n    Étiqueter (N)\n  fin\n" in added.text
    assert added.stop is not None
    assert added.text[slice(*added.stop)] == "N"
    assert outline(added.text).blocks[added.line].said == "Étiqueter (N)"
    gone = done(moved(read, line_of(text, "(Y)"), otherwise))
    assert "(X)\n  sinon\n    # la suite\n    Étiqueter (Y)\n  fin\n" in gone.text
    assert outline(gone.text).blocks[gone.line].said == "Étiqueter (Y)"
    after = done(moved(read, line_of(text, "si "), late)).text
    assert "(Z)\n    passé ce délai\n      si Lead étiqueté (A)\n        Étiqueter (X)\n" in after
    assert isinstance(moved(read, line_of(text, "si "), otherwise), Refusal)
    assert not errors(after) + errors(gone.text) + errors(added.text)
    led = done(led_to(read, otherwise, line_of(text, "(Z)"))).text
    assert french("  sinon\n    aller à l’étape « Suite »\n  fin\n") in led
    whole = outline(done(inserted(read, otherwise, "Étiqueter (N)")).text)
    assert whole.target(otherwise) is None


def test_a_place_that_is_no_block_is_neither_taken_away_nor_moved() -> None:
    service = service_of({"a.relance": SCRIPT})
    block = line_of(SCRIPT, "  si ")
    for place in (BlockPlace(block, inside=True), BlockPlace(block, otherwise=True)):
        for verb in (ArrangeVerb.UP, ArrangeVerb.DOWN, ArrangeVerb.MOVE, ArrangeVerb.REMOVE):
            order = ArrangeOrder(verb, place, BlockPlace(block, otherwise=True))
            assert arranged(service, "a.relance", order) == Refusal(
                "Cet endroit n’est pas un bloc."
            )
    taken = arranged(service, "a.relance", ArrangeOrder(ArrangeVerb.REMOVE, BlockPlace(block)))
    assert "  si " not in done(taken).text
    assert [BlockPlace.of(one) for one in ("٣", "³", "3:sinon:sinon", "-3", "12345678")] == [
        None
    ] * 5
