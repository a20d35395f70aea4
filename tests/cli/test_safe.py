"""What strangers typed cannot repaint the operator's terminal."""

from io import StringIO

from rich.console import Console

from server.cli.safe import safe


def printed(text: str) -> str:
    out = StringIO()
    Console(file=out, force_terminal=True, color_system="standard", width=80).print(
        safe(text), highlight=False
    )
    return out.getvalue().rstrip("\n")


def test_escape_sequences_are_shown_not_obeyed() -> None:
    assert printed("\x1b[2J\x1b]0;titre\x07Aline") == "\ufffd[2J\ufffd]0;titre\ufffdAline"


def test_markup_is_shown_not_obeyed() -> None:
    assert printed("[bold red]Aline[/]") == "[bold red]Aline[/]"


def test_reading_order_cannot_be_reversed() -> None:
    assert "\u202e" not in printed("Aline\u202eenilA")


def test_french_and_emoji_stay_as_they_are() -> None:
    assert printed("«\u00a0Noël\u00a0» 👩\u200d👧") == "«\u00a0Noël\u00a0» 👩\u200d👧"
