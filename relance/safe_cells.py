"""Cells of a CSV file that no spreadsheet runs, and the way back.

A text that begins with « = », « + », « - », « @ », a tab or a return is a formula to a
spreadsheet that opens the file. It gains an apostrophe before, which reading takes off again:
what goes out comes back as it was.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")


def defused(text: str) -> str:
    """`text` as a CSV file may hold it."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def plain(cell: str) -> str:
    """A cell as it was before `defused`."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell
