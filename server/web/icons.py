"""The icons of the interface: our own drawings, a stroke each, written into the page.

None stands alone: words beside it, or its button’s name, say the same.
"""

from collections.abc import Mapping

from markupsafe import Markup

#: Each path, in a square of 20.
PATHS: Mapping[str, str] = {
    "warning": "M10 3L18 17H2zM10 8v4M10 14.5h.01",
    "archive": "M3 4h14v4H3zM4.500 8v8.500h11V8M8 11.500h4",
    "board": "M3 3h6v8H3zM11 3h6v5h-6zM11 11h6v6h-6zM3 14h6v3H3z",
    "campaign": "M4 3v14M4 4h9l-2 3.5L13 11H4",
    "chart": "M3 17V3M3 17h14M7 14V9M11 14V5M15 14v-3",
    "check": "M4 10.5l4 4 8-9",
    "clock": "M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM10 6v4l3 2",
    "copy": "M7 7h10v10H7zM13 7V3H3v10h4",
    "cross": "M5 5l10 10M15 5L5 15",
    "door": "M11 3h5v14h-5M3 10h9M9 6.500L12.500 10 9 13.500",
    "download": "M10 3v9M6.500 8.500L10 12l3.500-3.500M3 13v4h14v-4",
    "down": "M10 4v12M5 11l5 5 5-5",
    "draw": "M3 10h4l3-5h7M10 15h7M7 10l3 5M14.500 2.500L17 5l-2.500 2.500M14.500 12.500L17 15l-2.500 2.500",
    "file": "M5 2.500h10v15H5zM8 6h4M8 9h4M8 12h2",
    "fork": "M10 3v5M10 8L5 12v5M10 8l5 4v5",
    "form": "M4 2.500h12v15H4zM7 6.500h6M7 10h6M7 13.500h3",
    "grip": "M7 5h.01M7 10h.01M7 15h.01M13 5h.01M13 10h.01M13 15h.01",
    "hourglass": "M5 3h10M5 17h10M6 3c0 4 4 5 4 7s-4 3-4 7M14 3c0 4-4 5-4 7s4 3 4 7",
    "key": "M12.500 11a4 4 0 10-3.800-2.800L3 14v3h3v-2h2v-2h1.500l1.500-1.500M13 6.500h.01",
    "leads": "M7 9a3 3 0 100-6 3 3 0 000 6zM2 17c0-3 2-5 5-5s5 2 5 5M13 3.500a3 3 0 010 5.500M15 12.500c2 .6 3 2.300 3 4.500",
    "list": "M7 5h10M7 10h10M7 15h10M3 5h.01M3 10h.01M3 15h.01",
    "loop": "M4 9a6 6 0 0110.500-3.500L16 7M16 3v4h-4M16 11a6 6 0 01-10.500 3.500L4 13M4 17v-4h4",
    "message": "M2.500 4.500h15v11h-15zM3 5l7 6 7-6",
    "more": "M4 10h.01M10 10h.01M16 10h.01",
    "next": "M4 10h12M11 5l5 5-5 5",
    "pause": "M7 4v12M13 4v12",
    "pencil": "M13 3.500l3.500 3.500L7 16.500l-4 .5.500-4z",
    "person": "M10 9.500a3 3 0 100-6 3 3 0 000 6zM4 17c0-3.500 2.500-5.500 6-5.500s6 2 6 5.500",
    "phone": "M6 2.500h8v15H6zM9 15h2",
    "place": "M10 17.500s5.500-5 5.500-9a5.500 5.500 0 00-11 0c0 4 5.500 9 5.500 9zM10 10.500a2 2 0 100-4 2 2 0 000 4z",
    "play": "M6 4l10 6-10 6z",
    "plus": "M10 4v12M4 10h12",
    "search": "M9 15A6 6 0 109 3a6 6 0 000 12zM13.500 13.500L17.500 17.500",
    "server": "M3 4h14v5H3zM3 11h14v5H3zM6 6.500h.01M6 13.500h.01",
    "settings": "M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4",
    "star": "M10 3l2.200 4.600 5 .6-3.700 3.400 1 5L10 14.200 5.500 16.600l1-5L2.800 8.200l5-.6z",
    "tag": "M3 3h7l7 7-7 7-7-7zM6.500 6.500h.01",
    "undo": "M8 5L4 9l4 4M4 9h8a4 4 0 010 8H9",
    "up": "M10 16V4M5 9l5-5 5 5",
    "unknown": "M7 7.500A3 3 0 1110 10.500v2M10 15.500h.01",
}


def icon(name: str) -> Markup:
    """The drawing of that name; no reader of screens says it."""
    path = PATHS[name]
    return Markup(  # noqa: S704 — ours, whole
        f'<svg class="i" aria-hidden="true" viewBox="0 0 20 20"><path d="{path}"/></svg>'
    )
