"""What forms hold of people and integrations, read: the right value, or `EntryRefused` with why."""

from collections.abc import Iterable

from email_validator import EmailNotValidError, validate_email

from relance.access_role import AccessRole
from server.access.entry_refused import EntryRefused
from server.access.passwords import weakness

_LONGEST = 120


def email(text: str) -> str:
    """An address, as it is kept."""
    try:
        return validate_email(
            text.strip()[:400], check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError as error:
        raise EntryRefused(
            "Ce n’est pas une adresse de courriel. Écrivez-la comme «\u00a0camille@exemple.ca\u00a0».",
            "courriel",
        ) from error


def name(text: str, field: str = "nom") -> str:
    """What somebody, or something, is called: one line."""
    kept = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if not kept:
        raise EntryRefused("Écrivez un nom\u00a0: c’est lui que montre le journal d’audit.", field)
    if len(kept) > _LONGEST:
        raise EntryRefused(f"Ce nom est trop long\u00a0: {_LONGEST} caractères au plus.", field)
    return kept


def roles(codes: Iterable[str]) -> frozenset[AccessRole]:
    """At least one."""
    known = {role.code: role for role in AccessRole}
    found = frozenset(known[one] for one in codes if one in known)
    if not found:
        raise EntryRefused("Cochez au moins un rôle\u00a0: sans rôle, rien ne s’ouvre.", "roles")
    return found


def password(text: str, again: str | None, *about: str) -> str:
    """A new one; `again`: as it was typed the second time, if it was."""
    if why := weakness(text, *about):
        raise EntryRefused(why, "mot_de_passe")
    if again is not None and again != text:
        raise EntryRefused(
            "Les deux mots de passe ne sont pas les mêmes\u00a0: écrivez-les de nouveau.", "encore"
        )
    return text
