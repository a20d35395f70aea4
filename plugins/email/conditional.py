"""What a mail says to Outlook alone: « <!--[if mso]> … <![endif]--> », cleaned like the rest.

Outlook on Windows draws with Word: tables, buttons and sizes it would get wrong are told to it
apart, in pieces that need not balance (a table opened in one comment is closed in the next).
Others see comments.
"""

import html
import re
from html.parser import HTMLParser

from plugins.email import stylesheets
from plugins.email.allowed import ATTRIBUTES, SCHEMES, STYLES, TAGS, VOID

_CONDITION = r"\[if\s{1,3}([\w !&|()]{1,60})\]"
#: A conditional comment.
ANY = re.compile(
    rf"<!--{_CONDITION}>\s{{0,9}}(?:<!-->|-->)"  # what follows is for others too
    r"|(<!--\s{0,9}<!\[endif\]-->)"
    rf"|<!--{_CONDITION}>((?:(?!<!\[endif\]).){{0,20000}})<!\[endif\]-->",
    re.DOTALL | re.IGNORECASE,
)
_WORD = re.compile(r"zqc(\d+)cqz")

#: Word's own elements, as it writes them: drawings, and what it is to do.
_WORDS_OWN = (
    *("v:roundrect", "v:rect", "v:fill", "v:textbox", "v:image", "v:stroke", "v:shape"),
    *("w:anchorlock", "o:p", "o:OfficeDocumentSettings", "o:AllowPNG", "o:PixelsPerInch"),
    *("xml", "noscript", "center"),
)
_DRAWING = frozenset(
    {
        *("arcsize", "coordsize", "fill", "fillcolor", "href", "inset", "src", "stroke"),
        *("strokecolor", "strokeweight", "style", "type", "color", "xmlns:v", "xmlns:o", "xmlns:w"),
        *("width", "height", "stroked", "filled", "size", "sizes", "aspect"),
    }
)
_OWN = {name.lower(): name for name in _WORDS_OWN}


class Conditionals:
    """Those of a mail, taken out and put back."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, str, str]] = []

    def hide(self, text: str) -> str:
        """`text` with a word in place of each."""
        return ANY.sub(self._keep, text)

    def _keep(self, found: re.Match[str]) -> str:
        opened, closing, condition, inside = found.groups()
        if closing:
            self._kept.append(("<!--<![endif]-->", "", ""))
        elif opened:
            self._kept.append((f"<!--[if {opened}]><!-->", "", ""))
        else:
            self._kept.append((f"<!--[if {condition}]>", cleaned(inside), "<![endif]-->"))
        return f"zqc{len(self._kept) - 1}cqz"

    def parts(self, word: str) -> tuple[str, str, str] | None:
        """What opens it, what it holds and what closes it; None if that word is not one."""
        found = _WORD.fullmatch(word)
        return self._kept[int(found[1])] if found else None


def word_name(tag: str) -> str:
    """The name of an element, as Word writes its own."""
    return _OWN.get(tag, tag)


def cleaned(inside: str) -> str:
    """What is allowed of a comment's HTML, its elements left open or closed as they are."""
    cleaner = _Cleaner()
    cleaner.feed(inside)
    cleaner.close()
    return "".join(cleaner.out)


class _Cleaner(HTMLParser):
    """Keeps the elements and the attributes allowed; what a stylesheet may hold is looked at too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._sheet = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "style":
            self._sheet = True
            self.out.append("<style>")
        elif tag in TAGS or tag in _OWN:
            kept = ((name, value or "") for name, value in attrs if _may(tag, name, value or ""))
            written = "".join(
                f' {name}="{html.escape(_styles(value) if name == "style" else value)}"'
                for name, value in kept
            )
            self.out.append(f"<{word_name(tag)}{written}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style" and self._sheet:
            self._sheet = False
            self.out.append("</style>")
        elif (tag in TAGS or tag in _OWN) and tag not in VOID:
            self.out.append(f"</{word_name(tag)}>")

    def handle_data(self, data: str) -> None:
        if self._sheet:
            self.out.append(stylesheets.rules(data))
        elif self.cdata_elem is None:  # nothing of a script
            self.out.append(html.escape(data, quote=False))


def _may(tag: str, name: str, value: str) -> bool:
    allowed = _DRAWING if tag in _OWN else ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {"class"}
    if name not in allowed:
        return False
    scheme = value.partition(":")[0].strip().lower() if ":" in value else ""
    return name not in {"href", "src"} or scheme in SCHEMES or value.startswith("zqv")


def _styles(style: str) -> str:
    """The properties allowed, Word's own among them."""
    parts = (part.strip() for part in style.split(";"))
    named = ((part.partition(":")[0].strip().lower(), part) for part in parts if part)
    return ";".join(
        part
        for name, part in named
        if (name in STYLES or name.startswith(("mso-", "v-")))
        and not re.search(r"url|expression|[<>\\@{}]", part, re.IGNORECASE)
    )
