"""A script of the project written anew by a command, which says why when it cannot be."""

from pathlib import Path

from relance.french import quoted
from server.cli.outcome import MISUSED, CommandStop
from server.publication.replacement import put_in_place
from server.system_words import os_reason


def rewrite(path: Path, text: str) -> None:
    """Put that text in the place of the file; Stop when it cannot be."""
    try:
        put_in_place(path, text)
    except OSError as error:
        raise CommandStop(
            MISUSED, f"{quoted(path.name)} ne peut pas être écrit : {os_reason(error)}."
        ) from error
