"""What pages offer to whom: never what its own address would refuse them."""

import re
from collections.abc import Mapping

from relance.access_role import AccessRole
from server.web.frame import HOME
from server.web.page import Access
from tests.http.conftest import Site
from tests.pages import CLOSED, OPEN
from tests.signed import sign_in
from tests.web.test_interface import site
from tests.whole import lay_out

__all__ = ["site"]

_LINK = re.compile(r'<a[^>]* href="(/[^"#?]*)')
_FORM = re.compile(r'<form[^>]* action="(/[^"#?]*)')
_ADDRESSES: Mapping[str, re.Pattern[str]] = {
    one: re.compile(
        re.sub(r"\\{\w+(:path)?\\}", lambda m: ".+" if m[1] else "[^/]+", re.escape(one))
    )
    for one in (*OPEN, *CLOSED)
}


def address_of(path: str) -> str:
    """The page that a link leads to, as `tests/pages.py` writes it."""
    return next(one for one, written in _ADDRESSES.items() if written.fullmatch(path))


async def offers(site: Site, here: str) -> tuple[set[str], set[str]]:
    """The addresses of the links of a page, and those of its forms."""
    answer = await site.client.get(here, headers={"accept": "text/html"})
    assert answer.status_code < 400, (here, answer.status_code)
    return set(_LINK.findall(answer.text)), set(_FORM.findall(answer.text))


#: Who looks, and the page they begin at.
LOOKERS = (
    ({AccessRole.READ}, "/"),
    ({AccessRole.READ, AccessRole.WRITE}, "/"),
    ({AccessRole.READ, AccessRole.PUBLISH}, "/"),
    ({AccessRole.PERSONAL}, "/leads"),
)


async def test_no_page_offers_what_it_would_refuse(site: Site) -> None:
    lay_out(site.runtime.settings.folder, {"autre.relance": "# rien\n"})
    for roles, start in LOOKERS:
        await sign_in(site.runtime, site.client, roles, "quelqu.un@exemple.ca")
        seen, unread = {address_of(start)}, [start]
        while unread:
            here = unread.pop()
            links, forms = await offers(site, here)
            for path in (*links, *forms):
                if path == HOME:
                    continue  # it leads on to the first page that is theirs
                role = CLOSED.get(address_of(path), Access.ANYBODY).role
                assert role is None or role in roles, (here, path, role)
            new = {address_of(path): path for path in links if address_of(path) not in seen}
            seen |= new.keys()
            unread += new.values()
        assert len(seen) > 3
