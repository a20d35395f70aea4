"""A phone number, as every door of the plugin writes it."""

from collections.abc import Sequence

import phonenumbers


def phone_number(text: str, region: str) -> str | None:
    """A number in E.164, as dialled in `region`; None when it is none."""
    try:
        number = phonenumbers.parse(text[:40], region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


#: Kinds of numbers that cost whoever writes to them, or that no person holds.
_COSTLY = frozenset(
    {
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    }
)


def barred(number: str, countries: Sequence[str]) -> str | None:
    """Why no SMS goes to that number (E.164), which anybody may have typed in a form; None if one may."""
    parsed = phonenumbers.parse(number)
    country = phonenumbers.region_code_for_number(parsed)
    if country not in countries:
        where = (
            "n’est d’aucun pays" if country in (None, "001") else f"est d’un autre pays ({country})"
        )
        return (
            f"ce numéro {where} : «\u00a0pays\u00a0» de [sms] ne permet que {', '.join(countries)}"
        )
    if phonenumbers.number_type(parsed) in _COSTLY:
        return "ce numéro est surtaxé ou n’est celui de personne"
    return None
