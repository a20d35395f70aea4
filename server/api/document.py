"""The OpenAPI 3.1 document, made of the operations."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from server.api.operation import PATH, ApiOperation, Schema
from server.api.schemas import PROBLEM
from server.http.problems import KINDS

#: One JSON value a line.
LINES = "application/x-ndjson"
_OF_ALL = ("connexion", "role", "contenu-refuse", "brouillon-illisible", "interne", "indisponible")


def document(operations: Iterable[ApiOperation]) -> Mapping[str, Any]:
    """What a program needs to know of all that it may ask."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(PATH + one.path.replace(":path}", "}"), {})[one.method.lower()] = _said(
            one
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Relance", "version": "1"},
        "security": [{"jeton": []}],
        "components": {
            "securitySchemes": {
                "jeton": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Un jeton de la page «\u00a0Jetons\u00a0» ; ses rôles disent ce qu’il ouvre.",
                }
            },
            "schemas": {"Problem": PROBLEM},
        },
        "paths": paths,
    }


def _said(one: ApiOperation) -> Mapping[str, Any]:
    role = one.access.role
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Rôle demandé : {role.value}." if role else one.access.value,
        "x-role": role.code if role else None,
        "responses": {
            "200": {"description": "Fait.", "content": _answer(one)},
            **({"202": _later(one.accepted)} if one.accepted is not None else {}),
            **_refusals((*_OF_ALL, *one.problems)),
        },
    }
    if one.parameters:
        found["parameters"] = [
            {
                "name": each.name,
                "in": each.place,
                "required": each.place == "path",
                "schema": each.schema,
                "description": each.meaning,
            }
            for each in one.parameters
        ]
    if one.body is not None:
        found["requestBody"] = {"required": "required" in one.body, "content": _json(one.body)}
    if one.takes_file:
        found["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return found


def _later(accepted: Schema) -> Mapping[str, Any]:
    where = {"description": "Où regarder ce qu’il en advient.", "schema": {"type": "string"}}
    return {
        "description": "Ce sera fait.",
        "headers": {"Location": where},
        "content": _json(accepted),
    }


def _answer(one: ApiOperation) -> Mapping[str, Any]:
    return {LINES: {"schema": one.answer}} if one.streams else _json(one.answer)


def _refusals(names: Iterable[str]) -> Mapping[str, Any]:
    titles: dict[int, list[str]] = {}
    for name in dict.fromkeys(names):
        titles.setdefault(KINDS[name].status, []).append(re.sub(r"\.$", "", KINDS[name].title))
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": " ; ".join(said) + ".", "content": content}
        for status, said in titles.items()
    }


def _json(schema: Any) -> Mapping[str, Any]:
    return {"application/json": {"schema": schema}}
