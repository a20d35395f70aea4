"""What a request brings, read: its body, its page of a list, what it knows of what it changes."""

import base64
import binascii
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.errors import Problem
from relance.french import quoted
from relance.legible import in_json
from relance.slip import slip_of
from server.http.exchange import JSON

MOST, USUAL = 200, 50


class Misasked(Exception):
    """It cannot be read, or must not be done: the refusal of that name, and what is to be corrected."""

    def __init__(self, name: str, pointer: str = "", *messages: str) -> None:
        super().__init__(*messages)
        self.name = name
        self.errors = tuple(Problem(pointer, one) for one in messages if one)


async def body(request: Request, members: Collection[str]) -> Mapping[str, Any]:
    """The object that came, of these members; an empty one when nothing came."""
    raw = await request.body()
    if not raw:
        return {}
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Misasked("json-attendu")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Misasked("json-illisible", "", _where(error)) from error
    if not isinstance(found, dict):
        raise Misasked("contenu-refuse", "", "Il faut un objet JSON.")
    for name in found:
        if name not in members:
            why = f"Ce membre n’est pas connu. {_likest(name, members, 'Membres')}"
            raise Misasked("contenu-refuse", f"/{name}", why)
    return found


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"Le JSON ne se lit plus à la ligne {error.lineno}, colonne {error.colno}."
    return "Envoyez un objet JSON, en UTF-8."


def _likest(name: str, known: Collection[str], what: str) -> str:
    near = slip_of(name, known)
    if near is not None:
        return f"Vouliez-vous dire {quoted(near)}\u00a0?"
    return f"{what} : {', '.join(sorted(known)) or 'aucun'}."


def expected(request: Request, parameters: Collection[str]) -> None:
    """Refuse what the address asks by a name that is none of these: it would be passed over unseen."""
    for name in request.query_params:
        if name not in parameters:
            why = f"Ce paramètre n’est pas connu. {_likest(name, parameters, 'Paramètres')}"
            raise Misasked("contenu-refuse", f"/{name}", why)


def text(given: Mapping[str, Any], name: str, longest: int = 500, *, stripped: bool = True) -> str:
    """That member, a text; empty when it did not come. `stripped`: less the blanks around it."""
    value = given.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise Misasked(
            "contenu-refuse", f"/{name}", f"Il faut un texte de {longest} caractères au plus."
        )
    return value.strip() if stripped else value


def flag(given: Mapping[str, Any], name: str) -> bool:
    """Whether that member is true; it is not when it did not come."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise Misasked(
            "contenu-refuse", f"/{name}", "Il faut «\u00a0true\u00a0» ou «\u00a0false\u00a0»."
        )
    return value


def count(given: Mapping[str, Any], name: str) -> int | None:
    """That member, a whole number that counts something; None when it did not come."""
    value = given.get(name)
    if value is not None and (type(value) is not int or value < 0 or value > 2**53):
        raise Misasked("contenu-refuse", f"/{name}", "Il faut un nombre entier.")
    return value


def limit(request: Request) -> int:
    """How many of a list are wanted."""
    asked = request.query_params.get("limit", str(USUAL))
    if not asked.isdecimal() or len(asked) > 6 or not 1 <= int(asked) <= MOST:
        raise Misasked("contenu-refuse", "/limit", f"Il faut un nombre de 1 à {MOST}.")
    return int(asked)


def cursor(request: Request) -> str:
    """Where the last part of the list ended; empty for the first one."""
    given = request.query_params.get("cursor", "")
    try:
        return base64.urlsafe_b64decode(given[:2_000] + "=" * (-len(given) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise Misasked(
            "contenu-refuse",
            "/cursor",
            "Prenez celui que disait «\u00a0next\u00a0» de la partie d’avant.",
        ) from error


def after(place: str) -> str:
    """What asks for what follows that place."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def in_part(items: Sequence[Any], most: int, place: str) -> Mapping[str, Any]:
    """A part of a list, and what asks for the one after; `place`: where its last one is."""
    return {"items": list(items[:most]), "next": after(place) if len(items) > most else None}


def answered(request: Request, found: object, of: object = None) -> Response:
    """That, and its mark: who has it already is told so (RFC 9110, section 13.1.2).

    `of`: what it is the mark of, when more is answered than that.
    """
    tag, seen = (
        mark_of(found if of is None else of),
        _tags(request.headers.get("if-none-match", "")),
    )
    if tag in seen or "*" in seen:
        return Response(None, 304, {"etag": tag})
    return Response(in_json(found), 200, {"etag": tag}, JSON)


def mark_of(found: object) -> str:
    """The ETag of what is answered."""
    return f'"{hashlib.sha256(in_json(found).encode(errors="replace")).hexdigest()[:32]}"'


def unchanged(request: Request, found: object) -> None:
    """Refuse who changes what is no longer as they saw it, when they say how they saw it."""
    seen = _tags(request.headers.get("if-match", ""))
    if seen and "*" not in seen and mark_of(found) not in seen:
        raise Misasked("a-change")


def replaced(request: Request, found: object) -> None:
    """The same of who replaces a whole text: which one is to be said (RFC 6585, section 3)."""
    if not _tags(request.headers.get("if-match", "")):
        raise Misasked("sans-etag")
    unchanged(request, found)


def _tags(header: str) -> set[str]:
    return {one.strip().removeprefix("W/") for one in header.split(",") if one.strip()}
