"""The files of the look, at an address that bears their mark: a browser asks for each once.

They go compressed to whoever takes it so. The pages do not: beside what a stranger may have written
they hold the seal of the forms, which the length of what is compressed together would let be guessed.

The mark is that of all together, so that a style sheet finds its faces beside it; it changes when
any of them does, that is, with a release.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.web.page import Access, Page

PATH = "/statique/"
#: The one style sheet, in this order: what comes later may rest on what comes before.
_SHEETS = (
    *("tokens", "frame", "pieces", "tables", "campaign", "board", "tree", "journeys"),
    *("accounts", "lead", "lists", "messages", "reports", "settings"),
)
_FILES = (
    *("fonts/figtree.woff2", "fonts/literata.woff2", "fonts/literata-italic.woff2"),
    *("fonts/LICENSE-figtree", "fonts/LICENSE-literata"),
    *("htmx/htmx-4.0.1.min.js", "htmx/LICENSE-htmx"),
    *("scripts/interface.js", "scripts/keys.js", "scripts/message.js", "scripts/bench.js"),
    *("scripts/phrases.js", "scripts/passkeys.js", "scripts/order.js", "scripts/blocks.js"),
    # The pages that edit scripts alone ask for these.
    *("editor/editor.js", "editor/LICENSES-editor", "css/editor.css"),
)
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    "": "text/plain; charset=utf-8",
}
_FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}
_NONE_OF_IT = re.compile(r"\s*q=0(\.0*)?\s*")


class Look:
    """The files, read once."""

    @cached_property
    def _held(self) -> Mapping[str, bytes]:
        here = files("server.web.look")
        sheets = [here.joinpath("css", f"{name}.css").read_bytes() for name in _SHEETS]
        held = {PurePosixPath(name).name: here.joinpath(name).read_bytes() for name in _FILES}
        return {"interface.css": b"\n".join(sheets), **held}

    @cached_property
    def _pressed(self) -> Mapping[str, bytes]:
        """The same, compressed, once for all; not what is so already."""
        held = self._held.items()
        return {
            name: gzip.compress(content, 9, mtime=0)
            for name, content in held
            if not name.endswith(".woff2")
        }

    @cached_property
    def mark(self) -> str:
        """That of all the files together."""
        whole = hashlib.sha256()
        for name in sorted(self._held):
            whole.update(hashlib.sha256(self._held[name]).digest())
        return whole.hexdigest()[:16]

    def address(self, name: str) -> str:
        """Where that file is; KeyError for one that is not there."""
        self._held[name]
        return f"{PATH}{self.mark}/{name}"

    def pages(self) -> Iterator[Page]:
        """Anybody may see what a page looks like."""
        yield Page(PATH + "{mark}/{file}", Access.ANYBODY, self._answer)

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["file"]
        content = self._held.get(name)
        if content is None:
            raise HTTPException(404)
        # A page opened before a release asks for the former files: it gets those of today.
        same = request.path_params["mark"] == self.mark
        headers = _FOR_GOOD if same else {"cache-control": "no-cache"}
        kind, pressed = _KINDS[PurePosixPath(name).suffix], self._pressed.get(name)
        if pressed is None:
            return Response(content, 200, headers, kind)
        headers = headers | {"vary": "Accept-Encoding"}
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(pressed, 200, headers | {"content-encoding": "gzip"}, kind)
        return Response(content, 200, headers, kind)


def _takes_gzip(said: str) -> bool:
    """Whether whoever says so of what they take takes that."""
    for coding in said.split(","):
        name, _, weight = coding.partition(";")
        if name.strip().lower() == "gzip":
            return _NONE_OF_IT.fullmatch(weight) is None
    return False


LOOK = Look()
