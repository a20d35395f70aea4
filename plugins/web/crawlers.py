"""Telling people from machines on a site: crawlers, previews, pages fetched before they are seen."""

from collections.abc import Mapping

from relance.tracking.prefetch import prefetched

_KNOWN = (
    "bot",
    "crawler",
    "spider",
    "slurp",
    "preview",
    "facebookexternalhit",
    "headless",
    "lighthouse",
    "pingdom",
    "uptime",
    "monitor",
    "scanner",
    "curl/",
    "wget/",
    "python",
    "java/",
    "go-http-client",
    "okhttp",
    "httpclient",
    "libwww",
    "scrapy",
    "phantomjs",
    "whatsapp",
    "viber",
    "snapchat",
)


def signs(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Why a request looks like a machine's; empty for a person's."""
    found = []
    agent = headers.get("user-agent", "").strip().lower()
    if not agent:
        found.append("navigateur sans nom")
    elif any(name in agent for name in _KNOWN):
        found.append("robot connu")
    if prefetched(headers):
        found.append("préchargement annoncé")
    return tuple(found)
