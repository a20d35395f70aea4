"""What is leaving, noted in a file at the very moment: an abrupt stop finds there what became of it.

The base learns of an answer at its next commit, with others: a server killed before that would send
again what had arrived. A line here costs microseconds and outlives the process (the system
keeps it, were the process killed the instant after), so that it is written before anything else is
sent: when a message is taken, when its first byte that cannot be taken back leaves, when it is
accepted. It need not outlive the machine: after its crash, what the lines do not say is in doubt.
"""

import json
import logging
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from relance.channel import Outcome, Sent
from relance.codec import contract
from server import private
from server.system_words import os_reason
from server.transcript import (
    event_from_json,
    event_to_json,
    instant_from_json,
    reach_from_json,
    reach_to_json,
)

log = logging.getLogger("relance.server")

FILE = "envois-en-cours"
#: Beyond that, the file is written anew with what still matters.
_MOST_BYTES = 1024 * 1024
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(slots=True)
class Noted:
    """What the file says of one attempt."""

    #: Noted since the machine started: what is not said then did not happen.
    certain: bool = False
    left: bool = False
    accepted: Sent | None = None
    at: datetime | None = None


def book_of(project: Path, process: int = 0) -> "Book":
    """The book of one of its processes, kept in the private folder of a project, not opened yet."""
    return Book(project / private.FOLDER / FILE, process=process)


def attempt_of(channel: str, key: str, number: int) -> str:
    """How an attempt is called there."""
    return f"{channel} {key} {number}"


class Book:
    """The file of one server; without a path, nothing is noted. Any thread may write in it.

    `process`: which of several it is; each but the first has a file named after its number.
    """

    def __init__(self, path: Path | None = None, boot: str | None = None, process: int = 0) -> None:
        self._base = path
        self._path = path and (path.with_name(f"{path.name}-{process}") if process else path)
        #: Which run of the machine this is; None where the system does not say.
        self._boot = boot or _boot()
        self._file: int | None = None
        self._size = 0
        self._lock = Lock()
        #: The lines of each attempt that the base has not settled yet.
        self._open: dict[str, list[bytes]] = {}

    def of(self, process: int) -> "Book":
        """That of another process of the same folder, to be read."""
        return Book(self._base, self._boot, process)

    def read(self) -> Mapping[str, Noted]:
        """What a process that died had noted, by attempt."""
        found: dict[str, Noted] = {}
        try:
            lines = self._path.read_bytes().splitlines() if self._path is not None else ()
        except FileNotFoundError:
            return found
        for line in lines:
            try:
                note = json.loads(line)
                noted = found.setdefault(note["attempt"], Noted())
                match note["what"]:
                    case "taken":
                        noted.certain = self._boot is not None and note["boot"] == self._boot
                    case "leaving":
                        noted.left = True
                    case "accepted":
                        noted.accepted = _outcome_from_json(note)
                        noted.at = datetime.fromisoformat(note["at"])
            except (ValueError, KeyError, TypeError):
                continue  # cut short: the process died as it wrote
        return found

    def begin(self) -> None:
        """Forget what was read, once the base knows it; then note."""
        with self._lock:
            self._open.clear()
            self._renew()

    def taken(self, attempt: str) -> None:
        """That attempt is about to be made, by a channel that says when messages leave."""
        self._note(attempt, {"what": "taken", "boot": self._boot})

    def leaving(self, attempt: str) -> None:
        """From now on nobody can tell whether it left."""
        self._note(attempt, {"what": "leaving"})

    def answered(self, attempt: str, outcome: Outcome, at: datetime) -> None:
        """What the provider said. Only a message it took would otherwise leave twice."""
        if isinstance(outcome, Sent):
            # What JSON cannot hold stays in doubt until the base knows it.
            with suppress(TypeError):
                self._note(
                    attempt, {"what": "accepted", "at": at.isoformat(), **_outcome_to_json(outcome)}
                )

    def settled(self, attempt: str) -> None:
        """The base knows."""
        with self._lock:
            self._open.pop(attempt, None)
            if self._size > _MOST_BYTES:
                self._renew()

    def under_way(self, leads: Collection[int]) -> bool:
        """Whether something noted of messages to those leads is not settled yet."""
        with self._lock:
            return any(_about(attempt, leads) for attempt in self._open)

    def forget(self, leads: Collection[int]) -> None:
        """Write the file anew without what it says of messages to those leads."""
        with self._lock:
            if self._file is not None:
                for attempt in [one for one in self._open if _about(one, leads)]:
                    del self._open[attempt]
                self._renew()
            elif self._path is not None and self._path.exists():
                lines = self._path.read_bytes().splitlines(keepends=True)
                kept = b"".join(one for one in lines if not _about(_attempt(one), leads))
                new = private.file(self._path.with_suffix(".nouveau"))
                new.write_bytes(kept)
                new.replace(self._path)

    def tidy(self) -> None:
        """Keep of the file what is not settled, no more."""
        with self._lock:
            if self._file is not None:
                self._renew()

    def close(self) -> None:
        """Let the file go, as it stands."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _note(self, attempt: str, values: Mapping[str, Any]) -> None:
        line = json.dumps({"attempt": attempt, **values}).encode() + b"\n"
        with self._lock:
            if self._file is None:
                return
            try:
                _write(self._file, line)
            except OSError as error:
                self._give_up(error)
                return
            self._size += len(line)
            self._open.setdefault(attempt, []).append(line)

    def _renew(self) -> None:
        """A file of what is still open alone, in place of the other at once."""
        if self._path is None:
            return
        self._let_go()
        lines = b"".join(line for lines in self._open.values() for line in lines)
        try:
            new = private.file(self._path.with_suffix(".nouveau"))
            self._file = os.open(new, os.O_WRONLY | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC)
            _write(self._file, lines)
            new.replace(self._path)
        except OSError as error:
            self._give_up(error)
            return
        self._size = len(lines)

    def _give_up(self, error: OSError) -> None:
        """A file with a gap would say that what left did not: better none, until the next start."""
        log.error("les envois en cours ne peuvent plus être notés (%s)", os_reason(error))
        self._let_go()
        self._open.clear()
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)


def _attempt(line: bytes) -> str:
    """The attempt a line is of; empty for a line cut short."""
    try:
        return str(json.loads(line)["attempt"])
    except (ValueError, KeyError, TypeError):
        return ""


def _about(attempt: str, leads: Collection[int]) -> bool:
    """Whether it is of a message to one of those leads: its key begins by the lead's number."""
    key = attempt.partition(" ")[2]
    return key.partition(".")[0] in {str(lead) for lead in leads}


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _boot() -> str | None:
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return None


def _outcome_to_json(outcome: Sent) -> Mapping[str, Any]:
    return {
        "reference": outcome.reference,
        "events": [event_to_json(event) for event in outcome.events],
        "fields": {name: contract.encode(value) for name, value in outcome.fields.items()},
        "as_of": outcome.as_of and outcome.as_of.isoformat(),
        "reach": [reach_to_json(one) for one in outcome.reach],
    }


def _outcome_from_json(stored: Mapping[str, Any]) -> Sent:
    return Sent(
        stored["reference"],
        tuple(event_from_json(event) for event in stored["events"]),
        {name: contract.decode(value) for name, value in stored["fields"].items()},
        instant_from_json(stored["as_of"]),
        tuple(reach_from_json(one) for one in stored.get("reach", ())),
    )
