"""Scripts of the draft, and ready campaigns made one's own: written by a program as on the pages."""

from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import Response

from server.api.asking import Misasked, answered, body, replaced, text
from server.api.language import REMARKS
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import TEXT, several, shape
from server.campaign_library.copying import NotCopied
from server.daemon_thread import in_daemon_thread
from server.language.shapes import diagnostics
from server.publication.drafting import DraftText, Saved
from server.web.limits import WHOLE
from server.web.page import Access
from server.web.workshop import Workshop

#: The longest script that the language reads, in signs.
_MOST = 1_048_576
_FILE = Parameter("file", "path", TEXT, "Le chemin du script dans le projet.")
_MODEL = Parameter("model", "path", TEXT, "Le nom du modèle, comme listModels le dit.")
_MATCH = Parameter(
    "if-match", "header", TEXT, "L’ETag du script tel qu’il a été lu ; sans lui, rien n’est écrit."
)
_SCRIPT = shape({"file": TEXT, "text": TEXT})
_REMARKED = shape({"file": TEXT, "text": TEXT, "remarks": REMARKS})
_LISTED = shape(
    {"name": TEXT, "channel": TEXT, "campaign": TEXT, "family": TEXT, "description": TEXT}
)
_MADE = shape({"campaign": TEXT, "file": TEXT, "files": several(TEXT)})
_READABLE = ("json-attendu", "json-illisible")


class ScriptOperations:
    """The scripts of a server’s draft, and what may be added to them."""

    def __init__(self, workshop: Workshop) -> None:
        self._scripts, self._shelf, self._draft = workshop.scripts, workshop.shelf, workshop.draft
        self._writing = workshop.office.writing

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listScripts", "GET", "/scripts", Access.READ),
            "Les scripts du brouillon.",
            self._list,
            shape({"items": several(shape({"file": TEXT}))}),
        )
        yield ApiOperation(
            *("getScript", "GET", "/scripts/{file:path}", Access.READ),
            "Un script du brouillon.",
            self._get,
            _SCRIPT,
            (_FILE,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("saveScript", "POST", "/saved-scripts/{file:path}", self._writing),
            "Écrire un script du brouillon : rien n’est publié. Un texte qui a des fautes est écrit aussi ; "
            "«\u00a0remarks\u00a0» les dit, comme checkScript.",
            self._save,
            _REMARKED,
            (_FILE, _MATCH),
            body=shape({"text": TEXT}),
            problems=("inconnu", "a-change", "sans-etag", *_READABLE),
            most=WHOLE,
        )
        yield ApiOperation(
            *("createScript", "POST", "/new-scripts", self._writing),
            "Commencer un script dans le brouillon, de rien ou d’un texte.",
            self._create,
            _REMARKED,
            body=shape({"name": TEXT, "text": TEXT}, "text"),
            problems=_READABLE,
            most=WHOLE,
        )
        yield ApiOperation(
            *("listModels", "GET", "/models", Access.READ),
            "Les campagnes toutes prêtes, une ligne par canal.",
            self._models,
            shape({"items": several(_LISTED)}),
        )
        yield ApiOperation(
            *("copyModel", "POST", "/models/{model}/copy", Access.WRITE),
            "Faire d’un modèle une campagne du brouillon, sous le nom dit.",
            self._copy,
            _MADE,
            (_MODEL,),
            body=shape({"name": TEXT, "channel": TEXT}, "channel"),
            problems=("inconnu", *_READABLE),
        )

    async def _list(self, request: Request) -> Response:
        names = await in_daemon_thread(self._scripts.names)
        return answered(request, {"items": [{"file": one} for one in names]})

    async def _get(self, request: Request) -> Response:
        return answered(request, _said(await self._known(request)))

    async def _save(self, request: Request) -> Response:
        given = await body(request, ("text",))
        typed = text(given, "text", _MOST, stripped=False)
        before = await self._known(request)
        replaced(request, _said(before))
        await self._readable()
        saved = await in_daemon_thread(self._scripts.save, before.file, typed, before.version)
        if not isinstance(saved, Saved):
            raise Misasked("a-change")
        return await self._remarked(request, saved.text)

    async def _create(self, request: Request) -> Response:
        given = await body(request, ("name", "text"))
        name, typed = text(given, "name", 100), text(given, "text", _MOST, stripped=False)
        await self._readable()
        try:
            file = await self._shelf.begin(name, typed)
        except NotCopied as refused:
            raise Misasked("contenu-refuse", "/name", str(refused)) from refused
        return await self._remarked(request, await in_daemon_thread(self._scripts.read, file))

    async def _readable(self) -> None:
        """Refuse to write where what is written could not be remarked on, the rest being unreadable."""
        await self._draft.ask(lambda _: None)

    async def _remarked(self, request: Request, one: DraftText) -> Response:
        """What is written, and what is to be said of it, the draft around it being as it is."""
        remarks = await self._draft.ask(
            lambda draft: diagnostics(
                one.text, draft.edited(one.file, one.text).diagnostics(one.file)[one.file], one.file
            )
        )
        return answered(request, {**_said(one), "remarks": remarks}, of=_said(one))

    async def _known(self, request: Request) -> DraftText:
        try:
            return await in_daemon_thread(self._scripts.read, request.path_params["file"])
        except LookupError as error:
            raise Misasked("inconnu", "/file", "Aucun script n’a ce chemin.") from error

    async def _models(self, request: Request) -> Response:
        found = [
            {
                "name": one.name,
                "channel": one.channel,
                "campaign": one.campaign,
                "family": one.family,
                "description": one.description,
            }
            for one in await self._shelf.models()
        ]
        return answered(request, {"items": found})

    async def _copy(self, request: Request) -> Response:
        given = await body(request, ("name", "channel"))
        name, channel = text(given, "name", 100), text(given, "channel", 100)
        wanted = request.path_params["model"]
        variants = [one for one in await self._shelf.models() if one.name == wanted]
        if not variants:
            raise Misasked("inconnu", "/model", "Aucun modèle ne porte ce nom.")
        chosen = [one for one in variants if not channel or one.channel == channel]
        if not chosen:
            known = ", ".join(one.channel for one in variants)
            raise Misasked("contenu-refuse", "/channel", f"Un canal parmi : {known}.")
        try:
            made = await self._shelf.copy(lambda: chosen[0], name)
        except NotCopied as refused:
            raise Misasked("contenu-refuse", "/name", str(refused)) from refused
        files = sorted(made.files)
        return answered(request, {"campaign": made.campaign, "file": made.script, "files": files})


def _said(one: DraftText) -> Mapping[str, str]:
    return {"file": one.file, "text": one.text}
