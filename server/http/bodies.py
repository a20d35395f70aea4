"""Bodies of forms, in the three formats the web posts: read within limits, or refused.

Files are refused: a form of marketing has nowhere to put one, and losing it in silence would be
worse. A file field left empty by the visitor is no file.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import Any
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from relance import posted_json
from relance.charset import decoded
from relance.errors import Problem, Unacceptable
from relance.values import Several
from server.intake.incoming import MAX_FIELDS

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"

_MAX_PARTS = MAX_FIELDS + 20
_MAX_HEADER = 4_096
#: Reading the parameters of a header takes the square of their length.
_MAX_PARAMETERS = 1_000
#: The hidden field browsers fill with the page's charset (WHATWG HTML, § 4.10.21).
_CHARSET = b"_charset_"
_PLAIN = (str, int, float, NoneType)


class UnreadableBody(ValueError):
    """The body is not what its content type says."""


class UnknownFormat(ValueError):
    """A content type that is not accepted."""


def read_form(content_type: str, body: bytes) -> dict[str, object]:
    """The fields of a form; what comes several times under one name is `Several`."""
    if len(content_type) > _MAX_PARAMETERS:
        raise UnknownFormat("too long")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (URLENCODED, JSON, MULTIPART):
        raise UnknownFormat(kind)
    charset = charset_of(content_type)
    try:
        if kind == URLENCODED:
            return _gathered(_urlencoded(body, charset))
        if kind == JSON:
            return _gathered(_form_object(read_json(body, charset)))
        return _gathered(_multipart(content_type, body, charset))
    except UnicodeError as error:
        raise UnreadableBody(str(error)) from error


def charset_of(content_type: str) -> str:
    """What a content type says of the text; empty for nothing."""
    if ";" not in content_type or len(content_type) > _MAX_PARAMETERS:
        return ""
    _, options = parse_options_header(content_type)
    return options.get(b"charset", b"").decode("latin-1")


def _gathered(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Values by name; « interets[] » is how some write that a name comes several times."""
    found: dict[str, object] = {}
    for name, value in pairs:
        name = name.removesuffix("[]") or name
        if name not in found:
            found[name] = value
        else:
            before = found[name]
            several = before.values if isinstance(before, Several) else (before,)
            more = value.values if isinstance(value, Several) else (value,)
            found[name] = Several((*several, *more))
    return found


def _urlencoded(body: bytes, charset: str) -> list[tuple[str, str]]:
    """What `urllib.parse.parse_qsl` reads, in a third of its time: all escapes are read at once."""
    _bounded(body, b"&")
    try:
        text = body.decode().replace("+", " ")
        pieces = [piece.partition("=") for piece in text.split("&") if piece]
        texts = [part for name, _, value in pieces for part in (name, value)]
        if "%" in text:
            texts = _unescaped(texts)
    except UnicodeDecodeError:
        return _urlencoded_otherwise(body, charset)
    return list(zip(texts[::2], texts[1::2], strict=True))


def _bounded(body: bytes, mark: bytes) -> None:
    """Refuse too many fields before any is read: what is refused must cost next to nothing."""
    if body.count(mark) > _MAX_PARTS + 1:  # one more, to end the last part
        raise _too_many()


def _too_many() -> Unacceptable:
    return Unacceptable([Problem("", f"Il y a plus de {MAX_FIELDS} champs.")])


def _unescaped(texts: list[str]) -> list[str]:
    found = unquote_to_bytes("\0".join(texts)).decode().split("\0")
    if len(found) == len(texts):
        return found
    return [unquote_to_bytes(text).decode() for text in texts]  # some text holds a NUL itself


def _urlencoded_otherwise(body: bytes, charset: str) -> list[tuple[str, str]]:
    """The same, of a page that is not in UTF-8."""
    pieces = [piece.partition(b"=") for piece in body.replace(b"+", b" ").split(b"&") if piece]
    raw = [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pieces]
    declared = _declared(raw) or charset
    return [(decoded(name, declared), decoded(value, declared)) for name, value in raw]


def _declared(pairs: Iterable[tuple[bytes, bytes]]) -> str:
    """The charset as browsers write it in a hidden field, when a page has it."""
    return next((value.decode("latin-1") for name, value in pairs if name == _CHARSET), "")


def read_json(body: bytes, charset: str = "") -> Any:
    """Any JSON value, its numbers with a point as decimals; NaN and infinities are none."""
    try:
        return posted_json.read(body, charset, parse_float=float)
    except ValueError as error:
        raise UnreadableBody(str(error)) from error


def _form_object(value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        raise UnreadableBody("a form is a JSON object")
    if len(value) > _MAX_PARTS:
        raise _too_many()
    for name, item in value.items():
        if isinstance(item, list) and all(isinstance(one, _PLAIN) for one in item):
            # The same box ticked several times.
            yield name, Several(tuple(one for one in item if one is not None))
        elif item is not None:
            yield name, item


def _multipart(content_type: str, body: bytes, charset: str) -> list[tuple[str, str]]:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary or len(boundary) > 70:
        raise UnreadableBody("a multipart form says its boundary")
    _bounded(body, b"--" + boundary)
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise UnreadableBody(str(error)) from error
    if not parts.whole:
        raise UnreadableBody("the last part is cut")
    return parts.read(charset)


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
            raise _too_many()
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
            raise UnreadableBody("a part's headers are too long")

    def _header_end(self) -> None:
        self._parts[-1][0][bytes(self._name).lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._parts[-1][1].extend(data[start:end])

    def _end(self) -> None:
        self.whole = True

    def read(self, charset: str) -> list[tuple[str, str]]:
        """The fields, each read in its part's own charset, else in the form's."""
        found: list[tuple[bytes, bytes, str]] = []
        for headers, content in self._parts:
            line = headers.get(b"content-disposition", b"")
            if len(line) > _MAX_PARAMETERS:
                raise UnreadableBody("the name of a part is too long")
            _, options = parse_options_header(line)
            name = options.get(b"name", b"")
            if not name:
                raise UnreadableBody("a part has no name")
            if b"filename" not in options:
                kind = headers.get(b"content-type", b"").decode("latin-1")
                found.append((name, bytes(content), charset_of(kind)))
            elif content:
                shown = decoded(name, charset)[:80]
                raise Unacceptable([Problem(f"/{shown}", "Les fichiers ne sont pas acceptés.")])
        declared = _declared((name, value) for name, value, _ in found) or charset
        return [
            (decoded(name, declared), decoded(value, own or declared)) for name, value, own in found
        ]
