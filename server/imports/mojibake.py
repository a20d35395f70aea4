"""Texts that were encoded twice (« PrÃ©nom »), set right: ftfy tells them by their improbable signs.

Whatever wrote the file did it, row by row sometimes: each is looked at by itself.
"""

import ftfy
from ftfy.badness import is_bad


def found(text: str) -> bool:
    """Whether some of a text was encoded twice."""
    return not text.isascii() and is_bad(text) and repaired(text) != text


def repaired(text: str) -> str:
    """The text as it was before; itself when it is sound."""
    return text if text.isascii() or not is_bad(text) else ftfy.fix_encoding(text)
