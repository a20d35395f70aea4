"""Texts that were encoded twice (« PrÃ©nom »), set right: ftfy tells them by their improbable signs.

Whatever wrote the file did it, row by row sometimes: each is looked at by itself. ftfy compiles its
signs as it is loaded, a quarter of a second: the first file does it, not each start of a server.
"""

from unicodedata import category


def suspected(texts: str) -> bool:
    """Whether a cell of those texts may have been encoded twice: True wherever `found` would be."""
    if texts.isascii():
        return False
    from ftfy import badness

    # What counts at the beginning of a text alone may count at that of any cell.
    return badness.is_bad(texts) or "Ã " in texts or "Â " in texts


def found(text: str) -> bool:
    """Whether some of a text was encoded twice."""
    return repaired(text) != text


def repaired(text: str) -> str:
    """The text as it was before; itself when it is sound."""
    if text.isascii():
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
