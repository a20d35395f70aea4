"""On what basis the people of a file may be written to: said once, for all of them."""

from dataclasses import dataclass

from relance import consent
from relance.consent import Basis
from relance.french import quoted
from server.imports.sheet import BadFile

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class ImportedConsent:
    """A basis, and how it is known."""

    basis: Basis
    how: str

    @property
    def properties(self) -> dict[str, object]:
        """The details of the event that says so."""
        return {consent.HOW: f"{consent.IMPORTED}{self.how}"}


def imported_consent(text: str) -> ImportedConsent:
    """What « exprès : salon de mars » says; `BadFile` when it says nothing of the kind."""
    word, colon, how = text.partition(":")
    basis = Basis.read(word)
    if basis in (Basis.EXPRESS, Basis.IMPLIED) and colon and 0 < len(how.strip()) <= _LONGEST:
        return ImportedConsent(basis, how.strip())
    example = quoted("exprès : formulaire du salon de mars 2026")
    raise BadFile(
        f"{quoted(text)} ne dit pas de consentement. Dites lequel (exprès ou implicite) et comment il a "
        f"été donné, par exemple {example}\u00a0: c’est ce que vous montrerez à qui vous le demande."
    )
