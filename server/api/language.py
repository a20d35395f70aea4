"""The language, for editors: what each question brings and answers; answered by `server.web.language`."""

from collections.abc import Iterator, Mapping

from dsl.service.arranging import ArrangeVerb
from server.api.operation import ApiOperation, Schema
from server.api.schemas import COUNT, TEXT, or_null, several, shape
from server.web.language import PATH, LanguageEndpoints
from server.web.limits import WHOLE
from server.web.page import Access

_SPAN: Mapping[str, Schema] = {"start": COUNT, "end": COUNT}
_PLACED: Mapping[str, Schema] = {**_SPAN, "line": COUNT}
_PLACES = several(shape({"file": TEXT, "line": COUNT}))
_POINT = shape(
    {
        "offset": COUNT,
        "line": COUNT,
        "column": COUNT,
        "utf16_column": COUNT,
        "utf16_offset": COUNT,
    }
)
_BETWEEN: Mapping[str, Schema] = {"start": _POINT, "end": _POINT}
_REMARK = shape(
    {
        "code": TEXT,
        "title": TEXT,
        "severity": TEXT,
        "file": TEXT,
        "message": TEXT,
        **_BETWEEN,
        "fixes": several(shape({"text": TEXT, **_BETWEEN})),
        "notes": several(shape({"message": TEXT, **_BETWEEN})),
        "page": TEXT,
    }
)
#: What is said of a script, each at its place.
REMARKS = several(_REMARK)
#: What may be inserted: where it is to be filled in, as offsets within `text`.
_INSERTION: Mapping[str, Schema] = {
    "label": TEXT,
    "kind": TEXT,
    "text": TEXT,
    "stops": several(several(COUNT)),
    "help": TEXT,
    "example": TEXT,
    "detail": TEXT,
}
_HOVER = shape(
    {**_SPAN, "title": TEXT, "paragraphs": several(TEXT), "example": TEXT, "places": _PLACES}
)
_EDITS = several(shape({"file": TEXT, **_PLACED, "text": TEXT}))
_SYMBOL: Mapping[str, Schema] = {"name": TEXT, "kind": TEXT, **_PLACED, "name_span": shape(_SPAN)}
#: Campaigns hold steps, which hold nothing.
_STEP = shape({**_SYMBOL, "within": {"type": "array", "items": shape({}), "maxItems": 0}})
_WORDS = shape(
    {
        "words": shape(
            {
                **dict.fromkeys(
                    ("leading", "inside", "headers", "opening", "parting"), several(TEXT)
                ),
                "closing": TEXT,
                "bounded": {"type": "object", "additionalProperties": several(TEXT)},
            }
        ),
        "phrases": several(shape(_INSERTION)),
    }
)
#: The asker's own, which comes back as it came.
_VERSION: Schema = {"type": ["integer", "string", "null"]}
_TYPED: Mapping[str, Schema] = {
    "file": {"type": "string", "maxLength": 200, "pattern": r"\.relance$"},
    "text": TEXT,
    "version": _VERSION,
}
_AT: Mapping[str, Schema] = {"offset": COUNT}
#: After the block of a line, or within what that line opens.
_PLACE: Schema = {"type": "string", "pattern": r"^(\d{1,7}(:(dans|sinon))?)?$"}
_NAMED: Mapping[str, Schema] = {**_AT, "name": TEXT}

#: By its address: its name, what it does, what it takes beside the text, what it answers.
_QUESTIONS: Mapping[str, tuple[str, str, Mapping[str, Schema], Mapping[str, Schema], bool]] = {
    "check": (
        "checkScript",
        "Les remarques d’un script.",
        {"page": {"type": "boolean"}},
        {"diagnostics": REMARKS},
        True,
    ),
    "complete": (
        "completeScript",
        "Ce qui peut s’écrire à cet endroit, le plus probable d’abord.",
        _AT,
        {"items": several(shape({**_INSERTION, **_SPAN, "intention": TEXT}))},
        True,
    ),
    "hover": (
        "explainPhrase",
        "Ce que veut dire ce qui est écrit là.",
        _AT,
        {"hover": or_null(_HOVER)},
        True,
    ),
    "name": (
        "findName",
        "Le nom qui est là, et où il est écrit.",
        _AT,
        {"name": or_null(TEXT), **_SPAN, "places": _PLACES},
        False,
    ),
    "rename": (
        "renameName",
        "Ce que changer ce nom changerait, ou pourquoi il ne convient pas\u00a0; rien n’est écrit.",
        _NAMED,
        {"former": TEXT, "name": TEXT, "caution": TEXT, "edits": _EDITS, "refusal": TEXT},
        False,
    ),
    "symbols": (
        "outlineScript",
        "Ce que le script déclare.",
        {},
        {"symbols": several(shape({**_SYMBOL, "within": several(_STEP)}))},
        True,
    ),
    "blocks": (
        "listBlocks",
        "Les blocs d’un script, et les endroits où l’on peut en mettre un.",
        {},
        {
            "blocks": several(
                shape({**dict.fromkeys(("line", "first", "last"), COUNT), "label": TEXT})
            ),
            "places": several(shape({"place": TEXT, "label": TEXT})),
        },
        True,
    ),
    "arrange": (
        "arrangeScript",
        "Ce que déplacer, ajouter, retirer un bloc ou le mener ailleurs ferait du script, ou pourquoi cela"
        " ne se peut\u00a0; rien n’est écrit.",
        {
            "order": {"type": "string", "enum": [one.value for one in ArrangeVerb]},
            "at": _PLACE,
            "to": _PLACE,
            "phrase": TEXT,
        },
        {
            "edits": _EDITS,
            "line": COUNT,
            "said": TEXT,
            "where": TEXT,
            "stop": shape(_SPAN),
            "note": TEXT,
            "refusal": TEXT,
        },
        False,
    ),
    "format": (
        "formatScript",
        "Ce qui mettrait le script en forme\u00a0; rien n’est écrit.",
        {},
        {"edits": _EDITS},
        True,
    ),
}


class LanguageOperations:
    """The language of a server's draft. Reading is enough: what a question brings is kept nowhere."""

    def __init__(self, endpoints: LanguageEndpoints) -> None:
        self._endpoints = endpoints

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked."""
        yield ApiOperation(
            *("listWords", "GET", f"{PATH}words", Access.READ),
            "Les mots de la structure, et toutes les phrases.",
            self._endpoints.words,
            _WORDS,
        )
        for way, (name, summary, given, answer, always) in _QUESTIONS.items():
            yield ApiOperation(
                *(name, "POST", PATH + way, Access.READ),
                summary,
                self._endpoints.answering(way),
                shape({"version": _VERSION, **answer}, *(() if always else answer)),
                body=shape({**_TYPED, **given}, "version", *given),
                problems=("contenu-refuse",),
                most=WHOLE,
            )
