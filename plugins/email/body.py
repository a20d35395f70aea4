"""A message's body made ready once: Markdown to safe HTML and to text, links taken out.

What is costly (Markdown, sanitising, the text part) is done on the template; for each lead only
Liquid runs. To that end the Liquid pieces are replaced by opaque words first, and put back last.
Sanitising the template is enough, since values are escaped where they are put and may stand
neither in a style nor in front of an address.
"""

import html
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import html2text
import nh3
from markdown_it import MarkdownIt

from plugins.email import stylesheets
from plugins.email.allowed import ATTRIBUTES, SCHEMES, STYLES, TAGS
from plugins.email.conditional import Conditionals, word_name

_LIQUID = re.compile(
    r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL
)
_WORD = re.compile(r"zq([vtlci])(\d+)\1qz")
_UNSUBSCRIBE = re.compile(r"\blien_d[ée]sabonnement\b")

#: In the colours of the house, which the frame names.
_LOOKS = {
    "a": "color:{{ _liens }};text-decoration:underline",
    "blockquote": "margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid #d5d9de;color:#4a5562",
    "h1": "margin:0 0 16px;font-size:26px;line-height:1.25",
    "h2": "margin:24px 0 12px;font-size:21px;line-height:1.3",
    "h3": "margin:20px 0 8px;font-size:18px;line-height:1.35",
    "hr": "border:0;border-top:1px solid #d5d9de;margin:24px 0",
    "img": "max-width:100%;height:auto;border:0",
    "ol": "margin:0 0 16px;padding-left:24px",
    "p": "margin:0 0 16px",
    "ul": "margin:0 0 16px;padding-left:24px",
}
_BUTTON = (
    "display:inline-block;padding:12px 22px;border-radius:6px;background-color:{{ _couleur }};"
    "color:{{ _sur_couleur }};font-weight:bold;text-decoration:none;mso-padding-alt:0"
)
#: Outlook leaves out the space around an inline link: the cell it stands in holds it there.
_BUTTON_CELL = (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0" '
    'style="margin:0 0 16px"><tr><td bgcolor="{{ _couleur }}" '
    'style="border-radius:6px;mso-padding-alt:12px 22px">'
)
_ALONE = re.compile(r"<p>\s*(<a href=[^<>]*>[^<>]+</a>)\s*</p>")
#: An image that is no file of the project.
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|zqv)", re.IGNORECASE)
#: A mail that begins so is a whole page.
_PAGE = re.compile(r"\s*(?:zqc\d+cqz\s*)*<(?:!doctype|html)\b", re.IGNORECASE)
_COLOURS = re.compile(r"color|bgcolor|background", re.IGNORECASE)
_LONG_BLANK = re.compile(r"\s{40,}")
_VOID = {"br", "col", "hr", "img"}


@dataclass(frozen=True, slots=True)
class BodyLink:
    """A link of a message. `target` is Liquid; `tracked` only tells that it may be."""

    name: str
    target: str
    tracked: bool


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


class Forbidden(ValueError):
    """The body does something a message may not; the message is French."""


class _Pieces:
    """The Liquid of a text, taken out and put back."""

    def __init__(self) -> None:
        self._kept: list[str] = []

    def hide(self, text: str) -> str:
        """`text` with a word in place of each piece of Liquid."""
        return _LIQUID.sub(self._keep, _WORD.sub("", text))

    def _keep(self, found: re.Match[str]) -> str:
        piece = found.group()
        kind = "v" if piece.startswith("{{") else "t"
        self._kept.append(piece)
        return f"zq{kind}{len(self._kept) - 1}{kind}qz"

    def show(self, text: str) -> str:
        """`text` with its Liquid back, and `{{ lien_n }}` for its links."""
        return _WORD.sub(self._piece, text)

    def _piece(self, found: re.Match[str]) -> str:
        if found[1] == "l":
            return "{{ lien_" + found[2] + " }}"
        if found[1] == "i":
            return "{{ image_" + found[2] + " }}"
        return self._kept[int(found[2])]


def prepare(source: str) -> Body:
    """The body of a template; Forbidden if it cannot be made safe."""
    pieces, conditionals = _Pieces(), Conditionals()
    hidden = conditionals.hide(pieces.hide(source))
    raw = hidden if hidden.lstrip().startswith("<") else _markdown(_apart(hidden))
    page = bool(_PAGE.match(hidden))
    styled = stylesheets.styled(_commented(raw), page=page)
    safe = _sanitise(styled.html)
    dressed = _Dresser(pieces.show, conditionals, styled.classes, {} if page else _LOOKS)
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
        plain=_COLOURS.search(raw) is None,
        dark=styled.dark,
    )


def plain(source: str) -> str:
    """A line of Liquid as HTML: what is not Liquid is escaped."""
    pieces = _Pieces()
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


class _Dresser(HTMLParser):
    """Takes the links out, gives each element a decent look, refuses Liquid where it may not be.

    `classes`: those that rules speak of, the others say nothing any more. `looks`: of elements that
    say none, and of buttons; none where somebody drew everything.
    """

    def __init__(
        self,
        show: Callable[[str], str],
        conditionals: Conditionals,
        classes: Collection[str],
        looks: Mapping[str, str],
    ) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.links: list[BodyLink] = []
        self.images: list[str] = []
        self._show, self._conditionals, self._classes = show, conditionals, classes
        self._looks = looks
        self._in_button = False
        self._sheet = False
        self._open: tuple[str, int, str, list[str]] | None = None
        self._spoken: dict[str, str] = {}

    def spoken(self, written: str) -> str:
        """What was written, with what Outlook alone reads in its place."""
        return re.sub(r"<!--(zqc\d+cqz)-->", lambda found: self._spoken.get(found[1], ""), written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: content or "" for name, content in attrs}
        classes = given.pop("class", "").split()
        self._refuse(given)
        if classes == ["bouton"] and tag == "p" and self._looks:
            self._in_button = True
            self.out.append(_BUTTON_CELL)
            return
        if "href" in given and self._open is None:
            given["href"] = self._link(tag, given["href"], given.get("title", ""))
        elif tag == "img" and self._open is not None:
            self._open[3].append(given.get("alt", ""))
        if tag == "img" and (own := given.get("src", "")) and not _ELSEWHERE.match(own):
            given["src"] = self._image(own)
        look = _BUTTON if self._in_button and tag == "a" else self._looks.get(tag, "")
        style = ";".join(part for part in (look, given.get("style", "")) if part)
        if style:
            given["style"] = style
        if kept := [one for one in classes if one in self._classes]:
            given["class"] = " ".join(kept)
        written = "".join(f' {name}="{html.escape(text)}"' for name, text in given.items())
        self._sheet = tag == "style"
        self.out.append(f"<{word_name(tag)}{written}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self._sheet = False
        if self._open is not None and tag == self._open[0]:
            self._close_link()
        if tag == "p" and self._in_button:
            self._in_button = False
            self.out.append("</td></tr></table>")
        else:
            self.out.append(f"</{word_name(tag)}>")

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[3].append(data)
        self.out.append(data if self._sheet else html.escape(data, quote=False))

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")
        parts = self._conditionals.parts(data)
        if parts is not None:
            opening, inside, closing = parts
            self._spoken[data] = f"{opening}{self._said_apart(inside)}{closing}"

    def _said_apart(self, inside: str) -> str:
        """What Outlook alone reads, its links among those of the message."""
        apart = _Dresser(self._show, self._conditionals, self._classes, {})
        apart.links, apart.images = self.links, self.images
        apart.feed(inside)
        apart.close()
        apart._close_link()
        return "".join(apart.out)

    def _image(self, written: str) -> str:
        if written not in self.images:
            self.images.append(written)
        return f"zqi{self.images.index(written)}iqz"

    def _link(self, tag: str, target: str, title: str) -> str:
        number = len(self.links)
        self.links.append(BodyLink("", target, tracked=_trackable(target)))
        self._open = (tag, number, title, [])
        return f"zql{number}lqz"

    def _close_link(self) -> None:
        if self._open is not None:
            _, number, title, texts = self._open
            link = self.links[number]
            name = " ".join((title or "".join(texts) or link.target).split())
            self.links[number] = replace(
                link, name=self._show(name), target=self._show(link.target)
            )
            self._open = None

    def _refuse(self, given: dict[str, str]) -> None:
        if _WORD.search(given.get("style", "")):
            raise Forbidden("un attribut « style » ne peut pas contenir de valeur « {{ … }} »")
        source = given.get("src", "")
        if _WORD.search(source) and not re.match(r"https?://[^/?#]+/", _WORD.sub("/", source)):
            raise Forbidden(
                "l’adresse d’une image doit commencer par un site écrit en toutes lettres"
            )
        if _WORD.search(source) and _WORD.search(source.split("/")[2]):
            raise Forbidden(
                "l’adresse d’une image doit commencer par un site écrit en toutes lettres"
            )


def _trackable(target: str) -> bool:
    return target.lower().startswith(("http://", "https://", "zq"))


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
