"""Messages of the draft: listed with what became of them, read and written, looked at, tried."""

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.fold import fold
from server.api.asking import Misasked, answered, body, replaced, text
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, FLAG, TEXT, several, shape
from server.daemon_thread import in_daemon_thread
from server.preview.messages import LONGEST_NAME, Misnamed, ProjectMessages, WrittenMessage
from server.publication.drafting import Saved
from server.publication.unusable import writing_draft
from server.web.frame import viewer_of
from server.web.messages.listing import ListedMessage, entries, listed
from server.web.messages.room import MessageRoom
from server.web.page import Access

_CHANNEL = Parameter("channel", "path", TEXT, "Le canal : email, sms…")
_NAME = Parameter("name", "path", TEXT, "Le nom du message.")
_MATCH = Parameter(
    "if-match", "header", TEXT, "L’ETag du message tel qu’il a été lu ; sans lui, rien n’est écrit."
)
_ONE = (_CHANNEL, _NAME)
_MOST = 300_000
_LISTED = shape(
    {
        "channel": TEXT,
        "name": TEXT,
        "file": TEXT,
        "nature": TEXT,
        "faulty": FLAG,
        "campaigns": several(TEXT),
        "sent": COUNT,
        "delivered": COUNT,
        "read": COUNT,
        "clicked": COUNT,
    }
)
_TEXT = shape({"channel": TEXT, "name": TEXT, "file": TEXT, "text": TEXT})
_CHECK = shape({"kind": TEXT, "line": COUNT, "words": TEXT})
_SEEN = shape(
    {
        "subject": TEXT,
        "preheader": TEXT,
        "text": TEXT,
        "html": TEXT,
        "size": TEXT,
        "checks": several(_CHECK),
    }
)
_LOOK = shape({"text": TEXT, "lead": COUNT}, "text", "lead")
_TRY = shape({"text": TEXT, "lead": COUNT, "to": TEXT}, "text", "lead")
_READABLE = ("json-attendu", "json-illisible")


class MessageOperations:
    """The messages of a server’s draft, as on the pages."""

    def __init__(self, room: MessageRoom) -> None:
        self._desk, self._tries, self._write = room.desk, room.tries, room.write

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listMessages", "GET", "/messages", Access.READ),
            "Les messages du brouillon, qui les envoie, et ce qu’ils sont devenus en 30 jours.",
            self._list,
            shape({"items": several(_LISTED)}),
        )
        yield ApiOperation(
            *("getMessage", "GET", "/messages/{channel}/{name}", Access.READ),
            "Le texte d’un message du brouillon.",
            self._get,
            _TEXT,
            _ONE,
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("createMessage", "POST", "/messages/create", self._write),
            "Commencer un message dans le brouillon.",
            self._create,
            _TEXT,
            body=shape({"channel": TEXT, "name": TEXT}),
            problems=_READABLE,
        )
        yield ApiOperation(
            *("saveMessage", "POST", "/messages/{channel}/{name}/save", self._write),
            "Écrire le texte d’un message dans le brouillon : rien n’est publié.",
            self._save,
            _TEXT,
            (*_ONE, _MATCH),
            body=shape({"text": TEXT}),
            problems=("inconnu", "a-change", "sans-etag", *_READABLE),
        )
        yield ApiOperation(
            *("previewMessage", "POST", "/messages/{channel}/{name}/preview", self._write),
            "Le message comme un lead, ou une personne inventée, le lirait, et ce qui est à relire.",
            self._preview,
            _SEEN,
            _ONE,
            body=_LOOK,
            problems=("inconnu", *_READABLE),
        )
        yield ApiOperation(
            *("tryMessage", "POST", "/messages/{channel}/{name}/try", self._write),
            "Envoyer un essai du message à une adresse de la maison.",
            self._try,
            shape({"sent": FLAG, "said": TEXT}),
            _ONE,
            body=_TRY,
            problems=("inconnu", *_READABLE),
        )

    async def _list(self, request: Request) -> Response:
        found, _ = await listed(self._desk, *await entries(self._desk))
        return answered(request, {"items": [_line(one) for one in found]})

    async def _get(self, request: Request) -> Response:
        _, one = await self._known(request)
        return answered(request, await self._written(one))

    async def _create(self, request: Request) -> Response:
        given = await body(request, ("channel", "name"))
        channel, name = text(given, "channel"), text(given, "name", LONGEST_NAME)
        messages = await self._desk.messages()
        try:
            with writing_draft():
                file = messages.begin(self._desk.office.settings.folder, channel, name)
        except Misnamed as wrong:
            raise Misasked("contenu-refuse", "/name", str(wrong)) from wrong
        except LookupError as wrong:
            raise Misasked("contenu-refuse", "/channel", _channels(messages)) from wrong
        return answered(request, await self._written((await self._desk.messages()).at(file)))

    async def _save(self, request: Request) -> Response:
        given = await body(request, ("text",))
        written = text(given, "text", _MOST)
        _, one = await self._known(request)
        replaced(request, await self._written(one))
        before = await in_daemon_thread(self._desk.texts.read, one.file)
        saved = await in_daemon_thread(self._desk.texts.save, one.file, written, before.version)
        if not isinstance(saved, Saved):
            raise Misasked("a-change")
        messages = (await self._desk.messages()).typed(one.file, written)
        return answered(request, await self._written(messages.at(one.file)))

    async def _preview(self, request: Request) -> Response:
        messages, one, lead, _ = await self._asked(request, ("text", "lead"))
        found = await self._desk.look(messages, one.file, lead)
        if found is None:
            raise Misasked("inconnu", "/lead", "Aucun lead ne porte ce numéro.")
        shown = None if found.former else found.shown
        return answered(
            request,
            {
                "subject": shown.subject if shown else "",
                "preheader": shown.preheader if shown else "",
                "text": shown.text if shown else "",
                "html": shown.html if shown else "",
                "size": shown.size if shown else "",
                "checks": [
                    {"kind": each.kind, "line": each.line, "words": each.words}
                    for each in found.checks
                ],
            },
        )

    async def _try(self, request: Request) -> Response:
        messages, one, lead, given = await self._asked(request, ("text", "lead", "to"))
        said = await self._tries.send(request, messages, one.file, lead, text(given, "to"))
        return answered(request, {"sent": not said.refused, "said": said.text})

    async def _asked(
        self, request: Request, members: tuple[str, ...]
    ) -> tuple[ProjectMessages, WrittenMessage, str | None, Mapping[str, Any]]:
        given = await body(request, members)
        messages, one = await self._known(request)
        if "text" in given:
            messages = messages.typed(one.file, text(given, "text", _MOST))
        lead = given.get("lead")
        if lead is None:
            return messages, one, None, given
        if type(lead) is not int or not 0 < lead < 2**63:
            raise Misasked("contenu-refuse", "/lead", "Un lead se désigne par son numéro.")
        if Access.PERSONAL not in viewer_of(request).may:
            why = "Il faut aussi le rôle «\u00a0données personnelles\u00a0»."
            raise Misasked("contenu-refuse", "/lead", why)
        return messages, one, str(lead), given

    async def _known(self, request: Request) -> tuple[ProjectMessages, WrittenMessage]:
        messages = await self._desk.messages()
        channel, name = request.path_params["channel"], request.path_params["name"]
        for one in messages:
            if one.channel == channel and fold(one.name) == fold(name) and not one.script:
                return messages, one
        raise Misasked("inconnu", "/name", "Aucun message de ce canal ne porte ce nom.")

    async def _written(self, one: WrittenMessage) -> Mapping[str, object]:
        found = await in_daemon_thread(self._desk.texts.read, one.file)
        return {"channel": one.channel, "name": one.name, "file": one.file, "text": found.text}


def _line(one: ListedMessage) -> Mapping[str, object]:
    return {
        "channel": one.message.channel,
        "name": one.message.name,
        "file": one.message.script or one.message.file,
        "nature": one.nature.value,
        "faulty": one.faulty,
        "campaigns": [name for name, _ in one.campaigns],
        **{fate: one.figures.of((fate,)) for fate in ("sent", "delivered", "read", "clicked")},
    }


def _channels(messages: ProjectMessages) -> str:
    known = ", ".join(one.channel for one in messages.plugins.edited())
    return f"Un canal parmi : {known}."
