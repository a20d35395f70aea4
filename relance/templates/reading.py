"""Liquid read from an author's file: the template, or what is wrong with it, in French, with its line."""

import re
from collections.abc import Iterator

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from relance.templates.language import FILTERS, FRENCH, TAGS, TEXT
from relance.templates.wellformed import Malformed, look_for_ends

#: A line, counted from 0 in the text read, and what is wrong there.
Wrong = tuple[int, str]


def read_liquid(source: str) -> tuple[BoundTemplate | None, list[Wrong]]:
    """The template in `source`, and what is wrong with it."""
    try:
        template = TEXT.from_string(source)
    except RecursionError:
        return None, [(0, "ce modèle imbrique trop de choses")]
    except LiquidError as error:
        fault = _plainer(error, source)
        return None, [(_lines_before(source, fault), said(fault))]
    return template, list(_unknown_filters(source, template))


def _plainer(error: LiquidError, source: str) -> LiquidError:
    """The tag that does not end, where the library stumbles over what follows it."""
    if not isinstance(error, Malformed):
        try:
            look_for_ends(source)
        except Malformed as found:
            return found
    return error


def _unknown_filters(source: str, template: BoundTemplate) -> Iterator[Wrong]:
    for name, places in template.analyze().filters.items():
        if name not in FILTERS and name not in FRENCH:
            known = ", ".join(sorted([*FILTERS, *FRENCH]))
            before = source.count("\n", 0, places[0].index) if places else 0
            yield before, f"le filtre « {name} » n’existe pas ; les filtres sont {known}"


def _lines_before(source: str, error: LiquidError) -> int:
    start = getattr(error.token, "start_index", 0)
    return source.count("\n", 0, max(0, start))


def said(error: LiquidError) -> str:
    """The fault in French."""
    if isinstance(error, Malformed):
        return error.reason
    kind = type(error).__name__
    text = str(error)
    unknown = re.search(r"unexpected tag '?(\w+)", text)
    if unknown and unknown[1] not in TAGS:
        known = ", ".join(sorted(TAGS))
        return f"la balise « {unknown[1]} » n’existe pas ; les balises sont {known}"
    missing = re.search(r"expected tag '?(\w+)", text)
    if missing:
        return f"il manque la balise « {missing[1]} »"
    if "Limit" in kind or "Depth" in kind or "Nesting" in kind:
        return "ce modèle répète ou imbrique trop de choses"
    if "Filter" in kind or "Argument" in kind or "Type" in kind:
        return "un filtre reçoit une valeur qui ne lui convient pas"
    return "une balise n’est pas bien écrite : vérifiez les « {{ }} » et les « {% %} »"
