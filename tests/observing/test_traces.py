"""Traces: what is done is sent as spans, to a real receiver, and holds nothing of anybody."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from server.observation_settings import TraceSettings
from server.observing.traces import traces
from server.probe import Probe
from tests.http.conftest import Start

SCRIPT = """\
campagne «\u00a0Essai\u00a0»
  entrée
    quand Formulaire (Confidentiel) rempli

  Changer pointage (+1)
fin
"""


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """What takes spans by OTLP: its address, and what it took."""
    taken: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.filterwarnings("ignore")
async def test_a_server_sends_its_groups_and_its_ticks_to_a_receiver_and_names_nobody(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "essai.relance").write_text(SCRIPT, encoding="utf-8")
    with receiver() as (address, taken):
        async with start(traces=TraceSettings(address)) as site:
            data = {"courriel": "aline.secrete@b.ca", "prénom": "Zénobie"}
            assert (await site.post("Confidentiel", data=data)).status_code == 201
            async with asyncio.timeout(20):
                while site.runtime.engine.probe.rows == 0:
                    await asyncio.sleep(0.01)
        sent = b"".join(taken)
        spans = [
            span
            for body in taken
            for of_resource in ExportTraceServiceRequest.FromString(_plain(body)).resource_spans
            for of_scope in of_resource.scope_spans
            for span in of_scope.spans
        ]
    assert {one.name for one in spans} == {"relance.intake", "relance.tick"}
    group = next(one for one in spans if one.name == "relance.intake")
    assert [(one.key, one.value.int_value) for one in group.attributes] == [("relance.facts", 1)]
    assert group.end_time_unix_nano > group.start_time_unix_nano
    for word in ("aline", "secrete", "Zénobie", "Confidentiel"):
        assert word.encode() not in _plain(sent)


def _plain(body: bytes) -> bytes:
    import gzip

    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


async def test_a_send_says_its_channel_and_what_came_of_it_and_a_failure_is_one() -> None:
    exporter = InMemorySpanExporter()
    followed = traces(TraceSettings("http://127.0.0.1:1"), "ici", lambda _: exporter)
    probe = Probe()
    probe.on_work = followed.note
    with probe.send("sms", 2) as work:
        work.said["relance.outcome"] = "sent"
    with pytest.raises(RuntimeError), probe.send("sms", 3):
        raise RuntimeError("le numéro de quelqu’un")
    await followed.close()
    good, bad = exporter.get_finished_spans()
    assert dict(good.attributes or {}) == {
        "relance.channel": "sms",
        "relance.attempt": 2,
        "relance.outcome": "sent",
    }
    assert (good.status.status_code, bad.status.status_code) == (StatusCode.UNSET, StatusCode.ERROR)
    assert bad.status.description == "RuntimeError"
    assert good.resource.attributes["service.instance.id"] == "ici"


async def test_a_tick_that_had_nothing_to_do_is_no_span() -> None:
    done: list[str] = []
    probe = Probe()
    probe.on_work = lambda work: done.append(work.name)

    async def ticking(worked: bool) -> bool:
        return worked

    assert await probe.tick(ticking(True)) is True
    assert await probe.tick(ticking(False)) is False
    assert done == ["relance.tick"]
    assert sum(probe.ticks.counts) == 1
