"""Who may be mailed a report: whoever could open its page, now."""

from relance.access_role import AccessRole
from server.access.accounts import Account
from server.reports.performance.offered import OfferedReport


def role_of(one: OfferedReport) -> AccessRole:
    """The right its page asks for."""
    return AccessRole.PERSONAL if one.personal else AccessRole.READ


def why_not(account: Account | None, one: OfferedReport) -> str:
    """Why that account is not to receive it; empty when it may."""
    if account is None:
        return "son compte n’existe plus"
    if account.disabled_at is not None:
        return "son compte est fermé"
    if not account.open:
        return "son compte n’est pas encore ouvert"
    if role_of(one) not in account.roles:
        return f"son compte n’a plus le rôle «\u00a0{role_of(one).value}\u00a0»"
    return ""
