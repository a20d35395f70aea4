"""People as pages name them, and as who types them names them: by e-mail, telephone or number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from server.reports.card import name_of
from server.reports.people import find_lead

#: So many are typed at once; a file is imported.
MOST = 200
_LONGEST = 254


def called(row: Mapping[Any, Any]) -> str:
    """What a list of people calls one: their name, else their e-mail, else their number."""
    return name_of(row) or row["f_courriel"] or f"Visiteur n° {row['id']}"


@dataclass(frozen=True, slots=True)
class TypedPeople:
    """Those whom a text names, a line each, and what is wrong with the others."""

    leads: Sequence[int]
    faults: Sequence[str] = ()


async def typed_people(conn: AsyncConnection, text: str) -> TypedPeople:
    """Who is meant by each line of a text."""
    lines = [(n, one.strip()) for n, one in enumerate(text.splitlines(), 1) if one.strip()]
    if len(lines) > MOST:
        return TypedPeople(
            (), [f"{MOST} personnes au plus à la fois : pour plus, importez un fichier."]
        )
    leads, faults = [], []
    for number, words in lines:
        found = await find_lead(conn, words[:_LONGEST])
        if found is None:
            faults.append(f"Ligne {number} : personne ne répond à {quoted(words[:_LONGEST])}.")
        else:
            leads.append(found)
    if not lines:
        faults.append("Dites qui : un courriel, un téléphone ou un numéro de lead par ligne.")
    return TypedPeople(leads, faults)
