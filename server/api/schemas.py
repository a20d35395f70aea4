"""The shapes that operations share, as JSON Schemas."""

from collections.abc import Mapping
from typing import Any

from server.api.operation import Schema

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}


def or_null(schema: Schema) -> Schema:
    """That, or nothing."""
    return {**schema, "type": [schema["type"], "null"]}


def shape(members: Mapping[str, Schema], *optional: str) -> Schema:
    """An object of these members and no others, all there but the `optional` ones."""
    found: dict[str, Any] = {
        "type": "object",
        "properties": dict(members),
        "additionalProperties": False,
    }
    required = [name for name in members if name not in optional]
    return {**found, "required": required} if required else found


def several(item: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": item}


def part(item: Schema) -> Schema:
    """A part of a long list; `next` asks for the one after, null of the last."""
    return shape({"items": several(item), "next": or_null(TEXT)})


#: RFC 9457.
PROBLEM = shape(
    {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "errors": several(shape({"pointer": TEXT, "detail": TEXT})),
        "instance": TEXT,
    },
    "errors",
    "instance",
)
