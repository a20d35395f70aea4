"""A page as other screens show it: in the light, in the dark, or darkened by a reader that asks nobody.

The sandboxed frame it stands in runs nothing; what it may load is said by the policy of its answer.
"""

import re
from enum import StrEnum
from html import escape

_DARK_RULE = re.compile(
    r"@media\s*\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE
)
#: What some readers do to a page without being asked: every colour turned, the pictures turned back.
_FORCED = (
    "<style>html{background:#fff!important;filter:invert(1) hue-rotate(180deg)!important}"
    "img{filter:invert(1) hue-rotate(180deg)!important}</style>"
)
_PLAIN = (
    '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title><style>'
    "body{{margin:0;padding:20px;font:16px/1.55 system-ui,sans-serif;white-space:pre-wrap;"
    "overflow-wrap:anywhere;{colours}}}</style></head><body>{text}</body></html>"
)


class Shade(StrEnum):
    """What the screen of a reader does, as its button says it."""

    LIGHT = "clair"
    DARK = "sombre"
    FORCED = "force"


def shaded(html: str, shade: Shade) -> str:
    """The page as it is under that shade."""
    chosen = "dark" if shade is Shade.DARK else "light"
    seen = _DARK_RULE.sub(
        lambda found: "@media all" if found[1].lower() == chosen else "@media not all", html
    )
    return f"{seen}{_FORCED}" if shade is Shade.FORCED else seen


def plain_page(text: str, shade: Shade) -> str:
    """A page of a message that is only a text."""
    dark = shade is not Shade.LIGHT
    colours = "background:#1d232b;color:#e7eaee" if dark else "background:#fff;color:#1c2733"
    return _PLAIN.format(title="Texte du message", colours=colours, text=escape(text))
