"""The sites whose pages may talk to a plugin from a browser: those its section names, or those of `[web]`."""

from relance.french import quoted
from relance.host import Setup
from relance.origin import origin_of, site_of
from relance.section import Section, split


def sites(given: Section, host: Setup) -> frozenset[str]:
    """Their origins, and this server's own; ConfigurationError for what is no site.

    None named: those of [web], whose own plugin tells what is wrong with them.
    """
    named = given.texts("sites")
    for text in named:
        if site_of(text) is None:
            said = f"contient {quoted(text)}, qui n’est pas l’adresse d’un site."
            raise given.wrong("sites", said)
    followed = named or host.settings("web").get("sites", ())
    known = followed if isinstance(followed, list | tuple) else split(str(followed))
    origins = (*(site_of(str(one)) for one in known), origin_of(host.public_url))
    return frozenset(one for one in origins if one is not None)
