"""What Prometheus reads: who may, what it finds, and that a page says what each measure means."""

import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from relance.access_role import AccessRole
from relance.channel import Message, Outcome, Refused, Sent
from relance.errors import ConfigurationError, StoreUnavailable
from relance.testing import FakeChannel
from server.observation_settings import TraceSettings
from server.observing import catalogue, exposition
from server.observing.observed_channel import observed
from server.probe import BOUNDS, Probe
from server.runtime import Runtime
from server.settings import Settings
from tests.docs.test_documents import ROOT
from tests.http.conftest import Site, Start, all_plugins
from tests.signed import token_of

TOKEN = "jeton-des-mesures-assez-long"
SHOWN = {"authorization": f"Bearer {TOKEN}"}
ROW = re.compile(r"^\| `(relance_\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)


async def read(site: Site) -> Mapping[str, Any]:
    """The families by name, as Prometheus reads them."""
    async with httpx.AsyncClient(base_url=site.runtime.url, headers=SHOWN) as prometheus:
        answer = await prometheus.get("/metrics")
    assert answer.status_code == 200
    return {one.name: one for one in text_string_to_metric_families(answer.text)}


def value(families: Mapping[str, Any], name: str, **labels: str) -> float:
    """Of the sample of that name and of those labels."""
    family = families[name.removesuffix("_total").removesuffix("_count")]
    found = [one for one in family.samples if one.name == name and one.labels == labels]
    return float(found[0].value)


def test_each_measure_has_its_line_in_the_page_and_each_line_is_a_measure() -> None:
    rows = {
        name: (kind, meaning, tuple(re.findall(r"`(\w+)`", labels)))
        for name, kind, meaning, labels in ROW.findall(
            (ROOT / "docs" / "metriques.md").read_text(encoding="utf-8")
        )
    }
    assert rows == {one.name: (one.kind.value, one.meaning, one.labels) for one in catalogue.ALL}


def test_each_measure_is_named_with_its_unit_as_prometheus_has_it() -> None:
    for one in catalogue.ALL:
        assert re.fullmatch(r"relance_[a-z]+(_[a-z]+)*", one.name)
        assert one.name.endswith("_total") == (one.kind is catalogue.MetricKind.COUNTER)
        if one.kind is catalogue.MetricKind.HISTOGRAM:
            assert one.name.endswith("_seconds")


async def test_what_is_read_is_what_was_done_and_nothing_that_is_not_declared(
    start: Start,
) -> None:
    async with start(metrics_token=TOKEN) as site:
        for n in range(3):
            assert (await site.post(data={"courriel": f"p{n}@b.ca"})).status_code == 201
        await site.post(data={"courriel": "robot@b.ca", "_piege": "oui"})
        async for _ in until_idle(site):
            pass
        families = await read(site)
        assert value(families, "relance_forms_received_total") == 3
        assert value(families, "relance_forms_trapped_total") == 1
        assert value(families, "relance_intake_facts_total") == 3
        assert value(families, "relance_waiting", what="evenements") == 0
        assert value(families, "relance_base_up") == 1
        assert 1 <= value(families, "relance_intake_group_seconds_count") <= 3
        # Nothing is published that would send, nor other process that would be told of.
        lacking = {"relance_send_seconds", "relance_messages", "relance_processes"}
        declared = {one.name.removesuffix("_total") for one in catalogue.ALL} - lacking
        if sys.platform != "linux":
            declared -= {one.name.removesuffix("_total") for one in catalogue.OF_SYSTEM}
        assert set(families) == declared


async def until_idle(site: Site) -> AsyncIterator[None]:
    """Until the engine has handled all that came."""
    while (await site.rows("SELECT count(*) FROM inbox"))[0][0]:
        yield


async def test_only_the_token_of_the_settings_opens_it_even_on_the_machine_itself(
    start: Start,
) -> None:
    async with start(metrics_token=TOKEN) as site:
        account = await token_of(site.runtime, AccessRole.READ)
        async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
            for shown in ("", "Bearer", "Bearer x", f"Bearer {account}", f"Basic {TOKEN}"):
                answer = await stranger.get("/metrics", headers={"authorization": shown})
                assert (answer.status_code, "relance_" in answer.text) == (401, False), shown
                assert answer.headers["www-authenticate"].startswith("Bearer")
            assert (await stranger.post("/metrics", headers=SHOWN)).status_code == 405
        # A session of the team is none either: no browser is to be led there.
        assert (await site.client.get("/metrics")).status_code == 401


async def test_without_that_setting_the_address_is_not_there(site: Site) -> None:
    assert (await site.client.get("/metrics", headers=SHOWN)).status_code == 404


async def test_a_base_that_does_not_answer_is_told_and_the_rest_still_is(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(metrics_token=TOKEN) as site:
        await site.post(data={"courriel": "a@b.ca"})

        @asynccontextmanager
        async def away() -> AsyncIterator[None]:
            raise StoreUnavailable("away")
            yield

        monkeypatch.setattr(site.runtime.store, "read", away)
        families = await read(site)
        assert value(families, "relance_base_up") == 0
        assert value(families, "relance_forms_received_total") == 1
        assert "relance_waiting" not in families
        monkeypatch.undo()


async def test_each_send_is_timed_by_channel_and_by_what_came_of_it() -> None:
    class Moody(FakeChannel):
        async def send(self, message: Message) -> Outcome:
            if message.template == "panne":
                raise RuntimeError("panne")
            return Refused("non") if message.template == "non" else Sent()

    probe = Probe()
    channel = observed(Moody("sms"), probe)
    for template in ("oui", "oui", "non", "panne"):
        message = Message("k", template, 1, "a", {}, "c", 1, at=None)  # type: ignore[arg-type]
        try:
            await channel.send(message)
        except RuntimeError:
            assert template == "panne"
    counts = {labels: sum(one.counts) for labels, one in probe.sends.items()}
    assert counts == {("sms", "sent"): 2, ("sms", "refused"): 1, ("sms", "broken"): 1}


def test_durations_are_counted_up_to_each_bound_and_beyond_the_last() -> None:
    written = exposition.Exposition()
    timing = Probe().ticks
    for seconds in (0.0005, 0.001, 0.3, 99.0):
        timing.add(seconds)
    reading = exposition.MetricValue("relance_tick_seconds", timing)
    text, kind = written.write([reading], "")
    assert kind.startswith("text/plain")
    (family,) = [
        one
        for one in text_string_to_metric_families(text.decode())
        if one.name == "relance_tick_seconds"
    ]
    buckets = {one.labels["le"]: one.value for one in family.samples if "le" in one.labels}
    assert len(buckets) == len(BOUNDS) + 1
    assert (buckets["0.001"], buckets["0.25"], buckets["0.5"], buckets["+Inf"]) == (2, 2, 3, 4)


@pytest.mark.parametrize(
    ("library", "setting", "named"),
    [
        ("server.observing.exposition", {"metrics_token": TOKEN}, "relance[mesures]"),
        ("server.observing.traces", {"traces": None}, "relance[traces]"),
    ],
)
async def test_without_its_library_the_setting_is_refused_with_what_to_install(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    library: str,
    setting: Mapping[str, Any],
    named: str,
) -> None:
    given = setting if "metrics_token" in setting else {"traces": TraceSettings("http://127.0.0.1")}
    monkeypatch.setattr(f"{library}.find_spec", lambda _: None)
    runtime = Runtime(replace(settings, **given), plugins=all_plugins())
    with pytest.raises(ConfigurationError, match=re.escape(named)):
        await runtime.open()
