"""The style sheets, which the pages all load at once: what one calls a piece is no word of another's."""

import re

from tests.house.modules import ROOT

SHEETS = ROOT / "server" / "web" / "look" / "css"
#: What every page is made of, and any may say more of.
OF_ALL = {"tokens", "frame", "pieces", "tables"}


def selectors(text: str) -> set[str]:
    """Each selector of a sheet, one by one, without what it is said at."""
    bare = re.sub(r"/\*.*?\*/|@media[^{]*\{", "", text, flags=re.DOTALL)
    return {one.strip() for found in re.findall(r"([^{}]+)\{", bare) for one in found.split(",")}


def test_a_class_that_a_page_lays_out_means_nothing_else_on_another() -> None:
    found = {
        path.stem: selectors(path.read_text(encoding="utf-8")) for path in SHEETS.glob("*.css")
    }
    laid_out = {
        (one, sheet)
        for sheet, said in found.items()
        if sheet not in OF_ALL
        for one in said
        if re.fullmatch(r"\.[\w-]+", one)
    }
    first = {
        (match[0], sheet)
        for sheet, said in found.items()
        for one in said
        if (match := re.match(r"\.[\w-]+", one))
    }
    clashes = {(one, a, b) for one, a in laid_out for other, b in first if one == other and a != b}
    assert not clashes
