"""Bodies of forms, in the three formats the web posts: read within limits, or refused.

Files are refused: a form of marketing has nowhere to put one, and losing it in silence would be
worse. A file field left empty by the visitor is no file.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from relance.errors import Problem, Unacceptable
from server.intake.incoming import MAX_FIELDS

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"

_MAX_PARTS = MAX_FIELDS + 20
_MAX_HEADER = 4_096
#: Reading parameters takes the square of their length.
_MAX_CONTENT_TYPE = 1_000


class Unreadable(ValueError):
    """The body is not what its content type says."""


class UnknownFormat(ValueError):
    """A content type or charset that is not accepted."""


def read_form(content_type: str, body: bytes) -> dict[str, object]:
    """The fields of a form; one that comes several times holds its values joined by « , »."""
    if len(content_type) > _MAX_CONTENT_TYPE:
        raise UnknownFormat("too long")
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == URLENCODED:
        _refuse_charset(content_type, parameters)
        return _joined(_urlencoded(body))
    if kind == JSON:
        _refuse_charset(content_type, parameters)
        return _form_object(read_json(body))
    if kind == MULTIPART:
        return _joined(_multipart(content_type, body))
    raise UnknownFormat(kind)


def _refuse_charset(content_type: str, parameters: str) -> None:
    if parameters:
        _, options = parse_options_header(content_type)
        charset = options.get(b"charset", b"utf-8").lower()
        if charset not in {b"utf-8", b"utf8"}:
            raise UnknownFormat(charset.decode("latin-1"))


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return dict(found)


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    """What `urllib.parse.parse_qsl` reads, in a third of its time: all escapes are read at once."""
    try:
        text = body.decode().replace("+", " ")
        pieces = [piece.partition("=") for piece in text.split("&") if piece]
        if len(pieces) > _MAX_PARTS:
            raise ValueError("too many fields")
        texts = [part for name, _, value in pieces for part in (name, value)]
        if "%" in text:
            texts = _unescaped(texts)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    return list(zip(texts[::2], texts[1::2], strict=True))


def _unescaped(texts: list[str]) -> list[str]:
    found = unquote("\0".join(texts), errors="strict").split("\0")
    if len(found) == len(texts):
        return found
    return [unquote(text, errors="strict") for text in texts]  # some text holds a NUL itself


def read_json(body: bytes) -> Any:
    """Any JSON value; NaN and infinities are none."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _form_object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Unreadable("a form is a JSON object")
    return {name: _flat(item) for name, item in value.items() if item is not None}


def _flat(value: object) -> object:
    """A list of plain values reads as the same box ticked several times."""
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(str(item) for item in value)
    return value


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary or len(boundary) > 70:
        raise Unreadable("a multipart form says its boundary")
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not parts.whole:
        raise Unreadable("the last part is cut")
    return parts.read()


class _Parts:
    """Collects the parts of a multipart form."""

    def __init__(self) -> None:
        self._parts: list[tuple[dict[bytes, bytes], bytearray]] = []
        self._name, self._value = bytearray(), bytearray()
        self._headers_size = 0
        self.whole = False

    def callbacks(self) -> Mapping[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self._parts) >= _MAX_PARTS:
            raise Unreadable("too many parts")
        self._parts.append(({}, bytearray()))
        self._headers_size = 0

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]
        self._bound(end - start)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._bound(end - start)

    def _bound(self, size: int) -> None:
        self._headers_size += size
        if self._headers_size > _MAX_HEADER:
            raise Unreadable("a part's headers are too long")

    def _header_end(self) -> None:
        self._parts[-1][0][bytes(self._name).lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._parts[-1][1].extend(data[start:end])

    def _end(self) -> None:
        self.whole = True

    def read(self) -> list[tuple[str, str]]:
        found = []
        for headers, content in self._parts:
            _, options = parse_options_header(headers.get(b"content-disposition", b""))
            try:
                name = options.get(b"name", b"").decode()
                value = bytes(content).decode() if b"filename" not in options else ""
            except UnicodeDecodeError as error:
                raise Unreadable(str(error)) from error
            if not name:
                raise Unreadable("a part has no name")
            if b"filename" not in options:
                found.append((name, value))
            elif content:
                raise Unacceptable([Problem(f"/{name[:80]}", "Les fichiers ne sont pas acceptés.")])
        return found
