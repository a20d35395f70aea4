"""Where a link may lead: an address of a kind we know, in ASCII, or nowhere."""

import re

from plugins.email import headers

_TO_QUOTE = re.compile(r"[^!#-;=?-Z_a-z~\[\]%]")


def target(text: str) -> str:
    """The address as it can be stored and redirected to; empty when it is none."""
    text = headers.clean(text).strip()
    quoted = _TO_QUOTE.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), text)
    scheme, colon, rest = quoted.partition(":")
    match scheme.lower():
        case "http" | "https" if rest.startswith("//") and rest[2:].split("/")[0]:
            return quoted
        case "mailto" | "tel" | "sms" if colon:
            return quoted
        case _:
            return ""
