"""The visitor's mark: what joins all that one browser does, and when it may be given.

Every part of the server that meets a browser follows the same rules, which `MarkRules` holds:
forms, the script of a site, links in messages.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

COOKIE = "relance_visiteur"
#: What the visitor answered, as the script or a banner of the site keeps it; seen here when the
#: site and the server share a name.
CHOICE = "relance_consentement"
#: What either holds once the visitor said no.
_NO = "non"
_YEAR = 365 * 24 * 3600
#: A refusal is remembered as long as the script remembers it.
_SIX_MONTHS = 180 * 24 * 3600
#: What a mark is made of: enough not to be guessed.
MARK = re.compile(r"[A-Za-z0-9_-]{16,128}")


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
        if refuses(headers) or cookies.get(CHOICE) == _NO:
            return None
        return mark if MARK.fullmatch(mark) else None

    def may_mark(
        self, cookies: Mapping[str, str], headers: Mapping[str, str], *, agreed: bool = False
    ) -> bool:
        """Whether a browser without a mark may be given one; who took theirs back agrees anew."""
        if refuses(headers) or cookies.get(CHOICE) == _NO:
            return False
        return agreed or not (self.consent or cookies.get(COOKIE) == _NO)

    def kept(self, mark: str) -> str:
        """The value of the `Set-Cookie` that gives that mark."""
        return self._cookie(mark, _YEAR)

    def taken_back(self) -> str:
        """The value of the `Set-Cookie` that puts in its place that there shall be none.

        Merely removed, the next form or link would give another.
        """
        return self._cookie(_NO, _SIX_MONTHS)

    def _cookie(self, mark: str, age: int) -> str:
        cookie = f"{COOKIE}={mark}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax"
        return cookie + "; Secure" if self.secure else cookie


def mark_rules(public_url: str, settings: Callable[[str], Mapping[str, object]]) -> MarkRules:
    """The rules of a server, from its address and its settings, read by section (`Setup.settings`).

    `consentement`, in `[web]`, holds for the site and its forms alike, and for whatever a link opens.
    """
    consent = str(settings("web").get("consentement", "")).strip().lower() == "requis"
    return MarkRules(public_url.startswith("https:"), consent)


def new_mark() -> str:
    """A new mark, which nobody can guess."""
    return secrets.token_urlsafe(18)


def refuses(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks not to be followed (Do Not Track, Global Privacy Control)."""
    return any(headers.get(name, "").strip() == "1" for name in ("dnt", "sec-gpc"))
