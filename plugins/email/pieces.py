"""The Liquid of a text, taken out while its markup is worked on, and put back.

What is taken out leaves a word that no markup changes: `zqv3vqz` for a value, `t` for a tag, `l` for
a link, `i` for an image, `c` for what is said to Outlook alone (`conditional`).
"""

import re

_LIQUID = re.compile(
    r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL
)
#: A word that stands for something.
WORD = re.compile(r"zq([vtlci])(\d+)\1qz")


class Pieces:
    """The Liquid of a text, taken out and put back."""

    def __init__(self) -> None:
        self._kept: list[str] = []

    def hide(self, text: str) -> str:
        """`text` with a word in place of each piece of Liquid."""
        return _LIQUID.sub(self._keep, WORD.sub("", text))

    def _keep(self, found: re.Match[str]) -> str:
        piece = found.group()
        kind = "v" if piece.startswith("{{") else "t"
        self._kept.append(piece)
        return f"zq{kind}{len(self._kept) - 1}{kind}qz"

    def show(self, text: str) -> str:
        """`text` with its Liquid back, and `{{ lien_n }}` for its links."""
        return WORD.sub(self._piece, text)

    def _piece(self, found: re.Match[str]) -> str:
        if found[1] == "l":
            return "{{ lien_" + found[2] + " }}"
        if found[1] == "i":
            return "{{ image_" + found[2] + " }}"
        return self._kept[int(found[2])]
