"""What is asked of an import, and the mark that tells one such demand from another."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """How leads are to be brought in."""

    #: Lists each lead is put on, tags each is given.
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    #: The field that tells one lead from another.
    key: str = "courriel"
    #: What the person says of columns: their name, the field's (empty: left out).
    columns: Mapping[str, str] = field(default_factory=dict)
    #: Whether campaigns hear of what is brought in.
    heard: bool = False
    #: The day the file was right, « 2026-03-01 », for rows that do not say theirs; None: now.
    as_of: str | None = None
    #: On what basis those of the file may be written to, and how that is known: « exprès : salon de
    #: mars »; None: the file says nothing of it.
    consent: str | None = None

    def written(self) -> str:
        """The order as JSON, always the same for the same one."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(given, ensure_ascii=False, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> "ImportOrder":
        """The order that `written` wrote."""
        data = json.loads(text)
        return cls(**{**data, "lists": tuple(data["lists"]), "tags": tuple(data["tags"])})


def mark_of(path: Path, order: ImportOrder) -> str:
    """What tells this file, asked so, from any other: what it holds, not what it is called."""
    digest = hashlib.sha256(order.written().encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
