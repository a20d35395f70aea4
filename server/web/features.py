"""Every page of a server, one feature after the other: a new one is a line here."""

from collections.abc import Callable, Iterable
from itertools import chain

from starlette.applications import Starlette

from server.access.control import AccessControl
from server.health.checkup import Checkup
from server.http.forms import Forms
from server.http.problems import Problems
from server.web import assets
from server.web.agreement import AgreementPages
from server.web.audit_pages import AuditPages
from server.web.campaign.blocks import BlockPages
from server.web.campaign.figures import FiguresPage
from server.web.campaign.if_published import IfPublished
from server.web.campaign.journey import JourneyPage
from server.web.campaign.journey_tree import JourneyTree
from server.web.campaign.life import CampaignLife
from server.web.campaign.people import PeoplePage
from server.web.campaign.putting import PuttingPage
from server.web.campaign.tries import TriesPage
from server.web.campaign.undoing import UndoingPage
from server.web.campaign.versions import VersionsPage
from server.web.campaigns import CampaignsPage
from server.web.dashboard import Dashboard
from server.web.deferred import DeferredPages
from server.web.extensions.added_pages import AddedPages
from server.web.first_steps import FirstSteps
from server.web.forms.forms import FormPages
from server.web.groups import GroupPages
from server.web.guard import PageGuard
from server.web.images import Images
from server.web.imports.importing import ImportPages
from server.web.imports.trials import ImportTrials
from server.web.integration_tokens import IntegrationTokens
from server.web.journeys import JourneyPages, Journeys
from server.web.kept_searches import KeptSearches
from server.web.lead import LeadPage
from server.web.lead_changes import LeadChanges
from server.web.leads import LeadSearches, LeadsPage
from server.web.leads_together import LeadsTogether
from server.web.list_members import ListMembersPages
from server.web.lists import ListPages
from server.web.live import Live
from server.web.look.files import LOOK
from server.web.models import LibraryPages
from server.web.my_account import MyAccount
from server.web.office import Office
from server.web.opening import OpeningPages
from server.web.page import Page
from server.web.palette import Palette
from server.web.passkey_door import PasskeyDoor
from server.web.passkeys import PasskeyPages
from server.web.provider_door import ProviderDoor
from server.web.publish import PublishPage
from server.web.rehearsal import RehearsalPart
from server.web.reports import ReportPages
from server.web.sales import SalesPage
from server.web.saved_reports import SavedReportPages
from server.web.scenarios import ScenarioPlayer
from server.web.script_scenarios import ScriptScenarios
from server.web.scripts import ScriptPages
from server.web.settings import SettingsPage
from server.web.sign_in import SignInPages
from server.web.site import site
from server.web.status import StatusPages
from server.web.team_accounts import TeamAccounts
from server.web.trials.attempts import AttemptPages
from server.web.warning_preview import WarningPreview
from server.web.workshop import Workshop


def whole_site(
    office: Office,
    checkup: Checkup,
    access: AccessControl,
    workshop: Workshop,
    address: Callable[[], str],
    problems: Problems,
    door: Forms,
    others: Iterable[Page] = (),
) -> Starlette:
    """The site of a server. `address`: where it is reached, once it listens; `door`: what takes forms.

    `others`: what is no page for people (`server.api`), guarded as those are.
    """
    frame, store, glossary = office.frame, office.store, office.glossary
    guard, live = PageGuard(access, problems, office.settings.public_url, frame), Live(office)
    draft, scripts, player = workshop.draft, workshop.scripts, ScenarioPlayer()
    first_steps, searches = FirstSteps(office, draft), LeadSearches(KeptSearches(office.clock))
    doors = SignInPages(access, guard, frame)
    journeys, tree = Journeys(store, glossary, frame.zone), JourneyTree(office, draft)
    written = ScriptPages(office, scripts, tree)
    pages = chain(
        assets.pages(),
        LOOK.pages(),
        Images(store).pages(),
        Dashboard(office, checkup, live, first_steps).pages(),
        first_steps.pages(),
        Palette(office, draft).pages(),
        StatusPages(store, office.clock, checkup, glossary, guard, frame, live).pages(),
        written.pages(),
        workshop.messages.pages(),
        FormPages(office, door, live).pages(),
        ImportPages(office, live, access.register, ImportTrials(office), draft).pages(),
        JourneyPages(journeys, frame).pages(),
        LeadsPage(office, draft, searches).pages(),
        LeadsTogether(office, draft, searches, access.register).pages(),
        LeadChanges(office).pages(),
        LeadPage(office, journeys, access.register).pages(),
        live.pages(),
        ListPages(office, draft, scripts, live).pages(),
        ListMembersPages(office, access.register).pages(),
        CampaignsPage(office, draft).pages(),
        GroupPages(office, draft, scripts).pages(),
        LibraryPages(office, workshop.shelf).pages(),
        PublishPage(office).pages(),
        RehearsalPart(office).pages(),
        DeferredPages(office).pages(),
        AgreementPages(office).pages(),
        JourneyPage(office, live, scripts, tree).pages(),
        BlockPages(office, draft, scripts).pages(),
        TriesPage(office, player).pages(),
        ScriptScenarios(office.settings.folder, scripts, player, frame, written.title_of).pages(),
        AttemptPages(office, workshop, player, written.title_of).pages(),
        PeoplePage(office).pages(),
        FiguresPage(office).pages(),
        ReportPages(office, SavedReportPages(office)).pages(),
        SettingsPage(office).pages(),
        SalesPage(office, WarningPreview(workshop.messages.desk, draft)).pages(),
        VersionsPage(office, scripts).pages(),
        PuttingPage(office).pages(),
        UndoingPage(office).pages(),
        IfPublished(office).pages(),
        CampaignLife(office).pages(),
        doors.pages(),
        PasskeyDoor(access, guard, doors).pages(),
        ProviderDoor(access, guard, doors, frame).pages(),
        OpeningPages(access, guard, frame).pages(),
        MyAccount(access, guard, frame).pages(),
        PasskeyPages(access, guard, frame).pages(),
        TeamAccounts(access, address, frame).pages(),
        IntegrationTokens(access, frame).pages(),
        AuditPages(access, frame).pages(),
        AddedPages(office, access.register).pages(),
        others,
    )
    return site(pages, guard, problems, lambda: door.full)
