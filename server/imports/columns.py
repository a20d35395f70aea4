"""A column of a file, each text that stands in it read once.

First names, towns and days come back by thousands: what a text says is kept for those to come.
"""

from collections.abc import Sequence
from typing import Any

from relance.safe_cells import plain
from server.imports.cells import Read, Unfit

#: How much is kept from one part of a file to the next: the signs of each text, and what it takes besides.
_KEPT, _EACH = 2_000_000, 50


class ImportedColumn:
    """How the cells of a column are read; `field`: the one they fill, as faults name it."""

    def __init__(self, read: Read, field: str = "") -> None:
        self._read = read
        self._where = f"champ « {field} » : " if field else ""
        self._known: dict[str, Any] = {}
        self._unfit: dict[str, str] = {}
        self._kept = 0

    def values(self, cells: Sequence[str], faults: dict[int, str]) -> Sequence[Any]:
        """What these cells say, None for an empty one; `faults` learns, by place, why one is refused.

        Of a place that has a fault already, it stays.
        """
        for text in set(cells).difference(self._known):
            self._known[text] = self._value(text)
            self._kept += len(text) + _EACH
        if self._unfit:
            for place, text in enumerate(cells):
                if (why := self._unfit.get(text)) is not None:
                    faults.setdefault(place, why)
        values = list(map(self._known.__getitem__, cells))
        if self._kept > _KEPT:
            self._known.clear()
            self._unfit.clear()
            self._kept = 0
        return values

    def _value(self, cell: str) -> Any:
        text = cell.strip()
        if not text:
            return None
        try:
            return self._read(plain(text) if text[0] == "'" else text)
        except Unfit as unfit:
            self._unfit[cell] = f"{self._where}{unfit}"
            return None
