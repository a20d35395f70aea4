"""A script of the project written anew, whole at every instant."""

import os
from pathlib import Path

from relance.french import quoted
from server.cli.outcome import MISUSED, CommandStop
from server.system_words import os_reason


def rewrite(path: Path, text: str) -> None:
    """Write beside, then put in place; Stop when it cannot be."""
    beside = path.with_name(f".{path.name}.relance-fmt")
    try:
        beside.write_bytes(text.encode("utf-8"))
        beside.chmod(path.stat().st_mode)
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CommandStop(
            MISUSED, f"{quoted(path.name)} ne peut pas être écrit : {os_reason(error)}."
        ) from error
