"""`POST /webhooks/forms/{form}`: a form becomes a lead and an event, and is answered once stored."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope

from relance.errors import Problem, Unacceptable
from relance.events import FORM_SUBMITTED, NewEvent
from relance.fold import identifier_of, key_of
from relance.host import Clock, Identities, Incoming, Receipt
from relance.origin import origin_of
from relance.proof import Proof
from relance.provenance import HIDDEN, OURS, Provenance, provenance
from relance.values import Several, Value
from relance.visitor import mark_rules, new_mark
from relance.webhook_signature import SignatureVerdict, verify
from server.http import bodies, visitors
from server.http.deadline import stored_in_time, when_stored
from server.http.exchange import JSON, TooLarge, header, headers, read_body, signed
from server.http.form_names import FormNames
from server.http.form_refusals import FormRefusals
from server.http.problems import CONTENT_TYPE, Problems, for_people
from server.http.quota import Quota
from server.http.rate import RateLimit
from server.http.redirects import allowed_redirect
from server.http.refusals import REFUSED, refusal
from server.http.senders import Senders
from server.intake.incoming import Arrival, arrival
from server.intake.intake import Intake
from server.settings import Settings
from server.store import contacts

PATH = "/webhooks/forms/"
MAX_BODY = 65_536

#: What a form says of these stays in its event: who owns a lead is for the team to say.
_OURS = frozenset({"vendeur"})
#: The fields that say who it is.
_WHO = frozenset({"courriel", "telephone", "cellulaire"})
_REDIRECT, _RETURN = "_redirect", "_retour"
_KEY = "_cle"

#: The end of line is for who posts from a terminal.
_RECEIVED = '{"statut": "reçu"}\n'.encode()
#: The same answer to all who give nothing to say more of: nobody adds to it.
_RECEIVED_BY_PROGRAM = Response(_RECEIVED, 201, media_type=JSON)
_ALLOW = {"allow": "POST, OPTIONS"}


#: What is to be told of what was brought: the answer, or what nobody expected.
Answer = Callable[[Response | Exception], None]


class _Form(NamedTuple):
    """A form as it was posted: its fields, and what the page asked of us."""

    name: str
    fields: Mapping[str, object]
    key: str | None
    redirect: str | None
    #: Whether who posted it holds the form's secret.
    signed: bool


class _Brought(NamedTuple):
    """What a post brings, and what its answer depends on."""

    form: _Form
    incoming: Incoming
    #: The mark its browser is given.
    mark: str | None
    came: Provenance


class Forms:
    """Answers form posts."""

    def __init__(
        self,
        intake: Intake,
        settings: Settings,
        clock: Clock,
        problems: Problems,
        quota: Quota,
        thanks: bytes,
        names: FormNames,
    ) -> None:
        self._intake = intake
        self._settings = settings
        self._forms = settings.forms
        self._clock = clock
        self._problems = problems
        self._quota = quota
        self._thanks = thanks
        self.names = self._names = names
        self._limit = RateLimit(settings.forms.rate, settings.forms.burst)
        own = origin_of(settings.public_url)
        self._sites = self._forms.origins | ({own} if own else set())
        self.senders = Senders()
        self._marks = mark_rules(settings.public_url, lambda name: settings.plugins.get(name, {}))
        self.trapped = 0
        self.refusals = FormRefusals(clock)
        #: How many were taken since the start: who looks on is told that it changed.
        self.taken = 0

    @property
    def full(self) -> bool:
        """Whether what waits to be stored leaves room for no more, here or at any other door."""
        return self._intake.queue.full

    async def __call__(self, scope: Scope, receive: Receive) -> Response:
        """The answer to any request under `/webhooks/forms/`."""
        name = self._names.addressed(scope["path"][len(PATH) :])
        if name is None:
            return self._problems.answer("introuvable")
        came = self._let_in(scope, name)
        if isinstance(came, Response):
            return self._dressed(scope, name, came)
        try:
            body = await read_body(scope, receive, MAX_BODY)
            brought = self._brought(scope, name, came, body)
            if isinstance(brought, Response):
                reply = brought
            else:
                stored = await stored_in_time(self._intake.record([brought.incoming]))
                reply = self._taken(scope, brought, stored[0])
        except REFUSED as error:
            reply = refusal(self._problems, error)
        return self._dressed(scope, name, reply)

    def promptly(self, scope: Scope, body: bytes, answer: Answer) -> None:
        """Have a request answered whose body is there already: as above, for less.

        `answer` is called once, unless this raises: now, or when what was posted is stored.
        """
        name = self._names.addressed(scope["path"][len(PATH) :])
        if name is None:
            answer(self._problems.answer("introuvable"))
            return
        came = self._let_in(scope, name)
        if isinstance(came, Response):
            answer(self._dressed(scope, name, came))
            return
        try:
            if len(body) > MAX_BODY:
                raise TooLarge
            brought = self._brought(scope, name, came, body)
            if not isinstance(brought, Response):
                self._bring(scope, name, brought, answer)
                return
            reply = brought
        except REFUSED as error:
            reply = refusal(self._problems, error)
        answer(self._dressed(scope, name, reply))

    def _bring(self, scope: Scope, name: str, brought: _Brought, answer: Answer) -> None:
        """Have it stored, and say what came of it."""

        def then(answered: Callable[[], Sequence[Receipt]]) -> None:
            try:
                reply = self._taken(scope, brought, answered()[0])
            except REFUSED as error:
                reply = refusal(self._problems, error)
            except Exception as error:
                answer(error)
                return
            answer(self._dressed(scope, name, reply))

        waiting = self._intake.bring([brought.incoming])
        when_stored(waiting.answer, partial(self._intake.leave, waiting), then)

    def _let_in(self, scope: Scope, name: str) -> Provenance | Response:
        """Where a post that is to be read comes from; else the answer to what is not worth it."""
        if scope["method"] == "OPTIONS":
            return self._preflight(header(scope, b"origin"))
        if scope["method"] != "POST":
            return self._problems.answer("methode", headers=_ALLOW)
        origin = header(scope, b"origin")
        came = self._came(scope, origin)
        if came is Provenance.FOREIGN:
            self.senders.refused(origin)
            return self._problems.answer("origine-cachee" if origin == HIDDEN else "origine")
        if wait := self._limit.wait((scope.get("client") or (None,))[0]):
            after = {"retry-after": str(math.ceil(wait))}
            return self._problems.answer("trop-de-demandes", headers=after)
        if key_of(name) in self._forms.secrets and not signed(scope):
            return self._problems.answer("signature")
        return came

    def _came(self, scope: Scope, origin: str) -> Provenance:
        """Where a post comes from; of no interest while any page may post."""
        if not origin or not self._forms.origins:
            return Provenance.UNSAID
        return provenance(headers(scope), self._sites)

    def _brought(
        self, scope: Scope, name: str, came: Provenance, body: bytes
    ) -> _Brought | Response:
        """What a post brings, checked; or what it is answered when it brings nothing."""
        signed_id = self._signed(scope, name, body)
        if signed_id is None:
            return self._problems.answer("signature")
        if not signed_id:
            self._quota.charge((scope.get("client") or (None,))[0], len(body))
        fields = bodies.read_form(header(scope, b"content-type"), body)
        form = self._form(scope, name, fields, signed_id)
        # Of a hidden site all is kept but the browser: whoever it is, it joins nobody's past.
        known, may_mark = visitors.marked(scope, self._marks) if came in OURS else (None, False)
        if _last_text(fields.get(self._forms.honeypot)):
            self.trapped += 1  # a robot: answered like anybody, kept nowhere
            self.refusals.trapped(name, header(scope, b"origin"))
            return self._received(scope, form, None)
        browser = may_mark and visitors.is_browser(scope)
        incoming, visitor = self._incoming(form, known, browser=browser)
        new = visitor if may_mark and visitor != known else None
        return _Brought(form, incoming, new, came)

    def _taken(self, scope: Scope, brought: _Brought, receipt: Receipt) -> Response:
        """The answer once it is stored."""
        if receipt.conflict:
            return self._problems.answer("cle-reutilisee")
        self.taken += 1
        if brought.came is Provenance.HIDDEN:
            self.senders.hid(brought.form.name)
        return self._received(scope, brought.form, brought.mark)

    def _dressed(self, scope: Scope, name: str, reply: Response) -> Response:
        """An answer as its sender wants it: a page for people, open to the sites that may read it."""
        origin = header(scope, b"origin")
        if reply.media_type == CONTENT_TYPE and scope["method"] == "POST":
            self.refusals.note(name, reply, origin)
        if reply.media_type == CONTENT_TYPE and "text/html" in header(scope, b"accept"):
            reply = for_people(reply)
        if origin:
            reply.headers.update(self._cors(origin))
        return reply

    def tried(self, name: str, fields: Mapping[str, object]) -> Arrival:
        """What such a post would bring, checked as one is, nothing of it recorded.

        Raises `Unacceptable` as a post would be refused.
        """
        kept = {field: value for field, value in fields.items() if not field.startswith("_")}
        form = _Form(self._names.meant(name), kept, None, None, signed=False)
        incoming, _ = self._incoming(form, None, browser=False)
        return arrival(incoming, self._intake.fields, self._settings.region)

    def _signed(self, scope: Scope, name: str, body: bytes) -> str | None:
        """The id of a well signed post, empty for a form that needs no signature; else None."""
        secret = self._forms.secrets.get(key_of(name))
        if secret is None:
            return ""
        given = headers(scope)
        if verify(secret, given, body, self._clock.now()) is not SignatureVerdict.VALID:
            return None
        return given["webhook-id"]

    def _form(self, scope: Scope, name: str, fields: Mapping[str, object], signed_id: str) -> _Form:
        kept: dict[str, object] = {}
        asks: dict[str, str] = {}
        for field, value in fields.items():
            if field.startswith("_"):
                asks[field] = _last_text(value)
            else:
                kept[field] = value
        # The signature covers its own id and not the other header: that one could be changed.
        key = signed_id or header(scope, b"idempotency-key") or asks.get(_KEY)
        asked = asks.get(_REDIRECT) or asks.get(_RETURN)
        target = asked or self._forms.returns.get(key_of(name))
        redirect = None
        if target is not None:
            sites = self._forms.redirects
            if not asked:
                sites |= {origin_of(target) or ""}
            redirect = allowed_redirect(target, self._settings.public_url, sites)
        return _Form(name, kept, key or None, redirect, bool(signed_id))

    def _received(self, scope: Scope, form: _Form, visitor: str | None) -> Response:
        added = {} if visitor is None else {"set-cookie": self._marks.kept(visitor)}
        if form.redirect is not None:
            return Response(None, 303, {**added, "location": form.redirect})
        if "text/html" in header(scope, b"accept"):
            return HTMLResponse(self._thanks, 201, added)
        if added or header(scope, b"origin"):
            return Response(_RECEIVED, 201, added, JSON)
        return _RECEIVED_BY_PROGRAM

    def _cors(self, origin: str) -> dict[str, str]:
        if origin not in self._sites:
            return {"vary": "Origin"}
        return {
            "vary": "Origin",
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
        }

    def _preflight(self, origin: str) -> Response:
        if origin not in self._sites:
            return self._problems.answer("origine")
        return Response(
            None,
            204,
            {
                "access-control-allow-methods": "POST",
                "access-control-allow-headers": "Content-Type, Idempotency-Key",
                "access-control-max-age": "600",
            },
        )

    def _incoming(
        self, form: _Form, known: str | None, *, browser: bool
    ) -> tuple[Incoming, str | None]:
        """The fact a form tells, and the visitor's mark; a new mark only if it can be of use."""
        if not any(map(_last_text, form.fields.values())):
            raise Unacceptable([Problem("", "Le formulaire est vide.")])
        said, taught = self._read(form)
        email, phone = self._who(said)
        visitor = known
        if visitor is None and (browser or (email is None and phone is None)):
            visitor = new_mark()
        incoming = Incoming(
            # However the address spells its name: a signature covers the key, not the address.
            source=f"form:{identifier_of(form.name)}",
            identities=Identities(email=email, phone=phone, visitor=visitor),
            fields=taught,
            events=(
                NewEvent(FORM_SUBMITTED, form.name, properties=form.fields),
                *self._consents(form, email or phone),
            ),
            key=form.key,
            proof=Proof.SIGNED if form.signed else Proof.STATED,
        )
        return incoming, visitor

    def _consents(self, form: _Form, address: str | None) -> Iterator[NewEvent]:
        """What the form’s box says, if somebody can be written to."""
        asked = self._settings.consent.forms.get(key_of(form.name))
        if asked is not None and address is not None:
            said = {key_of(name): _last_text(value) for name, value in form.fields.items()}
            yield from asked.events(form.name, said)

    def _read(self, form: _Form) -> tuple[dict[str, list[str]], dict[str, Value | Several]]:
        """Who it says it is, by field; the fields of the lead as they came: their types say what they make."""
        said: dict[str, list[str]] = {}
        taught: dict[str, Value | Several] = {}
        for name, value in form.fields.items():
            field = self._intake.fields.meant(name)
            if field is not None:
                if field.key in _OURS:
                    continue
                if field.key in _WHO:
                    said.setdefault(field.key, []).extend(_all(value))
            if isinstance(value, float):
                taught[name] = Decimal(repr(value))
            elif isinstance(value, str | int | bool | Several):
                taught[name] = value
        return said, taught

    def _who(self, said: Mapping[str, list[str]]) -> tuple[str | None, str | None]:
        """The e-mail, the last sound one of several; the phone, the main one before the mobile."""
        emails = said.get("courriel", [])
        sound = [one for one in emails if contacts.email_key(one)]
        region = self._settings.region
        phones = [
            one
            for key in ("cellulaire", "telephone")
            for one in said.get(key, ())
            if contacts.phone_key(one, region)
        ]
        email = (sound or emails)[-1] if emails else None
        return email, phones[-1] if phones else None


def _all(value: object) -> list[str]:
    """The texts under a name, those left empty aside."""
    several = value.values if isinstance(value, Several) else (value,)
    texts = (str(one).strip() for one in several if one is not None)
    return [text for text in texts if text]


def _last_text(value: object) -> str:
    """What a name says, the last of several; empty when nothing."""
    if isinstance(value, str):
        return value.strip()
    said = _all(value)
    return said[-1] if said else ""
