"""What people and programs of the team ask of a running server: its pages and its API, on shared parts."""

from collections.abc import Callable

from starlette.applications import Starlette

from server.access.control import AccessControl
from server.api.endpoints import Endpoints
from server.health.checkup import Checkup
from server.http.forms import Forms
from server.http.problems import Problems
from server.language.draft import DraftLanguage
from server.web.features import whole_site
from server.web.office import Office
from server.web.workshop import Workshop


def interface(
    office: Office,
    checkup: Checkup,
    access: AccessControl,
    draft: DraftLanguage,
    address: Callable[[], str],
    problems: Problems,
    door: Forms,
) -> Starlette:
    """All of it. `address`: where the server is reached, once it listens; `door`: what takes forms."""
    workshop = Workshop.of(office, draft, access.register)
    programs = Endpoints(office, problems, workshop, door)
    return whole_site(office, checkup, access, workshop, address, problems, door, programs.pages())
