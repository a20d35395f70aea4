"""The two scripts a site needs: one asks for the permission, the other shows what comes."""

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from plugins.push.vapid import Vapid
from relance.host import Host
from relance.route import Guard, Route

_HERE = Path(__file__).parent
#: Replaced by the key that browsers subscribe for (base64url letters and no other), and by our
#: public address, as JSON so that it can end no text of the script.
_KEY, _SERVER = "{CLE}", '"{SERVEUR}"'


class Scripts:
    """Serves them."""

    def __init__(self, host: Host, vapid: Vapid) -> None:
        own = json.dumps(host.public_url)
        self._texts = {
            name: (_HERE / name)
            .read_text(encoding="utf-8")
            .replace(_KEY, vapid.public)
            .replace(_SERVER, own)
            for name in ("abonner.js", "travailleur.js")
        }

    def routes(self) -> list[Route]:
        """Where they are."""
        methods = ("GET", "HEAD")
        return [
            Route(f"/notifications/{name}", methods, Guard.PUBLIC, self._served, counted=False)
            for name in self._texts
        ]

    async def _served(self, request: Request) -> Response:
        return Response(
            self._texts[request.scope["path"].rsplit("/", 1)[1]],
            media_type="text/javascript; charset=utf-8",
            headers={
                "cache-control": "public, max-age=3600",
                "cross-origin-resource-policy": "cross-origin",
                "service-worker-allowed": "/",
            },
        )
