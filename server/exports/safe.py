"""Cells that no spreadsheet runs.

A text that begins with « = », « + », « - », « @ », a tab or a return is a formula to a
spreadsheet that opens a CSV file. It gains an apostrophe before, which an import takes off again
(`server.imports.cells.plain`): what goes out comes back as it was.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")


def defused(text: str) -> str:
    """`text` as a CSV file may hold it."""
    return f"'{text}" if _DANGEROUS.match(text) else text
