"""Whether the head of a request can be believed: what two programs could read in two ways is refused.

A proxy that understands a request otherwise than we do can be made to pass one request for another
(RFC 9112, sections 3.2 and 11.2). The parser refuses lengths that contradict each other; what it
leaves is the name of the site, which a cache or a virtual host may read elsewhere than we do.
"""

import re
from collections.abc import Sequence

_VERSIONS = frozenset({"1.0", "1.1"})
#: A name, an IPv4 or an IPv6 address, and perhaps a port (RFC 3986, section 3.2.2).
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+,;=\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*://([^/?#]*)")


def sound(
    version: str, method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]]
) -> bool:
    """Whether that head says one thing only; header names in lower case."""
    if version not in _VERSIONS or method == b"CONNECT":
        return False
    if version == "1.0" and any(name == b"transfer-encoding" for name, _ in headers):
        return False
    hosts = [value.strip() for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (not hosts and version != "1.0"):
        return False
    if hosts and not _HOST.fullmatch(hosts[0]):
        return False
    if target.startswith(b"/"):
        return True
    whole = _ABSOLUTE.match(target)
    return whole is not None and bool(hosts) and whole[1].lower() == hosts[0].lower()
