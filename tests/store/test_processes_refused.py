"""A process that would not agree with the others of its base is refused, with what to do about it."""

import asyncio
import gc
import platform
import shutil
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select, update

from relance.concern import Gravity
from relance.errors import ConfigurationError
from relance.testing import VirtualClock
from server.clock import SystemClock
from server.health.health import Health
from server.health.operation import operation, processes_report
from server.helping import Helper
from server.plugins import load_plugins
from server.private import FOLDER
from server.release import release
from server.roles import ProcessRole, roles_of
from server.runtime import Runtime
from server.serving import _help, serve_among
from server.settings import KNOWN_KEYS, KNOWN_SECTIONS, FormSettings, Settings
from server.shared_settings import OWN, SHARED, said_of
from server.store import sole
from server.store.instants import now_micros
from server.store.processes import ProcessRow, set_otherwise
from server.store.schema.server import processes
from server.store.tenure import Superseded
from server.tokens import Signer
from tests.whole import running

SENDS = (ProcessRole.SEND,)


class Nobody:
    """Whoever starts a process that is refused is told by the refusal alone."""

    def answers(self, url: str) -> None:
        raise AssertionError

    def awaits_first(self, link: str) -> None:
        raise AssertionError

    def examined(self, health: Health) -> None:
        raise AssertionError

    def helps(self, url: str | None) -> None:
        raise AssertionError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the project of the first process."""
    made = tmp_path / "premier"
    made.mkdir()
    return made


class OffClock:
    """One that is wrong by that much."""

    def __init__(self, by: timedelta) -> None:
        self._by, self._right = by, SystemClock()

    def now(self) -> datetime:
        return self._right.now() + self._by


def folder_of(first: Path, place: Path) -> Path:
    """A folder of the same project on another machine."""
    shutil.copytree(first, place)
    return place


@asynccontextmanager
async def first_of(url: str, folder: Path) -> AsyncIterator[Runtime]:
    """The first process of a base."""
    settings = Settings(folder=folder, database=url, port=0)
    async with running(Runtime(settings, plugins=load_plugins())) as server:
        yield server


async def refused(settings: Settings, clock: SystemClock | OffClock | None = None) -> str:
    """What a process that would help is answered; it leaves nothing late."""
    helper = Helper(settings, SENDS, plugins=load_plugins(), clock=clock)
    with pytest.raises(ConfigurationError) as refusal:
        async with asyncio.timeout(60):
            await helper.open()
    number, place = await sole.helper(settings.database)
    await place.release()
    assert number == 1, "its place is still held"
    return str(refusal.value)


async def test_who_differs_from_the_first_process_is_refused_and_touches_nothing(
    lent_postgresql: str, home: Path, tmp_path: Path
) -> None:
    async with first_of(lent_postgresql, home) as first:
        same = replace(first.settings, folder=folder_of(first.settings.folder, tmp_path / "autre"))
        elsewhere = replace(same, zone=ZoneInfo("Asia/Tokyo"))
        zone = await refused(elsewhere)
        assert "a d’autres extensions ou réglages" in zone
        assert "(«\u00a0fuseau\u00a0»)" in zone
        assert zone.count(platform.node()) == 2
        early = await refused(same, OffClock(timedelta(seconds=90.9)))
        assert "L’horloge de cette machine avance de 90 secondes" in early
        assert "Réglez-la (chrony, ntpd), puis relancez" in early
        late = await refused(same, OffClock(timedelta(minutes=-5)))
        assert "L’horloge de cette machine retarde de" in late
        secret = same.folder / FOLDER / "secret"
        secret.write_text("ab" * 32 + "\n")
        assert "celle d’un autre projet" in await refused(same)
        secret.unlink()
        assert "copiez-y «\u00a0.relance/secret\u00a0»" in await refused(same)
        async with first.store.read() as conn:
            assert list(await conn.execute(select(processes.c.number))) == [(0,)]


async def test_a_process_set_otherwise_is_told_of_by_the_names_of_its_settings_and_not_by_their_values(
    lent_postgresql: str, home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with first_of(lent_postgresql, home) as first:
        same = replace(first.settings, folder=folder_of(home, tmp_path / "autre"))
        other = replace(
            same,
            plugins={"email": {"serveur": "smtp.ailleurs.example", "mot_de_passe": "hunter2"}},
            recipients=replace(same.recipients, proven=3),
        )
        helper = Helper(other, (ProcessRole.RECEIVE,), plugins=load_plugins())
        await helper.open()
        named = (
            "est réglé autrement que le premier, ",
            "«\u00a0par_adresse\u00a0» de [destinataires], «\u00a0mot_de_passe\u00a0» de [email], "
            "«\u00a0serveur\u00a0» de [email].",
        )
        health = await first.checkup.health()
        (concern,) = [one for one in health.concerns if one.code == "processus.reglages"]
        assert concern.gravity is Gravity.NOTICE, "nothing is missing: servers are set one by one"
        fact = concern.fact
        async with first.store.read() as conn:
            found = await operation(conn, now_micros(first.clock))
            rows = str(list(await conn.execute(select(processes))))
        shown = processes_report(found)
        for said in (fact, caplog.text, " ".join(shown.notes)):
            assert all(part in said for part in named)
        assert fact.count(platform.node()) == 2
        wanted = ["destinataires.par_adresse", "email.mot_de_passe", "email.serveur"]
        assert found.processes[1].apart == wanted
        assert "hunter2" not in rows
        assert "ailleurs" not in rows
        site = httpx.ASGITransport(app=helper.app)
        async with httpx.AsyncClient(transport=site, base_url=same.public_url) as stranger:
            assert (await stranger.get("/sante")).status_code == 200
            helper.store.suspend("the base is gone")  # as its session tells
            assert (await stranger.get("/sante")).status_code == 503
        await helper.close()


def test_every_setting_of_the_core_is_compared_between_processes_or_is_each_one_s_own() -> None:
    known = {*SHARED, *OWN}
    lost = [one for one in KNOWN_KEYS if not {one, one.partition(".")[0]} & known]
    unknown = [one for one in known if one not in {*KNOWN_KEYS, *KNOWN_SECTIONS}]
    assert (lost, unknown) == ([], [])
    assert not {*SHARED} & {*OWN}


def test_settings_that_say_the_same_in_other_words_are_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("un", "deux", "trois")]
    for folder, key in zip(folders, ("la clé", "la clé", "une autre"), strict=True):
        (folder / "cle").mkdir(parents=True)
        (folder / "cle" / "dkim.pem").write_text(key, encoding="utf-8")
    plugins, sites = load_plugins(), ("https://a.ca", "https://b.ca", "https://c.ca")

    def said(folder: Path, signer: Signer, port: int, **email: object) -> ProcessRow:
        forms = FormSettings(origins=frozenset(sites if port else sites[::-1]))
        settings = Settings(folder=folder, port=port, forms=forms, plugins={"email": email})
        text = said_of(settings, plugins, signer)
        return ProcessRow(0, "", "", "", "", 0, known=True, settings=text)

    ours, key = Signer(b"a" * 32), "cle/dkim.pem"
    one = said(folders[0], ours, 0, dkim_cle=key, suivi_clics=True, debit="0")
    two = said(folders[1], ours, 8081, dkim_cle=str(folders[1] / key), debit=0)
    assert set_otherwise(one, two) == []
    assert set_otherwise(one, said(folders[2], ours, 0, dkim_cle=key)) == ["email.dkim_cle"]
    assert set_otherwise(one, one._replace(settings=None)) == ()
    known = said(folders[0], ours, 0, dkim_cle=key, neuf="x", debit="0")
    assert set_otherwise(one, known) == ["email.neuf"]
    later = known._replace(release="d’après")
    assert set_otherwise(one, later) == [], "only one of the releases knows it"
    theirs = said(folders[0], Signer(b"b" * 32), 0, dkim_cle=key)
    assert len(set_otherwise(one, theirs)) > 20, "a digest is made under the secret of the project"


async def test_a_base_that_nobody_holds_is_told_of_after_a_while(
    lent_postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.helping._PATIENCE", 0.0)
    settings = Settings(folder=tmp_path, database=lent_postgresql, port=0)
    assert await refused(settings) == (
        "Personne ne tient cette base : lancez d’abord un serveur qui a le rôle "
        "«\u00a0envoyer\u00a0»."
    )


async def test_a_first_process_waits_for_those_of_other_settings_to_be_stopped(
    lent_postgresql: str, home: Path
) -> None:
    async with first_of(lent_postgresql, home) as first:
        settings = first.settings
        helper = Helper(settings, (ProcessRole.RECEIVE,), plugins=load_plugins())
        await helper.open()
        async with first.store.write() as conn:
            of_helper = update(processes).where(processes.c.number == helper.number)
            await conn.execute(of_helper.values(release="une autre"))
    with pytest.raises(ConfigurationError, match="arrêtez-les d’abord, puis relancez-les après"):
        await Runtime(replace(settings, port=0), plugins=load_plugins()).open()
    await helper.close()
    async with running(Runtime(settings, plugins=load_plugins())):
        pass


async def test_a_process_of_another_version_that_does_not_answer_writes_nothing_more(
    lent_postgresql: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with first_of(lent_postgresql, home) as first:
        settings = first.settings
        helper = Helper(settings, (ProcessRole.RECEIVE, ProcessRole.MOVE), plugins=load_plugins())
        await helper.open()
        other = release(settings, helper.plugins)._replace(edition="une autre")
        async with first.store.write() as conn:
            of_helper = update(processes).where(processes.c.number == helper.number)
            await conn.execute(of_helper.values(release=str(other)))
    monkeypatch.setattr("server.succession._PATIENCE", 0.2)
    async with running(Runtime(settings, plugins=load_plugins())):
        with pytest.raises(Superseded):
            async with helper.store.write():
                pass
    await helper.close()


async def test_a_first_process_whose_clock_is_off_counts_with_nobody(
    lent_postgresql: str, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(folder=home, database=lent_postgresql, port=0)
    clock = VirtualClock(SystemClock().now() + timedelta(minutes=2))
    async with running(Runtime(settings, plugins=load_plugins(), clock=clock)) as first:
        helper = Helper(settings, SENDS, plugins=load_plugins())
        joining = asyncio.create_task(helper.open())
        async with asyncio.timeout(30):
            while "L’horloge de cette machine avance" not in caplog.text:
                await asyncio.sleep(0.05)
        assert not joining.done()
        assert first.attendance.helpers == ()
        helper.stop()
        await asyncio.gather(joining, return_exceptions=True)


async def test_a_base_has_so_many_processes_and_no_more(
    lent_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.sole.PROCESSES", 2)
    _, place = await sole.helper(lent_postgresql)
    with pytest.raises(ConfigurationError, match="Cette base a déjà 2 processus"):
        await sole.helper(lent_postgresql)
    await place.release()


async def test_a_file_has_one_process_and_roles_are_refused(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, database=f"sqlite:///{tmp_path}/relance.db")
    with pytest.raises(ConfigurationError) as refusal:
        await serve_among(settings, Nobody(), None, SENDS)
    assert "Plusieurs processus ne se partagent qu’une base PostgreSQL" in str(refusal.value)
    assert "Enlevez --roles" in str(refusal.value)
    assert not (tmp_path / "relance.db").exists()


async def test_a_helper_goes_no_more_through_what_it_has_loaded_and_keeps_nothing_it_has_been(
    lent_postgresql: str, home: Path
) -> None:
    class Former:
        """What a process was before, in a circle, as an engine and its store are."""

        def __init__(self) -> None:
            self.me = self

    class Looked(Nobody):
        def helps(self, url: str | None) -> None:
            frozen.append(gc.get_freeze_count())
            helper.stop()

    former = Former()
    gone, frozen = weakref.ref(former), list[int]()
    gc.freeze()
    del former
    async with first_of(lent_postgresql, home) as first:
        settings = replace(first.settings, folder=home)
        helper = Helper(settings, (ProcessRole.MOVE,), plugins=load_plugins())
        assert await _help(helper, Looked(), asyncio.Event()) is None
    assert gone() is None
    assert frozen[0] > 100_000


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (
            "recevoir,expédier",
            "«\u00a0expédier\u00a0» n’est pas un rôle. Les rôles sont\u00a0: recevoir",
        ),
        (" , ", "Dites au moins un rôle\u00a0: recevoir, avancer, envoyer."),
    ],
)
def test_words_that_are_no_role_are_told_with_those_that_are(said: str, answer: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        roles_of(said)
    assert answer in str(refusal.value)
