"""The look of a message's elements, its links and images taken out: safe HTML in, HTML to fill in out."""

import html
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from plugins.email.allowed import VOID
from plugins.email.conditional import Conditionals, word_name
from plugins.email.pieces import WORD

#: In the colours of the house, which the frame names.
LOOKS = {
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
#: An image that is no file of the project.
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|zqv)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BodyLink:
    """A link of a message. `target` is Liquid; `tracked` only tells that it may be."""

    name: str
    target: str
    tracked: bool


class Forbidden(ValueError):
    """The body does something a message may not; the message is French."""


class Dresser(HTMLParser):
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
        """An element begins: its look, its link, its image."""
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
        """It ends: its link has its name."""
        if tag in VOID:
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
        """Words, of a link if one is open."""
        if self._open is not None:
            self._open[3].append(data)
        self.out.append(data if self._sheet else html.escape(data, quote=False))

    def handle_comment(self, data: str) -> None:
        """A tag of Liquid, or what Outlook alone reads."""
        self.out.append(f"<!--{data}-->")
        parts = self._conditionals.parts(data)
        if parts is not None:
            opening, inside, closing = parts
            self._spoken[data] = f"{opening}{self._said_apart(inside)}{closing}"

    def _said_apart(self, inside: str) -> str:
        """What Outlook alone reads, its links among those of the message."""
        apart = Dresser(self._show, self._conditionals, self._classes, {})
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
        if WORD.search(given.get("style", "")):
            raise Forbidden("un attribut « style » ne peut pas contenir de valeur « {{ … }} »")
        source = given.get("src", "")
        if WORD.search(source) and not re.match(r"https?://[^/?#]+/", WORD.sub("/", source)):
            raise Forbidden(
                "l’adresse d’une image doit commencer par un site écrit en toutes lettres"
            )
        if WORD.search(source) and WORD.search(source.split("/")[2]):
            raise Forbidden(
                "l’adresse d’une image doit commencer par un site écrit en toutes lettres"
            )


def _trackable(target: str) -> bool:
    return target.lower().startswith(("http://", "https://", "zq"))
