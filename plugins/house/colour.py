"""A colour and what is read on it or in it: the contrast that WCAG 2.2 asks of a text (1.4.3).

Formulas: relative luminance and contrast ratio, as that recommendation defines them.
"""

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"#([0-9a-fA-F]{6})")
#: What a text must have against what it stands on.
_ENOUGH = 4.5


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue, 0 to 255."""

    red: int
    green: int
    blue: int

    @classmethod
    def read(cls, written: str) -> "Colour | None":
        """« #0b5cad »; None for anything else."""
        found = _WRITTEN.fullmatch(written)
        return cls(*bytes.fromhex(found[1])) if found else None

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """From 0, black, to 1, white."""
        red, green, blue = map(_linear, (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, other: "Colour") -> float:
        """From 1, none, to 21."""
        light, dark = sorted((self.luminance, other.luminance), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    def text(self) -> "Colour":
        """The colour of what is written on it: white, or black where white would not be read."""
        return WHITE if self.contrast(WHITE) >= _ENOUGH else BLACK

    def legible_on(self, ground: "Colour") -> "Colour":
        """The nearest colour that can be read on that ground: darker, or lighter on a dark one."""
        end = BLACK if ground.luminance > 0.18 else WHITE
        mixed = (self._towards(end, step / 20) for step in range(21))
        return next(one for one in mixed if one.contrast(ground) >= _ENOUGH)

    def _towards(self, other: "Colour", part: float) -> "Colour":
        mine, its = (self.red, self.green, self.blue), (other.red, other.green, other.blue)
        return Colour(*(round(a + (b - a) * part) for a, b in zip(mine, its, strict=True)))


WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
