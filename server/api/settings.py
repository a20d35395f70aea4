"""The settings, read and changed by programs as on their page: a secret is written, and never told."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.errors import ConfigurationError
from relance.french import quoted
from relance.legible import in_json
from relance.setting import SettingKind
from relance.slip import slip_of
from server.api.asking import Misasked, answered, body, mark_of, replaced, text
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import FLAG, TEXT, or_null, several, shape
from server.http.exchange import JSON
from server.orders.declined import Declined
from server.orders.settings import SET
from server.settings_sources import SourcedSetting, sections
from server.web.office import Office
from server.web.page import Access

_SETTING = shape(
    {
        **{"section": TEXT, "key": TEXT, "label": TEXT, "kind": TEXT, "value": or_null(TEXT)},
        **{"set": FLAG, "from": TEXT, "locked": or_null(TEXT)},
    }
)
_CHANGE = {"section": TEXT, "key": TEXT, "value": or_null(TEXT)}
_SEEN = Parameter(
    "if-match",
    "header",
    TEXT,
    "L’ETag des réglages tels qu’ils ont été lus ; sans lui, rien n’est écrit.",
)
_LONGEST = 1_000


class SettingOperations:
    """The settings of a server's project."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._one_at_a_time = asyncio.Lock()

    def operations(self) -> Iterator[ApiOperation]:
        """Both."""
        yield ApiOperation(
            *("listSettings", "GET", "/settings", Access.ADMINISTER),
            "Chaque réglage, sa valeur (jamais celle d’un secret) et d’où elle vient ; «\u00a0locked\u00a0» dit "
            "pourquoi il ne se change pas d’ici.",
            self._listed,
            shape({"items": several(_SETTING)}),
            problems=("refuse",),
        )
        yield ApiOperation(
            *("changeSetting", "POST", "/settings/change", Access.ADMINISTER),
            "Changer un réglage, comme on l’écrirait sur la page : «\u00a0oui\u00a0» ou «\u00a0non\u00a0», un nombre, un texte, "
            "plusieurs lignes ; null l’ôte. Le prochain démarrage en tient compte.",
            self._change,
            shape({"dit": TEXT, "setting": _SETTING}),
            (_SEEN,),
            shape(_CHANGE),
            (
                "refuse",
                "inconnu",
                "a-change",
                "sans-etag",
                "json-attendu",
                "json-illisible",
                "confirmer",
            ),
            recent=True,
        )

    async def _items(self) -> Sequence[Mapping[str, Any]]:
        office = self._office
        try:
            found = await asyncio.to_thread(sections, office.settings.folder, office.plugins)
        except ConfigurationError as unread:
            raise Misasked("refuse", "", str(unread)) from unread
        return [_said(one.schema.section, each) for one in found for each in one.settings]

    async def _listed(self, request: Request) -> Response:
        return answered(request, {"items": await self._items()})

    async def _change(self, request: Request) -> Response:
        given = await body(request, _CHANGE)
        section, key = text(given, "section", 100), text(given, "key", 100)
        value = "" if given.get("value") is None else text(given, "value", _LONGEST, stripped=False)
        if "value" not in given:
            raise Misasked("contenu-refuse", "/value", "Dites ce qu’il devient ; null l’ôte.")
        async with self._one_at_a_time:
            items = await self._items()
            replaced(request, {"items": items})
            known = _known(items, section, key)
            secret = known["kind"] == SettingKind.SECRET.name.lower()
            if not value and given["value"] is not None and secret:
                why = "Écrivez le nouveau, ou null pour effacer celui qui est fixé."
                raise Misasked("contenu-refuse", "/value", why)
            said = await self._ordered(
                request, section, key, "secret" if secret else "valeur", value
            )
            after = await self._items()
        answer = {"dit": said, "setting": _known(after, section, key)}
        headers = {"etag": mark_of({"items": after})}
        return Response(in_json(answer), headers=headers, media_type=JSON)

    async def _ordered(
        self, request: Request, section: str, key: str, held: str, value: str
    ) -> str:
        """What the page orders, under the names that tell the log what it may keep."""
        actor = request.state.caller.actor
        given = {"reglage": f"{section}.{key}".lstrip("."), "section": section, "cle": key}
        try:
            return await self._office.desk.perform(
                SET, {"qui": actor.who, **given, held: value}, actor
            )
        except Declined as declined:
            raise Misasked("refuse", "/value", str(declined)) from declined


def _said(section: str, one: SourcedSetting) -> Mapping[str, Any]:
    return {
        "section": section,
        "key": one.setting.key,
        "label": one.setting.label,
        "kind": one.setting.kind.name.lower(),
        "value": one.value or None,
        "set": one.is_set,
        "from": one.where,
        "locked": one.locked or None,
    }


def _known(items: Sequence[Mapping[str, Any]], section: str, key: str) -> Mapping[str, Any]:
    for one in items:
        if (one["section"], one["key"]) == (section, key):
            return one
    near = slip_of(f"{section}.{key}", [f"{one['section']}.{one['key']}" for one in items])
    meant = f" Vouliez-vous dire {quoted(near)}\u00a0?" if near else ""
    raise Misasked("inconnu", "/key", f"Aucun réglage ne porte ce nom.{meant}")
