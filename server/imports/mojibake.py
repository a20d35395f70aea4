"""Texts that were encoded twice (« PrÃ©nom »), set right: ftfy tells them by their improbable signs.

Whatever wrote the file did it, row by row sometimes: each is looked at by itself. ftfy compiles its
signs as it is loaded, a quarter of a second, and takes longer to look at a row than all the rest of
what is done with it: it is asked of no text in everyday French, where it would find nothing.
"""

import re
from collections.abc import Sequence
from unicodedata import category

_SMALL, _CAPITALS = "àâçèéêëîïôöùûü", "ÀÇÈÉÊÎÔ"
#: What no text in everyday French holds.
_UNUSUAL = re.compile(f"[^\\x00-\\x7f{_SMALL}{_CAPITALS}]|[{_SMALL}](?=[{_CAPITALS}])")


def suspected(lines: Sequence[str]) -> bool:
    """Whether a cell of those lines may have been encoded twice: True wherever `found` would be."""
    if _everyday("".join(lines)):
        return False
    from ftfy import badness

    # What counts at the beginning of a text alone may count at that of any cell.
    return any(
        badness.is_bad(line) or "Ã " in line or "Â " in line
        for line in lines
        if not _everyday(line)
    )


def _everyday(text: str) -> bool:
    """Whether a text holds nothing that another, encoded twice, would show."""
    return text.isascii() or not _UNUSUAL.search(text)


def found(text: str) -> bool:
    """Whether some of a text was encoded twice."""
    return repaired(text) != text


def repaired(text: str) -> str:
    """The text as it was before; itself when it is sound."""
    if _everyday(text):
        return text
    from ftfy import badness, fix_encoding

    if not badness.is_bad(text):
        return text
    fixed = fix_encoding(text)
    # « Â » before a space may have been a no-break space, or a letter that somebody wrote: nothing
    # is changed unless a sign comes back that was not to be seen. A control is none that anybody
    # wrote: « Ā¨ » is a sound text, though in the bytes of a Baltic code page it might hide one.
    back = {sign for sign in fixed if not sign.isspace()} - set(text)
    return fixed if back and all(category(sign) != "Cc" for sign in back) else text
