"""Every page of a server, one feature after the other: a new one is a line here."""

from collections.abc import Callable, Iterable
from itertools import chain

from starlette.applications import Starlette

from relance.host import Clock
from server.access.control import AccessControl
from server.health.checkup import Checkup
from server.http.problems import Problems
from server.language.draft import DraftLanguage
from server.publication.drafting import DraftScripts
from server.reports.glossary import Glossary
from server.settings import PublishingMode, Settings
from server.store.store import Store
from server.web import assets
from server.web.audit_pages import AuditPages
from server.web.frame import Frame
from server.web.guard import PageGuard
from server.web.images import Images
from server.web.integration_tokens import IntegrationTokens
from server.web.journeys import JourneyPages, Journeys
from server.web.language import LanguageEndpoints
from server.web.look.files import LOOK
from server.web.my_account import MyAccount
from server.web.opening import OpeningPages
from server.web.page import Page
from server.web.scripts import ScriptPages
from server.web.sign_in import SignInPages
from server.web.site import site
from server.web.status import StatusPages
from server.web.team_accounts import TeamAccounts


def whole_site(
    store: Store,
    clock: Clock,
    checkup: Checkup,
    settings: Settings,
    glossary: Glossary,
    access: AccessControl,
    draft: DraftLanguage,
    address: Callable[[], str],
    problems: Problems,
    others: Iterable[Page] = (),
) -> Starlette:
    """The site of a server over that store. `address`: where it is reached, once it listens.

    `others`: what is no page for people (`server.api`), guarded as those are.
    """
    guard = PageGuard(access, problems, settings.public_url)
    frame = Frame(settings.zone, settings.folder.name)
    scripts = DraftScripts(settings.folder)
    at_once = settings.publishing is PublishingMode.ON_SAVING
    pages = chain(
        assets.pages(),
        LOOK.pages(),
        Images(store).pages(),
        StatusPages(store, clock, checkup, glossary, guard, frame).pages(),
        ScriptPages(scripts, draft, store, frame, at_once=at_once).pages(),
        LanguageEndpoints(draft, store, problems).pages(),
        JourneyPages(Journeys(store, glossary, frame.zone), frame).pages(),
        SignInPages(access, guard, frame).pages(),
        OpeningPages(access, guard, frame).pages(),
        MyAccount(access, guard, frame).pages(),
        TeamAccounts(access, address, frame).pages(),
        IntegrationTokens(access, frame).pages(),
        AuditPages(access, frame).pages(),
        others,
    )
    return site(pages, guard, problems)
