"""One message: its file in the draft, written beside what its readers will see, and tried."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from server.preview.messages import ProjectMessages
from server.preview.shading import Shade, plain_page, shaded
from server.preview.stage import SAMPLE
from server.publication.drafting import Clashing, DraftText, Saved
from server.reports.card import name_of
from server.reports.people import find_lead
from server.web.draft_saving import by_editor, saved, saved_as_json, saved_flash, text_asked
from server.web.frame import Flash, done, viewer_of
from server.web.messages.desk import LookedAt, MessageDesk, key_of_message
from server.web.messages.listing import PATH, places
from server.web.messages.trying import MessageTries
from server.web.page import Access, Page
from server.web.posted import posted

#: The largest message there may be, as a form sends it.
_MOST = 1_500_000
#: What is shown in a frame may load nothing from elsewhere, run nothing, and stand on our pages alone.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{images}; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"
)
_WIDTHS = {"600": "Ordinateur", "360": "Téléphone"}
_SHADES = {"clair": "Clair", "sombre": "Sombre", "force": "Sombre imposé"}
_VIEWS = {"page": "Page", "texte": "Texte seul"}
_GONE = "Cet aperçu n’est plus gardé : rechargez la page."


@dataclass(frozen=True, slots=True)
class _Seen:
    """How one looks at it: as whom, how wide, under which shade, the page or the text."""

    lead: int | None = None
    width: str = "600"
    shade: str = "clair"
    view: str = "page"
    images: str = ""

    @classmethod
    def of(cls, request: Request) -> "_Seen":
        """As the address says; what it says wrongly is as usual."""
        given = request.query_params
        lead = given.get("lead", "")
        return cls(
            int(lead) if lead.isascii() and lead.isdecimal() and len(lead) < 19 else None,
            given.get("largeur", "") if given.get("largeur", "") in _WIDTHS else "600",
            given.get("teinte", "") if given.get("teinte", "") in _SHADES else "clair",
            given.get("vue", "") if given.get("vue", "") in _VIEWS else "page",
            "oui" if given.get("images") == "oui" else "",
        )

    def asking(self, **other: str) -> str:
        """The same, asked by an address, but for what is other."""
        known: Mapping[str, object] = {
            "lead": self.lead or "",
            "largeur": self.width,
            "teinte": self.shade,
            "vue": self.view,
            "images": self.images,
        }
        return "?" + urlencode({name: one for name, one in {**known, **other}.items() if one})


@dataclass
class MessagePage:
    """Shows a message, saves it, and shows it again as it is typed. `write`: who may, as of scripts."""

    desk: MessageDesk
    tries: MessageTries
    write: Access
    _choices: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: {"largeur": _WIDTHS, "teinte": _SHADES, "vue": _VIEWS}
    )

    def pages(self) -> Iterator[Page]:
        """The message; what it is seen as; where it is saved, looked at and tried."""
        form_at = PATH + "/{file}"
        yield Page(PATH + "/{file:path}", Access.READ, self.page)
        yield Page("/apercu/{mark}", Access.READ, self.frame)
        yield Page("/lecteur/{file:path}", Access.PERSONAL, self.reader, ("POST",), form_at=form_at)
        yield Page(*("/apercevoir/{file:path}", self.write, self.typed, ("POST",)), most=_MOST)
        yield Page(
            *("/enregistrer-message/{file:path}", self.write, self.save, ("POST",)),
            form_at=form_at,
            most=_MOST,
        )
        yield Page(
            *("/essayer/{file:path}", self.write, self.attempt, ("POST",)),
            form_at=form_at,
            most=_MOST,
        )

    # --- Looking ----------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """The message as the draft has it."""
        text = await text_asked(request, self.desk.texts)
        return await self._page(request, text)

    async def frame(self, request: Request) -> Response:
        """What is kept to be shown, on a page of its own."""
        kept, seen = self.desk.kept(request.path_params["mark"]), _Seen.of(request)
        shade = Shade(seen.shade)
        if kept is None:
            html, status = plain_page(_GONE, shade), 404
        elif seen.view == "texte" or not kept.html:
            html, status = plain_page(kept.text, shade), 200
        else:
            html, status = shaded(kept.html, shade), 200
        policy = _POLICY.format(images=" https:" if seen.images else "")
        return HTMLResponse(html, status, {"content-security-policy": policy})

    async def reader(self, request: Request) -> Response:
        """As whom it is to be shown: found by what is known of them, and kept in no address."""
        file, form = request.path_params["file"], await posted(request)
        await self._messages(file)
        sought = form.text("lecteur").strip()[:254]
        here = f"{PATH}/{quote(file)}"
        if not sought:
            return done(here, Flash("Voici le message pour une personne inventée."))
        async with self.desk.office.store.read() as conn:
            lead = await find_lead(conn, sought)
        if lead is None:
            text = await text_asked(request, self.desk.texts)
            unknown = (sought, f"Aucun lead ne répond à «\u00a0{sought[:80]}\u00a0».")
            return await self._page(request, text, status=422, unknown=unknown)
        return done(f"{here}?lead={lead}", Flash("Voici le message tel que ce lead le lirait."))

    async def typed(self, request: Request) -> Response:
        """What is being typed, as it would be read: its mark, and what stands around its frame."""
        file, seen = request.path_params["file"], _Seen.of(request)
        messages, form = await self._messages(file), await request.form()
        text = form.get("text")
        if not isinstance(text, str):
            raise HTTPException(400)
        messages = messages.typed(file, text)
        found = await self._look(request, messages, file, seen)
        part = self.desk.office.frame.part(
            request, "_seen.html", found=found, sample=await self._sample(seen), typing=True
        )
        around = bytes(part.body).decode()
        # What cannot be shown leaves in the frame what was shown last.
        sound = found.shown is not None and not found.former
        return JSONResponse({"mark": found.mark if sound else "", "around": around})

    # --- Writing ----------------------------------------------------------------------------

    async def save(self, request: Request) -> Response:
        """Put what was typed in the draft, with what others did meanwhile."""
        typed, found = await saved(request, self.desk.texts)
        if by_editor(request):
            return saved_as_json(found)
        if isinstance(found, Saved):
            here = f"{PATH}/{quote(typed.file)}{_Seen.of(request).asking()}"
            return done(here, saved_flash(found))
        return await self._page(request, typed, found, 409)

    async def attempt(self, request: Request) -> Response:
        """Send it to who looks, as it is on the screen."""
        file, seen = request.path_params["file"], self._seen(request)
        messages = await self._messages(file)
        form = await request.form()
        text, to = form.get("text"), form.get("adresse")
        if isinstance(text, str):
            messages = messages.typed(file, text)
        lead = None if seen.lead is None else str(seen.lead)
        sent = await self.tries.send(
            request, messages, file, lead, to if isinstance(to, str) else ""
        )
        if isinstance(text, str) and sent.refused:
            known = await text_asked(request, self.desk.texts)
            typed = DraftText(file, text, known.version)
            return await self._page(request, typed, status=422, wrong=sent.text, to=str(to or ""))
        return done(f"{PATH}/{quote(file)}{seen.asking()}", sent)

    # ----------------------------------------------------------------------------------------

    async def _messages(self, file: str) -> ProjectMessages:
        messages = await self.desk.messages()
        try:
            messages.at(file)
        except LookupError as error:
            raise HTTPException(404) from error
        return messages

    def _seen(self, request: Request) -> _Seen:
        """How it is looked at; what is known of a lead is for who may read it."""
        seen = _Seen.of(request)
        if seen.lead is not None and Access.PERSONAL not in viewer_of(request).may:
            raise HTTPException(404)
        return seen

    async def _look(
        self, request: Request, messages: ProjectMessages, file: str, seen: _Seen
    ) -> LookedAt:
        seen = self._seen(request)
        found = await self.desk.look(messages, file, None if seen.lead is None else str(seen.lead))
        if found is None:
            raise HTTPException(404)
        return found

    async def _sample(self, seen: _Seen) -> str:
        """Who it is shown to, in a word."""
        if seen.lead is None:
            return f"{SAMPLE['prénom']} {SAMPLE['nom']}, personne inventée"
        table = self.desk.office.store.fields.table
        async with self.desk.office.store.read() as conn:
            row = (
                (await conn.execute(table.select().where(table.c.id == seen.lead)))
                .mappings()
                .first()
            )
        return name_of(row) if row is not None and name_of(row) else f"lead n° {seen.lead}"

    async def _page(
        self,
        request: Request,
        text: DraftText,
        clash: Clashing | None = None,
        status: int = 200,
        wrong: str = "",
        to: str | None = None,
        unknown: tuple[str, str] = ("", ""),
    ) -> Response:
        seen = self._seen(request)
        messages = (await self._messages(text.file)).typed(text.file, text.text)
        found = await self._look(request, messages, text.file, seen)
        one, office = messages.at(text.file), self.desk.office
        uses = (await self.desk.uses()).get(key_of_message(one), ())
        own = self.tries.own_address(request, one.channel)
        values: dict[str, Any] = {
            "message": one,
            "channel": office.glossary.channel(one.channel),
            "found": found,
            "seen": seen,
            "choices": self._choices,
            "uses": [each for each in places(uses) if each.campaign],
            "sample": await self._sample(seen),
            "to": own if to is None else to,
            "anywhere": Access.PUBLISH in viewer_of(request).may,
            "wrong": wrong,
            "unknown": unknown,
            "typing": False,
        }
        may_change = self.write in viewer_of(request).may
        return office.frame.page(
            request,
            "project_message.html",
            here="messages",
            title=one.name,
            trail=(("Messages", PATH),),
            edits=True,
            frames=True,
            status=status,
            script={"file": text.file, "text": text.text, "may_change": may_change},
            label=f"Texte de {one.name}",
            variables=await self.desk.sayable(messages),
            version=text.version,
            at_once=office.at_once,
            clash=clash,
            **values,
        )
