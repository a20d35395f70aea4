"""E-mail addresses, phones and visitor marks, brought to the one form they are compared in."""

import re
from functools import lru_cache
from unicodedata import normalize

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from relance.visitor import MARK

#: The everyday address, recognised at once; anything else goes to the full reading of the RFCs.
_USUAL = re.compile(
    r"(?=[^@]{1,63}@)[A-Za-z0-9][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:(?!-)[A-Za-z0-9-]{1,63}+(?<!-)\.){1,8}[A-Za-z]{2,24}"
)
#: The everyday number of North America: ten digits, perhaps « 1 » or « +1 » before.
_USUAL_PHONE = re.compile(
    r"(?:\+?1[ .-]?)?\(?([2-9][0-9]{2})\)?[ .-]{0,2}([2-9][0-9]{2})[ .-]?([0-9]{4})"
)
_NORTH_AMERICA = frozenset({"CA", "US"})
_MAX_EMAIL, _MAX_PHONE = 254, 40
#: Unusual addresses whose form is at hand: those of the forms under way.
_LATELY = 1_024


def email_key(text: str) -> str | None:
    """The one form of an e-mail address; None when it is none.

    Letters are composed (NFC) and small, and the domain is as the network writes it (IDNA 2008,
    UTS 46): « a@été.ca », « a@ÉTÉ.CA » and « a@xn--t-9fab.ca » are one mailbox, hence one lead.
    """
    trimmed = text.strip()
    if len(trimmed) > _MAX_EMAIL:
        return None
    return trimmed.lower() if _USUAL.fullmatch(trimmed) else _unusual_email(trimmed)


# A form asks of each of its addresses when it is read, and again when it is checked.
@lru_cache(maxsize=_LATELY)
def _unusual_email(trimmed: str) -> str | None:
    try:
        found = validate_email(trimmed, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return normalize("NFC", f"{found.local_part}@{found.ascii_domain}".lower())


def forget() -> None:
    """Have no address at hand any more, nor number: somebody is forgotten."""
    for one in (_unusual_email, _any_phone):
        one.cache_clear()


def address_key(text: str) -> str:
    """How an address of any channel is compared with those that asked not to be written to."""
    trimmed = text.strip()
    found = email_key(trimmed) if "@" in trimmed else None
    return found or trimmed.lower()


#: The country whose numbers are read without their prefix, when the project names none.
DEFAULT_REGION = "CA"


def phone_key(text: str, region: str) -> str | None:
    """A phone number in E.164, read as dialled in `region`; None when it is none."""
    if len(text) > _MAX_PHONE:
        return None
    if region in _NORTH_AMERICA and (match := _USUAL_PHONE.fullmatch(text.strip())):
        area, exchange, line = match.groups()
        return f"+1{area}{exchange}{line}" if _assigned(area + exchange) else None
    return _any_phone(text, region)


@lru_cache(maxsize=16_384)
def _assigned(start: str) -> bool:
    """Whether numbers of « +1 » begin so: no rule of theirs looks at the last four digits."""
    return _any_phone(f"+1{start}4567", "CA") is not None


@lru_cache(maxsize=4_096)
def _any_phone(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Asked first of the region alone: half of the reading's cost is to try the twenty-five of « +1 ».
    if not (
        phonenumbers.is_valid_number_for_region(number, region)
        or phonenumbers.is_valid_number(number)
    ):
        return None
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}"


def visitor_key(text: str) -> str | None:
    """A visitor's mark; None for one too short to be unguessable, or oddly made."""
    return text if MARK.fullmatch(text) else None
