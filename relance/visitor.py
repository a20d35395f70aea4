"""The visitor's mark: what joins all that one browser does, and when it may be given.

Every part of the server that meets a browser follows the same rules, which `MarkRules` holds:
forms, the script of a site, links in messages.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

COOKIE = "relance_visiteur"
_YEAR = 365 * 24 * 3600
_MARK = re.compile(r"[A-Za-z0-9_-]{16,128}")


@dataclass(frozen=True, slots=True)
class MarkRules:
    """When a browser is marked. `consent`: only once its visitor has agreed to it.

    Where consent is needed, only the script of the site learns of it: the mark a browser brings
    is the proof that it was given, and nobody else makes one.
    """

    secure: bool = False
    consent: bool = False

    def mark_of(self, cookies: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
        """The mark a browser brings, unless it asks not to be followed."""
        mark = cookies.get(COOKIE, "")
        return mark if _MARK.fullmatch(mark) and not refuses(headers) else None

    def may_mark(self, headers: Mapping[str, str], *, agreed: bool = False) -> bool:
        """Whether a browser without a mark may be given one."""
        return not refuses(headers) and (agreed or not self.consent)

    def kept(self, mark: str) -> str:
        """The value of the `Set-Cookie` that gives that mark."""
        return self._cookie(mark, _YEAR)

    def taken_back(self) -> str:
        """The value of the `Set-Cookie` that removes it."""
        return self._cookie("", 0)

    def _cookie(self, mark: str, age: int) -> str:
        cookie = f"{COOKIE}={mark}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax"
        return cookie + "; Secure" if self.secure else cookie


def mark_rules(public_url: str, web: Mapping[str, object]) -> MarkRules:
    """The rules of a server, from its address and its `[web]` section."""
    consent = str(web.get("consentement", "")).strip().lower() == "requis"
    return MarkRules(public_url.startswith("https:"), consent)


def new_mark() -> str:
    """A new mark, which nobody can guess."""
    return secrets.token_urlsafe(18)


def refuses(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks not to be followed (Do Not Track, Global Privacy Control)."""
    return any(headers.get(name, "").strip() == "1" for name in ("dnt", "sec-gpc"))
