"""How what the web sends is read as text: in UTF-8, else as it says, else as Windows does.

Old pages and terminals post in Windows-1252 and call it anything. A text that is sound UTF-8 is
UTF-8, whatever it is called: no other Latin writing gives such bytes but by design. « ISO-8859-1 »
means Windows-1252, as in browsers (https://encoding.spec.whatwg.org/#names-and-labels).
"""

import codecs
from functools import lru_cache

USUAL = "cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Python's own notations, and UTF-7, by which a text says other than it shows.
_NO_CHARSETS = frozenset(
    {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs"}
)
_WINDOWS = frozenset({"ascii", "iso8859-1"})
#: Encodings whose every text is sound UTF-8 too: there, what is declared decides.
_SEVEN_BITS = frozenset({"hz", "iso2022_jp", "iso2022_kr"})


def decoded(data: bytes, declared: str = "") -> str:
    """`data` as text; `declared` is what its sender calls its charset, perhaps wrongly.

    Raises `UnicodeError` for what is no text in any of these ways.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name)
    said = codec_of(declared)
    first, then = ("utf-8", said) if said not in _SEVEN_BITS else (said, "utf-8")
    try:
        return data.decode(first)
    except UnicodeError:
        pass
    try:
        return data.decode(then)
    except UnicodeError:
        return data.decode(USUAL)


@lru_cache(maxsize=256)
def codec_of(label: str) -> str:
    """Python's name of the encoding called so; Windows' for a label nobody knows."""
    said = label.strip().strip("\"'")
    try:
        b"".decode(said)  # which knows encodings of text only: « hex » and « rot13 » are none
        name = codecs.lookup(said).name
    except (LookupError, ValueError):
        return USUAL
    if name in _NO_CHARSETS | _WINDOWS:
        return USUAL
    return "utf-8" if name == "utf-8-sig" else name
