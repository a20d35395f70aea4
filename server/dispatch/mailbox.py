"""The mailbox behind an address: many spellings reach one inbox, and whoever reads it is one person.

Only limits are counted so. An address stays what its owner writes: two of them are two leads, and
each is written to as it was given. What providers fold is told in their own pages: Google (dots,
« +word », googlemail.com), Proton (dots, hyphens and underscores), Fastmail (a name before the
domain), Yandex (dots and hyphens), Yahoo (a word after a hyphen).
"""

from functools import lru_cache
from unicodedata import normalize

from publicsuffixlist import PublicSuffixList

from server.store.contacts import address_key

_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
_PROTON = frozenset({"proton.me", "protonmail.com", "protonmail.ch", "pm.me"})
_FASTMAIL = frozenset({"fastmail.com", "fastmail.fm", "messagingengine.com"})
_YANDEX = frozenset(
    {"yandex.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.com.tr", "yandex.ua", "ya.ru"}
)
_YAHOO = frozenset({"yahoo.com", "yahoo.fr", "yahoo.ca", "ymail.com", "rocketmail.com"})
_APPLE = frozenset({"icloud.com", "me.com", "mac.com"})

#: Where anybody has a mailbox: that many people are written to there says nothing against them.
SHARED = frozenset(
    {
        *_GOOGLE,
        *_PROTON,
        *_FASTMAIL,
        *_YANDEX,
        *_YAHOO,
        *_APPLE,
        *("aol.com", "gmx.com", "gmx.fr", "gmx.net", "hey.com", "hotmail.be", "hotmail.ca"),
        *("hotmail.ch", "hotmail.com", "hotmail.fr", "live.ca", "live.com", "live.fr", "mail.com"),
        *("msn.com", "outlook.be", "outlook.com", "outlook.fr", "tuta.com", "tutanota.com"),
        *("web.de", "zoho.com", "yahoo.co.uk", "hotmail.co.uk", "mail.ru"),
        # The access providers of the French-speaking countries.
        *("bell.net", "bluewin.ch", "cgocable.ca", "cooptel.qc.ca", "hispeed.ch", "rogers.com"),
        *(
            "shaw.ca",
            "sympatico.ca",
            "telus.net",
            "videotron.ca",
            "videotron.qc.ca",
            "xplornet.com",
        ),
        *("bbox.fr", "club-internet.fr", "free.fr", "laposte.net", "neuf.fr", "numericable.fr"),
        *("orange.fr", "sfr.fr", "wanadoo.fr", "proximus.be", "skynet.be", "telenet.be", "voo.be"),
    }
)


def mailbox(address: str) -> str:
    """The inbox an address reaches, as limits count it; « +word » is taken for a mark anywhere."""
    local, _, domain = normalize("NFKC", address_key(address)).rpartition("@")
    local = local.strip('"').partition("+")[0] or local
    if domain in _GOOGLE:
        return f"{local.replace('.', '')}@gmail.com"
    if domain in _PROTON:
        return f"{local.translate(_UNSAID)}@proton.me"
    if domain in _YANDEX:
        return f"{local.replace('.', '-')}@yandex.ru"
    if domain in _YAHOO:
        return f"{local.partition('-')[0] or local}@{domain}"
    if domain in _APPLE:
        return f"{local}@icloud.com"
    name, _, parent = domain.partition(".")
    if parent in _FASTMAIL:
        return f"{name}@{parent}"
    return f"{local}@{domain}"


_UNSAID = str.maketrans("", "", ".-_")


def domain(address: str) -> str | None:
    """Whose domain receives it, whatever the name before it; None where anybody has a mailbox."""
    host = address_key(address).rpartition("@")[2]
    owned = suffixes().privatesuffix(host) or host
    return None if not host or host in SHARED or owned in SHARED else owned


@lru_cache(maxsize=1)
def suffixes() -> PublicSuffixList:
    """Where domains are sold, as the browsers know it; the copy that comes with the package.

    Reading its ten thousand lines takes some hundred milliseconds: to be done before anybody waits.
    """
    return PublicSuffixList()
