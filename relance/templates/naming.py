"""The name of a message, where it is not its file's: above its text, between two lines of dashes.

A message that a script writes in place is a file under a name nobody chose; a message whose name
holds what no file's may (« Rappel : demain ? ») says it the same way.
"""

import re

_HEAD = re.compile(r"---[ \t]*\n[ \t]*nom[ \t]*:[ \t]*(?P<name>[^\n]+)\n---[ \t]*(?:\n|$)")


def head(words: str) -> str:
    """What stands before the text of a message so named."""
    return f"---\nnom: {' '.join(words.split())}\n---\n"


def named(source: str, otherwise: str) -> tuple[str, str]:
    """The name a text gives itself, else `otherwise`, and the text below it, on the same lines."""
    found = _HEAD.match(source)
    if found is None:
        return otherwise, source
    name = found["name"].strip().strip('"').strip() or otherwise
    return name, "\n" * found[0].count("\n") + source[found.end() :]
