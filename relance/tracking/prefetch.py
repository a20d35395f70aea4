"""Whether a browser fetches what nobody looks at yet: it says so, under several names."""

from collections.abc import Mapping

_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
_PURPOSES = ("prefetch", "preview", "prerender")


def prefetched(headers: Mapping[str, str]) -> bool:
    """Whether the request says that it comes before, or without, anybody's look."""
    said = " ".join(headers.get(name, "").lower() for name in _HEADERS)
    return any(word in said for word in _PURPOSES)
