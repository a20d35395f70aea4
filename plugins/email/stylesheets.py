"""The stylesheets of a mail written in HTML: rules go to their elements, screens keep their own.

Gmail reads no stylesheet in what it forwards and Outlook few: rules are written on the elements
they speak of. What depends on the screen (« @media »: phones, dark mode) can only stay a rule.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import css_inline
import tinycss2

from plugins.email.allowed import STYLES

#: A stylesheet, and what it says.
SHEET = re.compile(r"<style\b[^<>]{0,500}>(.{0,200000}?)</style\s{0,9}>", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"<!--zqc\d+cqz-->")
_BODY = re.compile(r"(?P<head>.*)<body(?P<attributes>[^<>]*)>(?P<inside>.*)</body>", re.DOTALL)
_ITS_STYLE = re.compile(r'\bstyle="([^"<>]*)"')
_CLASS = re.compile(r"\.([A-Za-z_][\w-]{0,60})")
#: What a selector is written with: no sign of markup, no string.
_SELECTOR = re.compile(r"[\w\s.#*:,>+~()=\[\]-]{1,500}")
_DARK = re.compile(r"prefers-color-scheme\s*:\s*dark")
#: What no value holds: an address elsewhere, an expression, an escape.
_FORBIDDEN = re.compile(r"url|expression|javascript|[\\<>@{}]", re.IGNORECASE)
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class Styled:
    """HTML whose rules are on its elements, and what stays a stylesheet.

    `screens`: the rules that depend on the screen; `ground`: the style of the page itself; `head`:
    the comments that stood in the head of a page.
    """

    html: str
    head: str = ""
    screens: str = ""
    ground: str = ""

    @property
    def dark(self) -> bool:
        """Whether it says how it looks in the dark."""
        return bool(_DARK.search(self.screens))

    @property
    def coloured(self) -> bool:
        """Whether its rules say colours."""
        return "color" in self.screens or "background" in self.screens

    @property
    def classes(self) -> frozenset[str]:
        """The classes that its rules speak of."""
        return classes_of(self.screens)


def styled(html: str, *, page: bool) -> Styled:
    """That HTML, its stylesheets read; what they may not hold is dropped."""
    sheets = SHEET.findall(html)
    found = _BODY.search(_inliner.inline(html)) if sheets or page else None
    if found is None:
        return Styled(html)
    own = _ITS_STYLE.search(found["attributes"])
    return Styled(
        found["inside"],
        "".join(_COMMENT.findall(found["head"])) if page else "",
        screens("\n".join(sheets)),
        _declarations(tinycss2.parse_blocks_contents(own[1])) if own else "",
    )


def classes_of(css: str) -> frozenset[str]:
    """The classes that the rules of a stylesheet speak of."""
    return frozenset(_CLASS.findall(css))


def screens(css: str) -> str:
    """Of a stylesheet, the rules that depend on the screen, of what is allowed alone."""
    return "".join(_media(tinycss2.parse_stylesheet(css, skip_comments=True)))


def rules(css: str) -> str:
    """A stylesheet, of what is allowed alone."""
    return "".join(_rules(tinycss2.parse_stylesheet(css, skip_comments=True)))


def lost(css: str) -> Iterator[str]:
    """What of a stylesheet is not kept: its at-rules but « @media », its unknown properties."""
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule" and rule.lower_at_keyword == "media" and rule.content:
            inside = tinycss2.parse_rule_list(rule.content, skip_whitespace=True)
            yield from (name for one in inside for name in _lost_of(one))
        elif rule.type == "at-rule":
            yield f"@{rule.lower_at_keyword}"
        else:
            yield from _lost_of(rule)


def _lost_of(rule: Any) -> Iterator[str]:
    if rule.type != "qualified-rule":
        return
    for one in tinycss2.parse_blocks_contents(rule.content):
        if one.type == "declaration" and not _kept(one):
            yield one.lower_name


def _media(parsed: Iterable[Any]) -> Iterator[str]:
    for rule in parsed:
        if rule.type != "at-rule" or rule.lower_at_keyword != "media" or rule.content is None:
            continue
        asked = tinycss2.serialize(rule.prelude).strip()
        inside = "".join(_rules(tinycss2.parse_rule_list(rule.content, skip_comments=True)))
        if inside and _SELECTOR.fullmatch(asked):
            yield f"@media {asked}{{{inside}}}\n"


def _rules(parsed: Iterable[Any]) -> Iterator[str]:
    for rule in parsed:
        if rule.type != "qualified-rule":
            continue
        selector = " ".join(tinycss2.serialize(rule.prelude).split())
        said = _declarations(tinycss2.parse_blocks_contents(rule.content))
        if said and _SELECTOR.fullmatch(selector):
            yield f"{selector}{{{said}}}"


def _declarations(parsed: Iterable[Any]) -> str:
    kept = [one for one in parsed if one.type == "declaration" and _kept(one)]
    return ";".join(
        f"{one.lower_name}:{_value(one)}{'!important' if one.important else ''}" for one in kept
    )


def _kept(declaration: Any) -> bool:
    known = declaration.lower_name in STYLES or declaration.lower_name.startswith("mso-")
    return known and not _FORBIDDEN.search(_value(declaration))


def _value(declaration: Any) -> str:
    return tinycss2.serialize(declaration.value).strip()
