"""A message's body made ready once: Markdown to safe HTML and to text, links taken out.

What is costly (Markdown, sanitising, the text part) is done on the template; for each lead only
Liquid runs. To that end the Liquid pieces are replaced by opaque words first, and put back last.
Sanitising the template is enough, since values are escaped where they are put and may stand
neither in a style nor in front of an address.
"""

import html
import re
from dataclasses import dataclass

import html2text
import nh3
from markdown_it import MarkdownIt

from plugins.email import stylesheets
from plugins.email.allowed import ATTRIBUTES, SCHEMES, STYLES, TAGS
from plugins.email.conditional import Conditionals
from plugins.email.dressing import LOOKS, BodyLink, Dresser
from plugins.email.pieces import Pieces

_UNSUBSCRIBE = re.compile(r"\blien_d[ée]sabonnement\b")

_ALONE = re.compile(r"<p>\s*(<a href=[^<>]*>[^<>]+</a>)\s*</p>")
#: A mail that begins so is a whole page.
_PAGE = re.compile(r"\s*(?:zqc\d+cqz\s*)*<(?:!doctype|html)\b", re.IGNORECASE)
#: An element that says its own colours: a word, or an address, may hold the same letters.
_COLOURED = re.compile(r'<[^<>]*\s(?:bgcolor=|style="[^"<>]*(?:color|background))', re.IGNORECASE)
_LONG_BLANK = re.compile(r"\s{40,}")


@dataclass(frozen=True, slots=True)
class Body:
    """HTML and text in Liquid, `{{ lien_0 }}`… standing for the links."""

    html: str
    text: str
    links: tuple[BodyLink, ...]
    unsubscribes: bool
    #: The project's own images, as they are written: `{{ image_0 }}`… stand for them.
    images: tuple[str, ...] = ()
    #: The rules that depend on the screen.
    screens: str = ""
    #: Whether it is a whole page, which our frame is not put around; its head, and its own style.
    page: bool = False
    head: str = ""
    ground: str = ""
    #: Whether our own colours for the dark suit it: it has none of its own, or says how it looks.
    plain: bool = False
    dark: bool = False


def prepare(source: str) -> Body:
    """The body of a template; Forbidden if it cannot be made safe."""
    pieces, conditionals = Pieces(), Conditionals()
    hidden = conditionals.hide(pieces.hide(source))
    raw = hidden if hidden.lstrip().startswith("<") else _markdown(_apart(hidden))
    page = bool(_PAGE.match(hidden))
    styled = stylesheets.styled(_commented(raw), page=page)
    safe = _sanitise(styled.html)
    dressed = Dresser(pieces.show, conditionals, styled.classes, {} if page else LOOKS)
    dressed.feed(styled.head)
    head = "".join(dressed.out)
    dressed.out.clear()
    dressed.feed(_ALONE.sub(r'<p class="bouton">\1</p>', safe))
    dressed.close()
    written = "".join(dressed.out)
    return Body(
        html=pieces.show(_uncommented(dressed.spoken(written))),
        text=pieces.show(_text(written)),
        links=tuple(dressed.links),
        images=tuple(dressed.images),
        unsubscribes=bool(_UNSUBSCRIBE.search(source)),
        screens=styled.screens,
        ground=styled.ground,
        page=page,
        head=pieces.show(dressed.spoken(head)),
        plain=not (_COLOURED.search(safe) or styled.coloured),
        dark=styled.dark,
    )


def plain(source: str) -> str:
    """A line of Liquid as HTML: what is not Liquid is escaped."""
    pieces = Pieces()
    return pieces.show(html.escape(pieces.hide(source)))


_markdown_reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def _apart(text: str) -> str:
    """Liquid tags alone on their line as paragraphs of their own, so that elements nest in them."""
    return re.sub(r"^[ \t]*((?:zq[tc]\d+[tc]qz[ \t]*)+)$", r"\n\1\n", text, flags=re.MULTILINE)


def _markdown(text: str) -> str:
    return str(_markdown_reader.render(text))


def _commented(raw: str) -> str:
    """Liquid tags as comments, which may stand anywhere, even between the rows of a table."""
    parts = re.split(r"(<[^<>]*>)", _without_comments(raw))
    commented = "".join(
        part if at % 2 else re.sub(r"(zq[tc]\d+[tc]qz)", r"<!--\1-->", part)
        for at, part in enumerate(parts)
    )
    return re.sub(r"<p>\s*((?:<!--zq[tc]\d+[tc]qz-->\s*)+)</p>", r"\1", commented)


def _sanitise(commented: str) -> str:
    """Safe HTML, its comments kept."""
    return nh3.clean(
        commented,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags={"script", "style", "title", "iframe", "object", "svg", "math"},
        filter_style_properties=STYLES,
        url_schemes=SCHEMES,
        strip_comments=False,
        link_rel=None,
    )


def _without_comments(raw: str) -> str:
    """The HTML without its comments; one that does not end is left to the sanitiser."""
    kept, at = [], 0
    while (start := raw.find("<!--", at)) >= 0 and (end := raw.find("-->", start + 4)) >= 0:
        kept.append(raw[at:start])
        at = end + 3
    return "".join([*kept, raw[at:]])


def _uncommented(text: str) -> str:
    return re.sub(r"<!--(zqt\d+tqz)-->", r"\1", text)


def _text(dressed: str) -> str:
    """The text part, made from the HTML: links as « Lire le guide : https://… »."""
    writer = html2text.HTML2Text(bodywidth=0)
    writer.ignore_emphasis = True
    writer.ignore_tables = True
    writer.images_to_alt = True
    writer.unicode_snob = True
    writer.ul_item_mark = "-"
    # It looks through each run of blanks as many times as the run is long.
    written = writer.handle(_LONG_BLANK.sub("\n\n", _uncommented(dressed)))
    # Backslashes are Markdown's; this part is read as it is.
    bare = re.sub(r"\\([\\`*_{}\[\]()#+.!>~|-])", r"\1", written)
    linked = re.sub(r"\[([^\[\]]*)\]\(<?(zql\d+lqz)>?(?: \"[^\"]*\")?\)", _named, bare)
    titled = re.sub(r"^#+ ", "", linked, flags=re.MULTILINE)
    tight = re.sub(r"^[ \t]*((?:zqt\d+tqz[ \t]*)+)\n+", r"\1", titled, flags=re.MULTILINE)
    return re.sub(r"[ \t]+$", "", tight, flags=re.MULTILINE).strip() + "\n"


def _named(found: re.Match[str]) -> str:
    name = found[1].strip()
    return f"{name} : {found[2]}" if name and "://" not in name else found[2]
