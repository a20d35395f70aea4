"""A text of the draft found by its address, and saved from a page: a script's, or a message's.

A save says which text it started from. By a form, the page comes again with what became of it; by the
editor, which saves at each pause, the same is answered as JSON.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.daemon_thread import in_daemon_thread
from server.publication.drafting import Clashing, DraftText, DraftTexts, Saved
from server.web.frame import Flash

#: Where the scripts are.
SCRIPTS = "/scripts"
_KEPT = "Enregistré dans le brouillon."
_JOINED = "Enregistré, avec ce que quelqu’un d’autre y a changé entre-temps."
_CLASH = (
    "Rien n’est enregistré : quelqu’un d’autre a changé les mêmes lignes. Votre texte est encore ici ; "
    "ce qu’il a écrit est dessous."
)


async def text_asked(request: Request, texts: DraftTexts) -> DraftText:
    """The text whose file the address names; not found (404) when there is none."""
    try:
        return await in_daemon_thread(texts.read, request.path_params["file"])
    except LookupError as error:
        raise HTTPException(404) from error


async def saved(request: Request, texts: DraftTexts) -> tuple[DraftText, Saved | Clashing]:
    """What a form typed of it, and what became of that; 400 for what is no such form.

    What was typed goes on from what it clashes with: its author is shown it.
    """
    before = await text_asked(request, texts)
    async with request.form() as form:
        text, version = form.get("text"), form.get("version")
    if not (isinstance(text, str) and isinstance(version, str)):
        raise HTTPException(400)
    found = await in_daemon_thread(texts.save, before.file, text, version)
    now = found.text if isinstance(found, Saved) else found.theirs
    return DraftText(before.file, text, now.version), found


def by_editor(request: Request) -> bool:
    """Whether it is the editor that saves, by itself."""
    return "application/json" in request.headers.get("accept", "")


def saved_flash(found: Saved) -> Flash:
    """What is said of it on the page that follows."""
    return Flash(_JOINED if found.joined else _KEPT)


def saved_as_json(found: Saved | Clashing) -> Response:
    """What became of a save, for the editor that made it by itself."""
    if isinstance(found, Saved):
        text = found.text
        said = {"version": text.version, "joined": found.joined}
        return JSONResponse({**said, "text": text.text} if found.joined else said)
    clashes = [{"line": one.line, "ours": one.ours, "theirs": one.theirs} for one in found.clashes]
    theirs = {"version": found.theirs.version, "text": found.theirs.text}
    return JSONResponse({"message": _CLASH, "theirs": theirs, "clashes": clashes}, 409)
