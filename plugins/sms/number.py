"""A phone number, as every door of the plugin writes it."""

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
