"""Orders handed to a running server: it alone writes to the base, so commands leave them here.

An order is a file that appears whole, by one rename; its answer stands beside it, and both go once
the answer is read. A server killed between the two does the order again: orders are idempotent.
"""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from server import private

_FOLDER = ".relance/ordres"
_ORDER, _ANSWER, _TAKEN = ".ordre.json", ".reponse.json", ".pris.json"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: a verb of `server.orders.verbs`, its arguments, and who of the machine asks."""

    verb: str
    arguments: Mapping[str, str]
    by: str = ""


def leave(project: Path, order: Order) -> Path:
    """Leave an order for the server; the file it stands in."""
    spool = project / _FOLDER
    private.folder(spool)
    place = spool / f"{secrets.token_hex(8)}{_ORDER}"
    _write(place, {"verbe": order.verb, "arguments": dict(order.arguments), "par": order.by})
    return place


def left(project: Path) -> Iterator[tuple[Path, Order]]:
    """The orders nobody has answered yet, the oldest first; what is no order is taken away."""
    spool = project / _FOLDER
    files = list(spool.glob(f"*{_ORDER}")) if spool.is_dir() else []
    for file in sorted(files, key=lambda one: one.stat().st_mtime_ns):
        if _beside(file, _ANSWER).exists():
            continue
        try:
            order = json.loads(file.read_text(encoding="utf-8"))
            arguments = {str(name): str(value) for name, value in order["arguments"].items()}
            yield file, Order(str(order["verbe"]), arguments, str(order.get("par", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            take_away(file)


def take(file: Path, how_far: tuple[int, int] | None = None) -> None:
    """Say that a server is doing it: it may take long; `how_far`: so much of so much is done."""
    if file.exists():
        _write(_beside(file, _TAKEN), {} if how_far is None else {"avance": how_far})


def taken(file: Path) -> bool:
    """Whether a server is doing it."""
    return _beside(file, _TAKEN).exists()


def how_far(file: Path) -> tuple[int, int] | None:
    """So much of so much is done of it; None where that is not known."""
    try:
        done, total = json.loads(_beside(file, _TAKEN).read_text(encoding="utf-8"))["avance"]
    except (FileNotFoundError, KeyError):
        return None
    return int(done), int(total)


def answer(file: Path, said: str, *, done: bool) -> None:
    """Tell what became of an order; a command that no longer waits has taken it away."""
    if file.exists():
        _write(_beside(file, _ANSWER), {"fait": done, "dit": said})


def answered(file: Path) -> tuple[bool, str] | None:
    """Whether the order was done and what was said of it; None while nobody answered."""
    try:
        answer = json.loads(_beside(file, _ANSWER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return bool(answer["fait"]), str(answer["dit"])


def take_away(file: Path) -> None:
    """The order is over."""
    for one in (file, _beside(file, _TAKEN), _beside(file, _ANSWER)):
        with contextlib.suppress(FileNotFoundError):
            one.unlink()


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name.removesuffix(_ORDER) + suffix)


def _write(place: Path, content: Mapping[str, object]) -> None:
    making = place.with_name(f"{place.name}.{os.getpid()}")
    with private.file(making).open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)
    making.replace(place)
