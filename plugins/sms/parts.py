"""How a text travels: in the seven-bit alphabet of GSM 03.38 while it can, else in UCS-2.

One « ê » makes a message of 160 characters one of three parts: authors are told which letters
cost them that, and may have them simplified.
"""

from dataclasses import dataclass

from relance.french import unaccented

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Each of these takes two places: an escape, then itself.
_EXTENDED = frozenset("\f^{}\\[~]|€")
_SIMPLER = {
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("–—‑−", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009\t", " "),
    "…": "...",
    "œ": "oe",
    "Œ": "OE",
    "•": "-",
}
#: The places in a message alone and in each part of a longer one.
_GSM, _UCS2 = (160, 153), (70, 67)


@dataclass(frozen=True, slots=True)
class Size:
    """What a text takes. `heavy` are the characters that keep it out of the seven-bit alphabet."""

    parts: int
    places: int
    heavy: tuple[str, ...]

    def said(self) -> str:
        """The size, for the author."""
        parts, places = _counted(self.parts, "partie"), _counted(self.places, "caractère")
        if not self.heavy:
            return f"{places}, {parts}"
        return f"{places}, {parts} de 67 à cause de : {' '.join(self.heavy[:12])}"


def _counted(number: int, name: str) -> str:
    return f"{number} {name}s" if number > 1 else f"{number} {name}"


def size_of(text: str) -> Size:
    """The parts and the places that `text` takes."""
    heavy = tuple(dict.fromkeys(one for one in text if one not in _BASIC | _EXTENDED))
    if heavy:
        # UCS-2 counts an emoji as two, and splits no pair between two parts.
        widths = [2 if ord(one) > 0xFFFF else 1 for one in text]
        return Size(_count(widths, *_UCS2), sum(widths), heavy)
    widths = [2 if one in _EXTENDED else 1 for one in text]
    return Size(_count(widths, *_GSM), sum(widths), ())


def _count(widths: list[int], alone: int, each: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, room = 1, each
    for width in widths:
        if width > room:
            parts, room = parts + 1, each
        room -= width
    return parts


def simplified(text: str) -> str:
    """`text` with what the seven-bit alphabet lacks written plainly: ê as e, ’ as '."""
    return "".join(_simple(one) for one in text)


def _simple(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    plain = _SIMPLER.get(character) or unaccented(character)
    return plain if all(one in _BASIC or one in _EXTENDED for one in plain) else character
