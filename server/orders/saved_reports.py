"""The verbs of saved reports: kept under a name, changed, mailed at their dates, forgotten."""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from relance.fold import key_of, names_something
from relance.french import quoted
from relance.host import Clock
from server.access import accounts
from server.access.accounts import Account
from server.orders.declined import Declined
from server.orders.recorded import OwnVerb
from server.report_mail.letter import KINDS
from server.report_mail.reading_rights import role_of, why_not
from server.report_mail.recurrence import next_date, written
from server.reports import relative_days
from server.reports.performance.house import CourseStep
from server.reports.performance.offered import OfferedReport
from server.reports.saved import offered_of, savable
from server.store import report_mails, saved_reports
from server.store.instants import now_micros
from server.store.saved_reports import SavedQuestion, SavedReport
from server.store.store import Store
from server.store.written_with import WriteDown

SAVE, CHANGE, REMOVE = "enregistrer-rapport", "modifier-rapport", "supprimer-rapport"
MAIL = "envoyer-rapport"
_LONGEST_NAME, _MOST_READERS = 100, 50
_STOPPED = "l’envoi a été arrêté"


class SavedReportOrders:
    """Does them. `added`: the reports that plugins add."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        zone: ZoneInfo,
        added: Callable[[], Sequence[OfferedReport]],
    ) -> None:
        self._store, self._clock, self._zone, self._added = store, clock, zone, added

    def verbs(self) -> Mapping[str, OwnVerb]:
        """Each by its name; `compte` is the number of who asks."""
        each = {SAVE: self._save, CHANGE: self._change, REMOVE: self._remove, MAIL: self._mail}
        return dict(each)

    async def _save(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Keep a question under `nom`: `rapport`, `sujet`, `campagne`, `pas`, `jours`, `avant`."""
        asked = SavedQuestion(
            given["rapport"],
            given.get("sujet", ""),
            given.get("campagne", ""),
            given.get("pas", "") or CourseStep.DAY.value,
            _days(given.get("jours", "")),
            given.get("avant", "") == "oui",
        )
        one = self._offered(asked)
        if one is None or not savable(one):
            raise Declined("Ce rapport ne s’enregistre pas.")
        name = _name(given.get("nom", ""))
        async with self._store.write() as conn:
            owner = await _account(conn, given)
            if role_of(one) not in owner.roles:
                raise Declined("Vos rôles ne permettent pas de lire ce rapport.")
            await _free(conn, name, None)
            if await saved_reports.count(conn) >= saved_reports.MOST:
                raise Declined(
                    f"Il y a déjà {saved_reports.MOST} rapports enregistrés : supprimez-en un."
                )
            await saved_reports.create(conn, name, owner.id, asked, now_micros(self._clock))
            await write_down(conn)
        return f"Le rapport {quoted(name)} est enregistré."

    async def _change(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Give it another `nom`, other `jours`, another `avant`."""
        name, days = _name(given.get("nom", "")), _days(given.get("jours", ""))
        async with self._store.write() as conn:
            saved = await self._own(conn, given)
            await _free(conn, name, saved.id)
            compared = given.get("avant", "") == "oui"
            await saved_reports.change(conn, saved.id, name=name, days=days, compared=compared)
            await write_down(conn)
        return f"Le rapport {quoted(name)} est enregistré."

    async def _remove(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Forget it, and mail it no more."""
        async with self._store.write() as conn:
            saved = await self._own(conn, given)
            await saved_reports.remove(conn, saved.id)
            await write_down(conn)
        return f"Le rapport {quoted(saved.name)} est supprimé ; il n’est plus envoyé à personne."

    async def _mail(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Mail it `chaque` day, week or month, at `heure`, to `destinataires`; no `chaque`: no more."""
        async with self._store.write() as conn:
            saved = await self._own(conn, given)
            if not given.get("chaque", ""):
                now = now_micros(self._clock)
                await saved_reports.change(conn, saved.id, cron=None, due_at=None, fault=None)
                await report_mails.stop(conn, saved.id, _STOPPED, now)
                await write_down(conn)
                return f"Le rapport {quoted(saved.name)} n’est plus envoyé."
            recurrence, wrong = written(given)
            for field, message in wrong.items():
                raise Declined(message, about=field)
            if given.get("joint", "") not in ("", *KINDS):
                raise Declined("Choisissez le fichier joint.", about="joint")
            readers = await self._readers(conn, saved, given.get("destinataires", "").split())
            cron = recurrence.cron
            due = next_date(cron, self._zone, now_micros(self._clock))
            due = saved.due_at if saved.cron == cron and saved.due_at is not None else due
            values = {"cron": cron, "due_at": due, "attached": given.get("joint", "")}
            await saved_reports.change(conn, saved.id, **values, fault=None)
            await saved_reports.set_readers(conn, saved.id, [one.id for one in readers])
            await write_down(conn)
        people = "une personne" if len(readers) == 1 else f"{len(readers)} personnes"
        return f"Le rapport {quoted(saved.name)} part {recurrence.words}, à {people}."

    async def _readers(
        self, conn: AsyncConnection, saved: SavedReport, asked: Sequence[str]
    ) -> Sequence[Account]:
        one = self._offered(saved.asked)
        if one is None:
            raise Declined("Ce rapport vient d’une extension qui n’est plus là.")
        if not asked:
            raise Declined("Dites à qui l’envoyer.", about="destinataires")
        if len(asked) > _MOST_READERS:
            raise Declined(f"Choisissez {_MOST_READERS} personnes au plus.", about="destinataires")
        people = {each.id: each for each in await accounts.everybody(conn)}
        found = []
        for number in asked:
            account = people.get(int(number)) if number.isdecimal() else None
            if why := why_not(account, one):
                who = account.name if account is not None else "Quelqu’un"
                raise Declined(f"{who} ne peut pas le recevoir : {why}.", about="destinataires")
            if account is not None:
                found.append(account)
        return found

    def _offered(self, asked: SavedQuestion) -> OfferedReport | None:
        return offered_of(asked, self._added())

    async def _own(self, conn: AsyncConnection, given: Mapping[str, str]) -> SavedReport:
        """The report of that `numero`, which who asks may change."""
        number = given.get("numero", "")
        saved = await saved_reports.by_id(conn, int(number)) if number.isdecimal() else None
        if saved is None:
            raise Declined("Ce rapport n’est plus enregistré.")
        account = await _account(conn, given)
        if account.id != saved.account_id and AccessRole.ADMINISTER not in account.roles:
            raise Declined("Ce rapport se change par qui l’a enregistré, ou par l’administration.")
        return saved


async def _account(conn: AsyncConnection, given: Mapping[str, str]) -> Account:
    number = given.get("compte", "")
    found = await accounts.by_id(conn, int(number)) if number.isdecimal() else None
    if found is None or not found.open:
        raise Declined("Un rapport s’enregistre au nom d’un compte de l’équipe.")
    return found


async def _free(conn: AsyncConnection, name: str, but: int | None) -> None:
    known = await saved_reports.by_name(conn, name)
    if known is not None and known.id != but:
        raise Declined(f"Il y a déjà un rapport enregistré sous {quoted(known.name)}.", about="nom")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not names_something(name):
        raise Declined("Donnez-lui un nom.", about="nom")
    if len(name) > _LONGEST_NAME or len(key_of(name)) > _LONGEST_NAME or not name.isprintable():
        raise Declined(f"Un nom tient en {_LONGEST_NAME} signes, sur une ligne.", about="nom")
    return name


def _days(code: str) -> str:
    if relative_days.read(code) is None:
        raise Declined("Choisissez ses jours.", about="jours")
    return code
