"""`POST /webhooks/forms/{form}`: a form becomes a lead and an event, and is answered once stored."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dsl.fold import identifier_of, key_of, loose_key, names_something
from relance.errors import Problem, Unacceptable
from relance.events import NewEvent
from relance.host import Clock, Identities, Incoming
from relance.proof import Proof
from relance.provenance import HIDDEN, OURS, Provenance, provenance
from relance.values import Value
from relance.visitor import mark_rules, new_mark
from server.http import bodies, visitors
from server.http.deadline import in_time
from server.http.exchange import (
    HTML,
    Answer,
    Header,
    Receive,
    Scope,
    header,
    headers,
    read_body,
    signed,
)
from server.http.form_names import FormNames
from server.http.problems import CONTENT_TYPE, Problems, for_people
from server.http.quota import Quota
from server.http.rate import RateLimit
from server.http.redirects import allowed_redirect
from server.http.refusals import REFUSED, refusal
from server.http.senders import Senders
from server.intake.intake import Intake
from server.origin import origin_of
from server.settings import Settings
from server.webhook_signature import Verdict, verify

PATH = "/webhooks/forms/"
MAX_BODY = 65_536

#: What sites call the fields that say who a lead is, and those every project has.
_EMAILS = ("courriel", "email", "e-mail", "mail", "adresse-courriel", "adresse-de-courriel")
_PHONES = ("telephone", "cellulaire", "tel", "phone", "mobile")
_ALIASES: Mapping[str, str] = {
    "first-name": "prénom",
    "firstname": "prénom",
    "last-name": "nom",
    "lastname": "nom",
    "city": "ville",
    "tel": "téléphone",
    "phone": "téléphone",
    "mobile": "cellulaire",
}
#: What a form says of these stays in its event: who owns a lead is for the team to say.
_OURS = frozenset({"vendeur"})
_REDIRECTS = ("_redirect", "_retour")
_KEY = "_cle"

#: The end of line is for who posts from a terminal.
_RECEIVED = '{"statut": "reçu"}\n'.encode()
_ALLOW: Header = (b"allow", b"POST, OPTIONS")


@dataclass(frozen=True, slots=True)
class _Form:
    """A form as it was posted: its fields, and what the page asked of us."""

    name: str
    fields: Mapping[str, object]
    key: str | None
    redirect: str | None
    #: Whether who posted it holds the form's secret.
    signed: bool


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
        self._names = names
        self._limit = RateLimit(settings.forms.rate, settings.forms.burst)
        own = origin_of(settings.public_url)
        self._sites = self._forms.origins | ({own} if own else set())
        self.senders = Senders()
        self._marks = mark_rules(settings.public_url, settings.plugins.get("web", {}))
        self.trapped = 0

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        """The answer to any request under `/webhooks/forms/`."""
        name = scope["path"][len(PATH) :]
        if "/" in name or len(name) > 150 or not name.isprintable() or not names_something(name):
            return self._problems.answer("introuvable")
        name = self._names.meant(name)
        origin = header(scope, b"origin")
        reply = await self._checked(scope, receive, name, origin)
        if reply.content_type == CONTENT_TYPE and "text/html" in header(scope, b"accept"):
            reply = for_people(reply)
        return reply.with_headers(self._cors(origin)) if origin else reply

    async def _checked(self, scope: Scope, receive: Receive, name: str, origin: str) -> Answer:
        if scope["method"] == "OPTIONS":
            return self._preflight(origin)
        if scope["method"] != "POST":
            return self._problems.answer("methode", headers=[_ALLOW])
        came = self._came(scope, origin)
        if came is Provenance.FOREIGN:
            self.senders.refused(origin)
            return self._problems.answer("origine-cachee" if origin == HIDDEN else "origine")
        if wait := self._limit.wait((scope.get("client") or (None,))[0]):
            after = (b"retry-after", str(math.ceil(wait)).encode())
            return self._problems.answer("trop-de-demandes", headers=[after])
        try:
            return await self._post(scope, receive, name, came)
        except REFUSED as error:
            return refusal(self._problems, error)

    def _came(self, scope: Scope, origin: str) -> Provenance:
        """Where a post comes from; of no interest while any page may post."""
        if not origin or not self._forms.origins:
            return Provenance.UNSAID
        return provenance(headers(scope), self._sites)

    async def _post(self, scope: Scope, receive: Receive, name: str, came: Provenance) -> Answer:
        if key_of(name) in self._forms.secrets and not signed(scope):
            return self._problems.answer("signature")
        body = await read_body(scope, receive, MAX_BODY)
        signed_id = self._signed(scope, name, body)
        if signed_id is None:
            return self._problems.answer("signature")
        if not signed_id:
            self._quota.charge((scope.get("client") or (None,))[0], len(body))
        fields = bodies.read_form(header(scope, b"content-type"), body)
        form = self._form(scope, name, fields, signed_id)
        # Of a hidden site all is kept but the browser: whoever it is, it joins nobody's past.
        known, may_mark = visitors.marked(scope, self._marks) if came in OURS else (None, False)
        if str(fields.get(self._forms.honeypot) or "").strip():
            self.trapped += 1  # a robot: answered like anybody, kept nowhere
            return self._received(scope, form, None)
        browser = may_mark and visitors.is_browser(scope)
        incoming, visitor = _incoming(form, known, browser=browser)
        receipt = (await in_time(self._intake.record([incoming])))[0]
        if receipt.conflict:
            return self._problems.answer("cle-reutilisee")
        if came is Provenance.HIDDEN:
            self.senders.hid(form.name)
        return self._received(scope, form, visitor if may_mark and visitor != known else None)

    def _signed(self, scope: Scope, name: str, body: bytes) -> str | None:
        """The id of a well signed post, empty for a form that needs no signature; else None."""
        secret = self._forms.secrets.get(key_of(name))
        if secret is None:
            return ""
        given = headers(scope)
        if verify(secret, given, body, self._clock.now()) is not Verdict.VALID:
            return None
        return given["webhook-id"]

    def _form(self, scope: Scope, name: str, fields: Mapping[str, object], signed_id: str) -> _Form:
        hidden = fields.get(_KEY)
        # The signature covers its own id and not the other header: that one could be changed.
        key = signed_id or header(scope, b"idempotency-key") or (str(hidden) if hidden else None)
        asked = next((fields[field] for field in _REDIRECTS if fields.get(field)), None)
        target = str(asked) if asked else self._forms.returns.get(key_of(name))
        redirect = None
        if target is not None:
            sites = self._forms.redirects
            if not asked:
                sites |= {origin_of(target) or ""}
            redirect = allowed_redirect(target, self._settings.public_url, sites)
        kept = {field: value for field, value in fields.items() if not field.startswith("_")}
        return _Form(name, kept, key or None, redirect, bool(signed_id))

    def _received(self, scope: Scope, form: _Form, visitor: str | None) -> Answer:
        added: list[Header] = []
        if visitor is not None:
            added.append(visitors.set_cookie(visitor, self._marks))
        if form.redirect is not None:
            added.append((b"location", form.redirect.encode("ascii")))
            return Answer(303, headers=tuple(added))
        if "text/html" in header(scope, b"accept"):
            return Answer(201, self._thanks, HTML, tuple(added))
        return Answer(201, _RECEIVED, headers=tuple(added))

    def _cors(self, origin: str) -> list[Header]:
        vary: list[Header] = [(b"vary", b"Origin")]
        if origin not in self._sites:
            return vary
        return [
            *vary,
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
        ]

    def _preflight(self, origin: str) -> Answer:
        if origin not in self._sites:
            return self._problems.answer("origine")
        return Answer(
            204,
            headers=(
                (b"access-control-allow-methods", b"POST"),
                (b"access-control-allow-headers", b"Content-Type, Idempotency-Key"),
                (b"access-control-max-age", b"600"),
            ),
        )


def _incoming(form: _Form, known: str | None, *, browser: bool) -> tuple[Incoming, str | None]:
    """The fact a form tells, and the visitor's mark; a new mark only if it can be of use."""
    by_key = {loose_key(name): name for name in form.fields}
    email = _first(form.fields, by_key, _EMAILS)
    phone = _first(form.fields, by_key, _PHONES)
    if not any(str(value).strip() for value in form.fields.values()):
        raise Unacceptable([Problem("", "Le formulaire est vide.")])
    visitor = known
    if visitor is None and (browser or (email is None and phone is None)):
        visitor = new_mark()
    fields: dict[str, Value] = {
        _ALIASES.get(loose_key(name), name): value
        for name, value in form.fields.items()
        if loose_key(name) not in _OURS and isinstance(value, str | int | bool)
    }
    incoming = Incoming(
        # However the address spells its name: a signature covers the key, not the address.
        source=f"form:{identifier_of(form.name)}",
        identities=Identities(email=email, phone=phone, visitor=visitor),
        fields=fields,
        events=(NewEvent("form_submitted", form.name, properties=form.fields),),
        key=form.key,
        proof=Proof.SIGNED if form.signed else Proof.STATED,
    )
    return incoming, visitor


def _first(
    fields: Mapping[str, object], by_key: Mapping[str, str], keys: tuple[str, ...]
) -> str | None:
    for key in keys:
        name = by_key.get(key)
        if name is not None and (text := str(fields[name]).strip()):
            return text
    return None
