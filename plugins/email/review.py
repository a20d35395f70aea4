"""What the markup of a mail will lose: links that lead nowhere, HTML that is not kept, Markdown unread."""

import re
from collections.abc import Collection, Iterator

from plugins.email import conditional, stylesheets
from plugins.email.allowed import ATTRIBUTES, STYLES, TAGS
from plugins.email.targets import target
from relance.fault import Fault
from relance.french import quoted

_LINK = re.compile(
    r"""\]\((?P<m>[^()\s<>]{0,2000})|<a\s[^<>]{0,500}?href\s{0,9}=\s{0,9}["'](?P<h>[^"'<>]{0,2000})["']"""
)
#: An image, which is no link; one may stand in a link.
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\]\([^()\s<>]{0,2000}\)")
_MARKDOWN_LINK = re.compile(r"\[[^\[\]\n]{1,300}\]\(")
_ELEMENT = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})(?=[\s/>])")
#: An attribute, and its value: quoted or bare.
_ATTRIBUTE = re.compile(
    r"""[\s/]{0,200}([^\s"'<>/=]{1,100})(?:\s{0,20}=\s{0,20}("[^"]{0,3000}"|'[^']{0,3000}'|[^\s"'<>]{1,3000}))?"""
)
#: How far an element's own attributes may stand.
_FAR = 6_000
_LIQUID = re.compile(r"\{\{[^}]{0,2000}\}\}|\{%[^%]{0,2000}%\}")
#: What stands for Liquid, one sign for each of its own: places stay true.
_HIDDEN = "\x01"
#: The page itself, which every mail has: nothing is lost with them.
_PAGE = frozenset({"html", "head", "body", "meta", "title"})


def doubts_of_markup(file: str, source: str) -> Iterator[Fault]:
    """What is doubtful in the markup of the mail in a file."""
    body = source.find("\n---", 3) + 4 if source.startswith("---") else 0
    for at, message in (*_links(source, body), *_lost(source, body)):
        yield Fault(file, source.count("\n", 0, at) + 1, message)


def _links(source: str, body: int) -> Iterator[tuple[int, str]]:
    for found in _LINK.finditer(_IMAGE.sub(_hidden, source), body):
        group = "m" if found["m"] is not None else "h"
        written, at = found[group], found.start(group)
        if not written:
            if group == "h" or source.startswith(")", found.end()):
                yield at, "ce lien n’a pas d’adresse"
        elif "{" not in written and not target(written):
            yield at, _nowhere(written)


def _nowhere(written: str) -> str:
    scheme, colon, rest = written.partition(":")
    message = f"le lien {quoted(written[:100])} ne mène nulle part"
    if written.lower().startswith("www."):
        return f"{message} ; écrire {quoted(f'https://{written[:100]}')}"
    if colon and rest.startswith("//"):
        kinds = "http, https, mailto, tel ou sms"
        return f"{message} : {quoted(scheme[:30])} n’est pas une sorte d’adresse ({kinds})"
    return f"{message} : une adresse commence par « https:// »"


def _lost(source: str, body: int) -> Iterator[tuple[int, str]]:
    hidden = conditional.ANY.sub(_hidden, _LIQUID.sub(_hidden, source))
    classes: set[str] = set()
    for found in stylesheets.SHEET.finditer(hidden, body):
        classes |= stylesheets.classes_of(found[1])
        for name in dict.fromkeys(stylesheets.lost(found[1])):
            yield found.start(), f"{quoted(name[:40])} n’est pas gardé dans un style"
    hidden = stylesheets.SHEET.sub(_hidden, hidden)
    seen: set[str] = set()
    for found in _ELEMENT.finditer(hidden, body):
        tag = found[1].lower()
        if tag not in TAGS | _PAGE:
            message = f"l’élément {quoted(f'<{found[1]}>')} n’est pas gardé dans un courriel"
            yield found.start(), message
        elif tag not in _PAGE:
            for message in _attributes_lost(tag, hidden[found.end() : found.end() + _FAR], classes):
                if message not in seen:  # a page made by a tool has the same a thousand times
                    seen.add(message)
                    yield found.start(), message
    if source[body:].lstrip().startswith("<"):
        markdown = _MARKDOWN_LINK.search(source, body)
        if markdown is not None:
            yield (
                markdown.start(),
                "ce texte commence par « < » : il est lu comme du HTML, et ce lien en "
                'Markdown n’y est pas lu ; écrire « <a href="…"> »',
            )


def _hidden(found: re.Match[str]) -> str:
    return _HIDDEN * len(found[0])


def _attributes_lost(tag: str, after: str, classes: Collection[str]) -> Iterator[str]:
    """What is said of the attributes of an element that are not kept, `after` its name."""
    kept = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())
    at = 0
    while found := _ATTRIBUTE.match(after, at):
        at = found.end()
        name, value = found[1].lower(), (found[2] or "").strip("\"' ")
        if _HIDDEN in name:
            yield f"une balise « {{% … %}} » écrite dans {quoted(f'<{tag}>')} n’est pas gardée"
        elif name not in kept:
            yield f"l’attribut {quoted(name)} de {quoted(f'<{tag}>')} n’est pas gardé"
        elif name == "style":
            yield from _styles_lost(value)
        elif name == "class":
            unknown = [one for one in value.split() if one not in classes and _HIDDEN not in one]
            for one in unknown:
                yield f"la classe {quoted(one[:40])} : aucun style de ce courriel n’en parle"


def _styles_lost(style: str) -> Iterator[str]:
    for part in style.split(";"):
        name = part.partition(":")[0].strip().lower()
        if name and _HIDDEN not in part and name not in STYLES:
            yield f"la propriété de style {quoted(name[:40])} n’est pas gardée"
