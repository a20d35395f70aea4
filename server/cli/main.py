"""The `relance` command, and how any of its commands may fail.

Exit codes: 0 done, 1 something is wrong with the project (a script, a scenario), 2 the command
line or the settings are wrong, or something needed cannot be reached.
"""

import codecs
import io
import os
import sys
from collections.abc import Sequence

import typer
from rich.markup import escape

from relance.errors import RelanceError, StoreUnavailable
from server.cli.commands import Commands
from server.cli.french import new_app, usage_message
from server.cli.outcome import MISUSED, CommandStop
from server.cli.terminal import Console, say
from server.system_words import os_message

app = new_app(Commands)


@app.callback(invoke_without_command=True)
def relance(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", help="Afficher la version."),
) -> None:
    """Relance : des campagnes écrites comme des règles, en français."""
    if version:
        say(f"relance {_version()}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        ctx.get_help()
        raise typer.Exit


def _version() -> str:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("relance")
    except PackageNotFoundError:
        return "(version de travail)"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and turn every foreseen failure into a French sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        _bear(stream)
    sys.exit(_run(arguments))


def _bear(stream: object) -> None:
    """Have a terminal show what it can of our accents, rather than fail on the first."""
    if isinstance(stream, io.TextIOWrapper):
        plain = codecs.lookup(stream.encoding).name == "ascii"
        stream.reconfigure(encoding="utf-8" if plain else stream.encoding, errors="replace")


def _run(arguments: Sequence[str] | None) -> int:
    errors = Console(stderr=True)
    try:
        code = app(arguments, prog_name="relance", standalone_mode=False)
        return int(code or 0)
    except CommandStop as stop:
        if stop.message:
            errors.print(escape(stop.message), style="red", highlight=False, soft_wrap=True)
        return stop.code
    except RelanceError as error:
        errors.print(escape(_said(error)), style="red", highlight=False, soft_wrap=True)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        errors.print("Interrompu.")
        return 130
    except BrokenPipeError:
        return _unheard(0)
    except SystemExit as ended:
        # typer and rich both leave on their own when the pipe breaks, as for an error.
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        return _unheard(0)
    except OSError as error:
        errors.print(escape(os_message(error)), style="red", highlight=False, soft_wrap=True)
        return _unheard(MISUSED) if error.filename is None else MISUSED
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        errors.print(escape(usage_message(error)), style="red", highlight=False, soft_wrap=True)
        return 2


def _said(error: RelanceError) -> str:
    """The error, in French even when it is the database's own."""
    if not isinstance(error, StoreUnavailable):
        return str(error)
    from server.store.store import in_french

    why = in_french(error)
    return why if why == str(error) else f"La base ne répond pas : {why}."


def _unheard(code: int) -> int:
    """The reader (`head`, `less`) left, or the disk is full: what is left to say goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


if __name__ == "__main__":
    main()
