"""The provider's signature (`X-Twilio-Signature`): its address and its fields, under our token."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from urllib.parse import parse_qsl

from starlette.requests import Request

HEADER = "x-twilio-signature"


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """The signature of a post to `url`: the address, then each field and its value, in order."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac.new(token.encode(), text.encode(), sha1).digest()).decode()


async def signed_fields(request: Request, url: str, token: str) -> dict[str, str] | None:
    """The fields of a well signed post; None for any other. Closed without a token."""
    given = request.headers.get(HEADER, "")
    if not token or not given.isascii():
        return None
    try:
        text = (await request.body()).decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError:
        return None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        return None  # signed or not, which of the two values is meant?
    if not hmac.compare_digest(signature(token, url, fields), given):
        return None
    return fields
