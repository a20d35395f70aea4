"""Why a visit does not count: what gave the machine away that made it."""

from collections.abc import Mapping

from relance.french import NBSP


def why_not_counted(said: Mapping[str, object]) -> str:
    """Its signs, and how surely it was one; nothing of a visit that a person made."""
    if not said.get("machine"):
        return ""
    told = said.get("signes")
    signs = ", ".join(map(str, told)) if isinstance(told, list | tuple) else ""
    surely = said.get("probabilite")
    sure = f", une machine à {surely}{NBSP}%" if surely is not None else ""
    return f"ne compte pas : {signs or 'lien caché suivi'}{sure}"
