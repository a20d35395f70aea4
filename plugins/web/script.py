"""The script a site adds to its pages: served without what browsers skip, kept by them for an hour."""

import hashlib
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from plugins.web.hits import SHARED
from plugins.web.settings import WebSettings
from relance.route import Guard, Route

PATH = "/suivi.js"
_SOURCE = Path(__file__).with_name("suivi.js")
#: The margin of a line, and a line that only comments; no text of the script spans several.
_SKIPPED = re.compile(r"^[ \t]*(?://.*)?\n?", re.MULTILINE)
_FREE, _ASKED = "var requis = false;", "var requis = true;"


class TrackingScript:
    """Answers `/suivi.js`."""

    def __init__(self, settings: WebSettings) -> None:
        source = _SKIPPED.sub("", _SOURCE.read_text(encoding="utf-8"))
        self._text = source.replace(_FREE, _ASKED) if settings.consent else source
        self._tag = f'"{hashlib.sha256(self._text.encode()).hexdigest()[:24]}"'

    def routes(self) -> list[Route]:
        """Where it is."""
        return [Route(PATH, ("GET", "HEAD"), Guard.PUBLIC, self._served, counted=False)]

    async def _served(self, request: Request) -> Response:
        headers = {"cache-control": "public, max-age=3600", "etag": self._tag, **SHARED}
        known = {tag.strip().removeprefix("W/") for tag in _tags(request)}
        if self._tag in known:
            return Response(status_code=304, headers=headers)
        kind = "text/javascript; charset=utf-8"
        return Response(self._text, media_type=kind, headers=headers)


def _tags(request: Request) -> list[str]:
    return request.headers.get("if-none-match", "").split(",")
