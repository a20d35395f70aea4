"""What the markup of a mail will lose: links that lead nowhere, HTML that is not kept, Markdown unread."""

import re
from collections.abc import Iterator
from pathlib import Path

from plugins.email.allowed import TAGS
from plugins.email.targets import target
from plugins.email.template import MAX_BYTES
from plugins.kit.texts.collection import files, text_of
from relance.fault import Fault
from relance.french import quoted

_LINK = re.compile(
    r"""\]\((?P<m>[^()\s<>]{0,2000})|<a\s[^<>]{0,500}?href\s{0,9}=\s{0,9}["'](?P<h>[^"'<>]{0,2000})["']"""
)
_MARKDOWN_LINK = re.compile(r"\[[^\[\]\n]{1,300}\]\(")
_ELEMENT = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})(?=[\s/>])")
#: The page itself, which every mail has: nothing is lost with them.
_PAGE = frozenset({"html", "head", "body", "meta", "title"})


def review_markup(folder: Path, kind: str) -> Iterator[Fault]:
    """What is doubtful in the markup of the mails of a folder."""
    for path in files(folder, kind, ".md"):
        source = text_of(path, MAX_BYTES)
        if source is None:
            continue
        file = str(path.relative_to(folder))
        body = source.find("\n---", 3) + 4 if source.startswith("---") else 0
        for at, told in (*_links(source, body), *_lost(source, body)):
            yield Fault(file, source.count("\n", 0, at) + 1, told)


def _links(source: str, body: int) -> Iterator[tuple[int, str]]:
    for found in _LINK.finditer(source, body):
        group = "m" if found["m"] is not None else "h"
        written, at = found[group], found.start(group)
        if not written:
            if group == "h" or source.startswith(")", found.end()):
                yield at, "ce lien n’a pas d’adresse"
        elif "{" not in written and not target(written):
            yield at, _nowhere(written)


def _nowhere(written: str) -> str:
    scheme, colon, rest = written.partition(":")
    told = f"le lien {quoted(written[:100])} ne mène nulle part"
    if written.lower().startswith("www."):
        return f"{told} ; écrire {quoted(f'https://{written[:100]}')}"
    if colon and rest.startswith("//"):
        kinds = "http, https, mailto, tel ou sms"
        return f"{told} : {quoted(scheme[:30])} n’est pas une sorte d’adresse ({kinds})"
    return f"{told} : une adresse commence par « https:// »"


def _lost(source: str, body: int) -> Iterator[tuple[int, str]]:
    conditional = source.find("<!--[if", body)
    if conditional >= 0:
        told = "les commentaires conditionnels (« <!--[if …]> ») ne sont pas gardés"
        yield conditional, told
    for found in _ELEMENT.finditer(source, body):
        if found[1].lower() not in TAGS | _PAGE:
            yield (
                found.start(),
                f"l’élément {quoted(f'<{found[1]}>')} n’est pas gardé dans un courriel",
            )
    if source[body:].lstrip().startswith("<"):
        markdown = _MARKDOWN_LINK.search(source, body)
        if markdown is not None:
            yield (
                markdown.start(),
                "ce texte commence par « < » : il est lu comme du HTML, et ce lien en "
                'Markdown n’y est pas lu ; écrire « <a href="…"> »',
            )
