"""The `relance` command, and how any of its commands may fail.

Exit codes: 0 done, 1 something is wrong with the project (a script, a scenario), 2 the command
line or the settings are wrong, or something needed cannot be reached.
"""

import os
import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.markup import escape

from relance.errors import RelanceError
from server.cli.commands import Commands
from server.cli.french import new_app, usage_message
from server.cli.outcome import Stop

app = new_app(Commands)


@app.callback(invoke_without_command=True)
def relance(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", help="Afficher la version."),
) -> None:
    """Relance : des campagnes écrites comme des règles, en français."""
    if version:
        print(f"relance {_version()}")
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
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    errors = Console(stderr=True)
    try:
        code = app(arguments, prog_name="relance", standalone_mode=False)
        return int(code or 0)
    except Stop as stop:
        if stop.message:
            errors.print(escape(stop.message), style="red", highlight=False, soft_wrap=True)
        return stop.code
    except RelanceError as error:
        errors.print(escape(str(error)), style="red", highlight=False, soft_wrap=True)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        errors.print("Interrompu.")
        return 130
    except BrokenPipeError:
        # The reader (`head`, `less`) left: nothing more to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        errors.print(escape(usage_message(error)), style="red", highlight=False, soft_wrap=True)
        return 2


if __name__ == "__main__":
    main()
