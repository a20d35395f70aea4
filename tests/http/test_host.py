"""What the server offers its plugins, on both stores."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relance.errors import Unacceptable
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.reach import Attach, Detach, Reach, Suppress, Welcome
from relance.testing import VirtualClock
from relance.testing.host import NoNetwork
from server.host import ServerHost
from server.intake.intake import Intake
from server.secret import signing_secret
from server.settings import Settings
from server.store.store import Store
from server.tokens import Signer

VISITOR = "v" * 20


@pytest.fixture
async def host(store: Store, clock: VirtualClock, tmp_path: Path) -> ServerHost:
    settings = Settings(folder=tmp_path, plugins={"email": {"serveur": "smtp"}})
    signer = Signer(await signing_secret(store, settings))
    return ServerHost(settings, store, Intake(store, clock), NoNetwork(), clock, signer)


async def test_texts_are_kept_once_and_found_again(host: ServerHost) -> None:
    first = await host.keep(["https://a.ca", "https://b.ca", "https://a.ca"])
    assert first[0] == first[2] != first[1]
    assert await host.keep(["https://b.ca", "https://c.ca"]) != first[:2]
    assert (await host.keep(["https://b.ca"]))[0] == first[1]
    assert await host.kept(first[1]) == "https://b.ca"
    assert await host.kept(987) is None
    assert await host.keep([]) == []


async def test_the_links_of_a_mailing_are_stored_once_and_asked_of_nobody_after(
    host: ServerHost, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    transact = store.transact

    async def counted(work: Any, **options: Any) -> Any:
        written.append(work)
        return await transact(work, **options)

    monkeypatch.setattr(store, "transact", counted)
    links = ["https://a.ca", "https://b.ca"]
    numbers = await asyncio.gather(*(host.keep(links) for _ in range(10)))
    assert len({tuple(each) for each in numbers}) == 1
    assert len(written) == 1
    with monkeypatch.context() as away:
        away.setattr(store, "read", None)
        assert await host.keep(links[::-1]) == list(numbers[0])[::-1]


async def change(host: ServerHost, *reach: Reach) -> None:
    """Tell of Aline what changes whether, or where, she may be written to."""
    await host.record([Incoming("t", Identities(email="aline@exemple.ca"), reach=reach)])


async def test_an_address_that_asked_for_peace_has_it_whatever_its_capitals(
    host: ServerHost,
) -> None:
    await change(host, Suppress("email", " Aline@Exemple.ca ", "désabonnement"))
    await change(host, Suppress("email", "aline@exemple.ca", "encore"))
    assert await host.suppressed("email", "ALINE@exemple.ca")
    assert not await host.suppressed("sms", "aline@exemple.ca")
    assert not await host.suppressed("email", "paul@exemple.ca")


async def test_who_asks_to_be_written_to_again_is_written_to(host: ServerHost) -> None:
    await change(host, Suppress("sms", "+15145551234", "STOP"))
    await change(host, Welcome("email", "+15145551234"))
    assert await host.suppressed("sms", "+15145551234")
    await change(host, Welcome("sms", " +15145551234 "))
    assert not await host.suppressed("sms", "+15145551234")


async def test_an_address_that_no_field_holds_is_kept_for_its_lead(host: ServerHost) -> None:
    (anonymous,) = await host.record([Incoming("t", Identities(visitor=VISITOR))])
    (known,) = await host.record([Incoming("t", Identities(email="a@b.ca"), {}, [NewEvent("x")])])
    fact = Incoming("t", Identities(lead_id=anonymous.lead_id))
    await host.record([replace(fact, reach=[Attach("push", "navigateur", "clés")])])
    both = Identities(email="a@b.ca", visitor=VISITOR)
    await host.record([Incoming("t", both, proof=Proof.SIGNED)])
    assert await host.attached("push", known.lead_id) == {"navigateur": "clés"}
    await host.record([replace(fact, reach=[Attach("push", "téléphone", "autres")])])
    assert set(await host.attached("push", known.lead_id)) == {"navigateur", "téléphone"}
    assert await host.holder("push", "navigateur") == known.lead_id
    await host.record([replace(fact, reach=[Detach("push", "navigateur")])])
    assert await host.holder("push", "navigateur") is None


async def test_who_leaves_by_the_link_of_a_lead_that_is_gone_is_left_alone(
    host: ServerHost,
) -> None:
    leaves = Suppress("email", "aline@exemple.ca", "désabonnement")
    with pytest.raises(Unacceptable):
        await host.record([Incoming("t", Identities(lead_id=987), reach=[leaves])])
    assert await host.suppressed("email", "aline@exemple.ca")


async def test_fields_are_told_by_name_and_follow_a_merge(host: ServerHost) -> None:
    anonymous = await host.record([Incoming("t", Identities(visitor=VISITOR))])
    known = await host.record(
        [Incoming("t", Identities(email="a@b.ca"), {"prénom": "Zoé"}, [NewEvent("x")])]
    )
    both = Identities(email="a@b.ca", visitor=VISITOR)
    await host.record([Incoming("t", both, proof=Proof.SIGNED)])
    for lead in (anonymous[0].lead_id, known[0].lead_id):
        fields = await host.fields(lead)
        assert fields is not None
        assert (fields["prénom"], fields["courriel"], fields["ville"]) == ("Zoé", "a@b.ca", None)
    assert await host.fields(987) is None


async def test_tokens_outlive_a_restart(host: ServerHost, store: Store, tmp_path: Path) -> None:
    token = host.sign("click", 1)
    again = Signer(await signing_secret(store, Settings(folder=tmp_path)))
    assert again.unsign("click", token) == ("1",)


async def test_a_plugin_sees_its_own_settings(host: ServerHost) -> None:
    assert host.settings("email") == {"serveur": "smtp"}
    assert host.settings("sms") == {}


@pytest.mark.parametrize("spelling", ["aline@été.ca", "ALINE@ÉTÉ.ca", "aline@xn--t-9fab.ca"])
@pytest.mark.parametrize("left", ["aline@été.ca", "aline@xn--t-9fab.ca"])
async def test_who_left_under_one_spelling_of_a_domain_left_under_all(
    host: ServerHost, left: str, spelling: str
) -> None:
    await change(host, Suppress("email", left, "désabonnement"))
    assert await host.suppressed("email", spelling)
