"""The command line's own words, in French.

Typer writes its help and its errors in English. Commands made with the two classes here render
their help themselves, and `usage_message` says in French what was wrong with a command line.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from relance.slip import slip_of
from server.cli.terminal import Console

_HELP = "Afficher cette aide."


class FrenchCommand(TyperCommand):
    """A command whose help is French."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help to the terminal."""
        parameters: list[Any] = [p for p in self.params if not getattr(p, "hidden", False)]
        arguments = [p for p in parameters if p.param_type_name == "argument"]
        options = [p for p in parameters if p.param_type_name == "option"]
        words = [_metavar(p) for p in arguments]
        console = Console()
        _usage(console, f"{ctx.command_path} [OPTIONS] {' '.join(words)}".rstrip())
        _text(console, self.help)
        _rows(console, "Arguments", [(_metavar(p), p.help or "") for p in arguments])
        _rows(console, "Options", [*((_flags(p), p.help or "") for p in options), _help_row()])


class FrenchGroup(TyperGroup):
    """The command of commands, its help in French."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help to the terminal."""
        console = Console()
        _usage(console, f"{ctx.command_path} COMMANDE …")
        _text(console, self.help)
        rows = [(name, _first(self.get_command(ctx, name))) for name in self.list_commands(ctx)]
        _rows(console, "Commandes", rows)
        options: list[Any] = [p for p in self.params if not getattr(p, "hidden", False)]
        _rows(console, "Options", [*((_flags(p), p.help or "") for p in options), _help_row()])
        console.print(
            f"\n« {escape(str(ctx.command_path))} COMMANDE --help » explique chaque commande."
        )


def _help_row() -> tuple[str, str]:
    return "--help", _HELP


def _usage(console: Console, line: str) -> None:
    console.print(f"\n[bold]Utilisation :[/bold] {escape(line)}\n")


def _text(console: Console, text: str | None) -> None:
    # The source breaks lines where it likes; the terminal breaks them where it must.
    for paragraph in (text or "").split("\n\n"):
        if paragraph.strip():
            console.print(Padding(escape(" ".join(paragraph.split())), (0, 2, 1, 2)))


def _rows(console: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    rows = list(rows)
    if not rows:
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for left, right in rows:
        table.add_row(f"  [cyan]{escape(left)}[/cyan]", escape(right))
    console.print(f"[bold]{title}[/bold]")
    console.print(table)


def _first(command: Any) -> str:
    return (command.help or "").strip().split("\n", 1)[0]


def _metavar(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _flags(parameter: Any) -> str:
    flags = ", ".join(parameter.opts)
    if parameter.is_flag:
        return flags
    return f"{flags} {str(parameter.metavar or parameter.name).upper()}"


def usage_message(error: Exception) -> str:
    """What is wrong with the command line, in French, whatever Typer says of it in English."""
    kind = type(error).__name__
    message: str = _MESSAGES.get(kind, _other)(error)
    return message + _hint(error)


def _hint(error: Any) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "relance"
    return f"\nL’aide : « {path} --help »."


def _missing(error: Any) -> str:
    name = _metavar(error.param).strip("[]") if error.param is not None else "un argument"
    return f"Il manque {name}."


def _no_option(error: Any) -> str:
    text = f"L’option « {error.option_name} » n’existe pas."
    near = ", ".join(f"« {name} »" for name in error.possibilities or ())
    return f"{text} Vouliez-vous dire {near} ?" if near else text


def _bad_value(error: Any) -> str:
    name = _metavar(error.param).strip("[]") if error.param is not None else "un argument"
    return f"La valeur donnée pour {name} ne convient pas."


def _option_usage(error: Any) -> str:
    return f"L’option « {error.option_name} » est mal employée : il lui manque une valeur, ou elle n’en attend pas."


def _no_command(asked: str, names: Sequence[str]) -> str:
    text = f"La commande «\u00a0{asked}\u00a0» n’existe pas. "
    near = slip_of(asked, names)
    return f"{text}Vouliez-vous dire «\u00a0{near}\u00a0» ? " if near else text


def _other(error: Any) -> str:
    context: Any = getattr(error, "ctx", None)
    command = context.command if context is not None else None
    given = list(getattr(context, "args", None) or ()) or _quoted(str(error))
    if isinstance(command, TyperGroup):
        names = command.list_commands(context)
        return f"{_no_command(given[0], names) if given else ''}Les commandes sont : {', '.join(names)}."
    return f"Argument en trop : {' '.join(given)}." if given else "La commande est mal écrite."


def _quoted(message: str) -> list[str]:
    """What the English message names, in quotes or in parentheses."""
    found = re.search(r"'([^']+)'|\(([^()]+)\)\W*$", message)
    return [found.group(1) or found.group(2)] if found else []


_MESSAGES: Mapping[str, Any] = {
    "MissingParameter": _missing,
    "NoSuchOption": _no_option,
    "BadParameter": _bad_value,
    "BadOptionUsage": _option_usage,
    "BadArgumentUsage": _bad_value,
}


def new_app(group: type[FrenchGroup] = FrenchGroup) -> typer.Typer:
    """An application that prints no English and no framed traceback."""
    return typer.Typer(
        name="relance",
        cls=group,
        no_args_is_help=False,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
