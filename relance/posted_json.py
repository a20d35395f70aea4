"""JSON as the world posts it: in any of its encodings, and in those it should not be in."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from relance.charset import decoded


def read(body: bytes, charset: str = "", *, parse_float: Callable[[str], object] = Decimal) -> Any:
    """Any JSON value, numbers with a point read by `parse_float`; `ValueError` for anything else.

    `charset` is what the sender says of the text. NaN and infinities are no JSON.
    """
    wide = json.detect_encoding(body)
    try:
        text = decoded(body, charset) if wide.startswith("utf-8") else body.decode(wide)
        return json.loads(text, parse_float=parse_float, parse_constant=_no_constant)
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
