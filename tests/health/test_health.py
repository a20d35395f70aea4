"""One place decides how a server is doing: the worst is said first, with its remedy."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from relance.concern import Concern, Gravity
from relance.hookspecs import hookimpl
from relance.host import Host
from server.health.health import WELL, health_of
from server.health.recorded import recorded
from server.health.running import cut_channels
from server.plugins import load_plugins, plugins_of
from server.store.instants import DAY, MINUTE
from server.store.schema.campaigns import campaigns, enrolments, set_aside, versions
from server.store.schema.messages import outbox
from server.store.store import Store
from tests.http.conftest import Site, settings, start  # noqa: F401 — fixtures

NOW = 1_800_000_000_000_000
NOTICE = Concern("avis", Gravity.NOTICE, "À savoir.", "Regardez.")
STOPPED = Concern("arret", Gravity.STOPPED, "Arrêté.", "Relancez.")


def test_the_worst_is_the_headline_and_a_notice_alone_is_no_failure() -> None:
    assert (health_of([]).headline, health_of([]).ok) == (WELL, True)
    assert health_of([NOTICE]).ok
    health = health_of([NOTICE, STOPPED])
    assert (health.headline, health.ok) == ("Arrêté.", False)
    assert health.has("arret")
    assert not health.has("arr")


def test_why_a_channel_is_cut_ends_by_its_own_sign_or_by_a_full_stop() -> None:
    reasons = {"email": "est-il en marche ?", "sms": "le compte est fermé"}
    asked, said = (one.fact for one in cut_channels(reasons, plugins_of({}).glossary))
    assert asked.endswith(" : est-il en marche ?")
    assert said.endswith(" : le compte est fermé.")


def message(lead: int, state: str, **more: Any) -> dict[str, Any]:
    usual = {"campaign_id": 1, "entry": 1, "move": 1, "ordinal": 0, "channel": "email"}
    more = {"settled_at": NOW - MINUTE, "reason": None, "doubted_at": None} | more
    return {"lead_id": lead, **usual, "message": "m", "state": state, "created_at": 1, **more}


async def concerns(store: Store) -> Sequence[Concern]:
    async with store.read() as conn:
        return await recorded(conn, NOW, load_plugins().glossary)


async def test_messages_refused_and_given_up_are_told_by_channel_with_their_reasons(
    store: Store,
) -> None:
    rows = [
        *(message(n, "refused", reason="pas d’expéditeur") for n in range(3)),
        message(9, "refused", reason="une erreur"),
        message(10, "failed", channel="alert", reason="sans réponse"),
        message(11, "refused", settled_at=NOW - 2 * DAY, reason="ancien"),
        message(12, "sent"),
    ]
    async with store.write() as conn:
        await conn.execute(outbox.insert(), rows)
    alerts, mails = await concerns(store)
    assert "1 message a été abandonné" in alerts.fact.replace("\u00a0", " ")
    assert "4 messages ont été refusés" in mails.fact.replace("\u00a0", " ")
    assert mails.details[0] == "3 : pas d’expéditeur"
    assert {alerts.gravity, mails.gravity} == {Gravity.IMPAIRED}


async def test_an_address_that_does_not_receive_is_no_failure_of_the_server(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(outbox.insert(), [message(1, "unreachable", reason="boîte fermée")])
    (concern,) = await concerns(store)
    assert concern.gravity is Gravity.NOTICE


async def test_messages_in_doubt_that_wait_for_somebody_are_told(store: Store) -> None:
    async with store.write() as conn:
        rows = [
            message(1, "doubtful", settled_at=None, doubted_at=1),
            message(2, "sent", doubted_at=1),
        ]
        await conn.execute(outbox.insert(), rows)
    (concern,) = await concerns(store)
    assert concern.fact.startswith("1\u00a0envoi est incertain")
    assert "relance incertains" in concern.remedy


def stay(lead: int, **more: Any) -> dict[str, Any]:
    usual = {"campaign_id": 1, "entry": 1, "version_id": 1, "active": True, "statement": 0}
    times = {"moves": 1, "entered_at": 1, "since_at": 1, "since_event": 0, "wake_at": None}
    return {"lead_id": lead, **usual, **times, **more}


@pytest.fixture
async def campaign(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(
            campaigns.insert(), [{"id": 1, "key": "a", "name": "A", "present": False}]
        )
        version = {"id": 1, "campaign_id": 1, "hash": "x", "program": "{}", "source": ""}
        await conn.execute(versions.insert(), [version | {"published_at": 1}])


@pytest.mark.usefixtures("campaign")
async def test_a_campaign_taken_out_of_the_rules_is_told_while_people_are_inside(
    store: Store,
) -> None:
    assert await concerns(store) == []
    async with store.write() as conn:
        await conn.execute(enrolments.insert(), [stay(1), stay(2), stay(3, active=False)])
    (concern,) = await concerns(store)
    assert concern.code == "campagne.retiree"
    assert "2\u00a0personnes la finissent" in concern.fact


@pytest.mark.usefixtures("campaign")
async def test_a_campaign_set_aside_and_instants_long_due_are_told(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(set_aside.insert(), [{"version_id": 1, "reason": "division", "at": 1}])
        await conn.execute(
            enrolments.insert(),
            [stay(1, campaign_id=2, wake_at=NOW - 6 * MINUTE), stay(2, campaign_id=2, wake_at=NOW)],
        )
    quarantined, late = await concerns(store)
    assert (quarantined.code, late.code) == ("campagne.mise-de-cote", "moteur.retard")
    assert "division" in quarantined.fact


class Sulking:
    relance_contract = 1

    @hookimpl
    def relance_concerns(self, host: Host) -> Sequence[Concern]:
        return (
            Concern("essai.compte", Gravity.STOPPED, "<b>Rien</b> ne part.", "Donnez un compte."),
        )


class Failing:
    relance_contract = 1

    @hookimpl
    def relance_concerns(self, host: Host) -> Iterator[Concern]:
        yield from ()
        raise KeyError("compte")


class Mumbling:
    relance_contract = 1

    @hookimpl
    def relance_concerns(self, host: Host) -> list[str]:
        return ["rien"]


async def test_a_plugin_that_cannot_say_what_it_lacks_hides_no_other(start: Any) -> None:  # noqa: F811
    those = {"casse": Failing(), "marmonne": Mumbling(), "essai": Sulking()}
    async with start(plugins=plugins_of(those)) as site:
        found = (await site.client.get("/sante")).json()["constats"]
        assert [one["code"] for one in found] == [
            "essai.compte",
            "extension.casse",
            "extension.marmonne",
        ]
        assert "KeyError" in found[1]["remede"]
        assert "casse" in (await site.client.get("/etat")).text


async def test_what_a_plugin_lacks_is_the_headline_of_the_page_and_of_sante(start: Any) -> None:  # noqa: F811
    async with start(plugins=plugins_of({"essai": Sulking()})) as site:
        page = (await site.client.get("/etat")).text
        assert WELL not in page
        assert "<h2>&lt;b&gt;Rien&lt;/b&gt; ne part.</h2>" in page
        assert "Donnez un compte." in page
        answer = await site.client.get("/sante")
        assert answer.status_code == 503
        assert answer.json()["constats"][0]["remede"] == "Donnez un compte."


async def test_a_sender_nobody_named_is_told_before_the_first_message(
    start: Any,  # noqa: F811
    tmp_path: Any,
) -> None:
    folder = tmp_path / "courriels"
    folder.mkdir()
    (folder / "Bonjour.md").write_text("---\nobjet: Bonjour\n---\nBonjour\n", encoding="utf-8")
    async with start() as site:
        assert await codes(site) == [("email.expediteur", "arret")]
        signed = "---\nobjet: Salut\nexpéditeur: a@exemple.ca\n---\nBonjour\n"
        (folder / "Salut.md").write_text(signed, encoding="utf-8")
        site.runtime.rules.reload()
        await site.runtime.rules.refresh()
        assert await codes(site) == [("email.expediteur", "manque")]
    async with start(sections={"email": {"expediteur": "a@exemple.ca"}}) as site:
        assert await codes(site) == []


async def codes(site: Site) -> list[tuple[str, str]]:
    found = (await site.client.get("/sante")).json()["constats"]
    return [(one["code"], one["gravite"]) for one in found]
