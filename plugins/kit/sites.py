"""The sites whose pages may talk to a plugin from a browser: those its section names, or those of `[web]`."""

from urllib.parse import urlsplit

from relance.french import quoted
from relance.host import Setup
from relance.section import Section


def sites(given: Section, host: Setup) -> frozenset[str]:
    """Their origins, and this server's own; ConfigurationError for what is no site.

    None named: those of [web], whose own plugin tells what is wrong with them.
    """
    named = given.texts("sites")
    for text in named:
        if not _is_site(text):
            said = f"contient {quoted(text)}, qui n’est pas l’adresse d’un site."
            raise given.wrong("sites", said)
    followed = named or host.settings("web").get("sites", ())
    known = followed if isinstance(followed, list | tuple) else str(followed).split(",")
    origins = (_origin(one) for one in map(str, known) if _is_site(one))
    return frozenset((*origins, _origin(host.public_url)))


def _origin(address: str) -> str:
    parts = urlsplit(address.strip())
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_site(text: str) -> bool:
    parts = urlsplit(text.strip())
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.path.strip("/")
