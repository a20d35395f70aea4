"""Links, pixel and leaving, from the message to the route that answers."""

import gc
import re
import weakref
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.responses import Response

import plugins.email as plugin
from plugins.email.channel import EmailChannel
from plugins.email.tracking import MailTracking
from relance.channel import Message
from relance.route import Guard
from relance.testing import FakeHost, VirtualClock, asked
from tests.email.sink import Sink

Make = Callable[..., EmailChannel]
Build = Callable[..., Message]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


class Site:
    """Answers the plugin's routes as the server does, tokens checked."""

    def __init__(self, host: FakeHost) -> None:
        self.host = host
        self.routes = plugin.relance_routes(host)

    async def ask(
        self, url: str, method: str = "GET", agent: str | None = FIREFOX, **headers: str
    ) -> Response:
        path = urlsplit(url).path
        for route in self.routes:
            pattern = re.escape(route.path).replace(r"\{token\}", "([^/]+?)")
            found = re.fullmatch(pattern, path)
            if found is None:
                continue
            assert route.guard is Guard.TOKEN
            assert route.purpose is not None
            parts = self.host.unsign(route.purpose, found[1])
            if parts is None or method not in route.methods:
                return Response(status_code=404)
            given = {"accept-language": "fr-CA"}
            given |= {name.replace("_", "-"): value for name, value in headers.items()}
            if agent is not None:
                given["user-agent"] = agent
            parameters = {str(at): part for at, part in enumerate(parts)}
            return await route.handler(
                asked(method, path, parameters=parameters, headers=given, client="203.0.113.9")
            )
        return Response(status_code=404)

    def events(self) -> list[Any]:
        return [event for item in self.host.recorded for event in item.events]


@pytest.fixture
def site(host: FakeHost, clock: VirtualClock) -> Site:
    return Site(host)


def page(sink: Sink, at: int = 0) -> str:
    _, html = sink.messages[at].iter_parts()
    return str(html.get_content())


def text(sink: Sink, at: int = 0) -> str:
    part, _ = sink.messages[at].iter_parts()
    return str(part.get_content())


def links(html: str) -> list[str]:
    return re.findall(r'<a href="([^"]*)"', html)


async def test_a_link_leads_through_the_server_to_its_address_and_is_recorded_by_name(
    channel: EmailChannel, message: Build, sink: Sink, site: Site, clock: VirtualClock
) -> None:
    await channel.send(message())
    first, mailto, leave = links(page(sink))
    assert first.startswith("https://relance.exemple.ca/c/")
    assert first in text(sink)
    assert mailto == "mailto:info@exemple.ca"
    assert leave.startswith("https://relance.exemple.ca/d/")
    clock.advance(minutes=3)
    answer = await site.ask(first)
    assert (answer.status_code, answer.headers.get("location")) == (
        302,
        "https://www.exemple.ca/essai?a=1&b=2",
    )
    (event,) = site.events()
    assert (event.type, event.subject, event.context) == ("link_clicked", "Essai gratuit", "Tarifs")
    assert event.address == "https://www.exemple.ca/essai?a=1&b=2"
    assert site.host.recorded[0].identities.lead_id == 1


async def test_a_forged_or_changed_token_leads_nowhere(
    channel: EmailChannel, message: Build, sink: Sink, site: Site
) -> None:
    await channel.send(message())
    first, _, leave = links(page(sink))
    for url in (
        first[:-1],
        first + "A",
        first.replace("/c/", "/d/"),
        leave.replace("/d/", "/c/"),
        "https://relance.exemple.ca/c/1",
    ):
        answer = await site.ask(url)
        assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert site.events() == []


async def test_a_head_request_is_kept_and_never_counts(
    channel: EmailChannel, message: Build, sink: Sink, site: Site, clock: VirtualClock
) -> None:
    await channel.send(message())
    clock.advance(minutes=3)
    answer = await site.ask(links(page(sink))[0], "HEAD")
    assert answer.status_code == 302
    (event,) = site.events()
    assert event.type == "link_prefetched"
    assert event.properties["signes"] == ["demande l’en-tête seulement"]


@pytest.mark.parametrize(
    ("agent", "headers"),
    [
        (None, {}),
        ("Barracuda Sentinel (EE)", {}),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", {}),
        (FIREFOX, {"sec_purpose": "prefetch;prerender"}),
        (FIREFOX, {"x_purpose": "preview"}),
    ],
)
async def test_a_scanner_is_sent_on_but_is_no_click(
    channel: EmailChannel,
    message: Build,
    sink: Sink,
    site: Site,
    clock: VirtualClock,
    agent: str | None,
    headers: dict[str, str],
) -> None:
    await channel.send(message())
    clock.advance(minutes=3)
    answer = await site.ask(links(page(sink))[0], agent=agent, **headers)
    assert answer.status_code == 302
    (event,) = site.events()
    assert event.type == "link_prefetched"
    assert event.properties["machine"] is True
    assert event.properties["signes"]


async def test_a_quick_person_is_still_a_person_but_nobody_reads_in_a_second(
    channel: EmailChannel, message: Build, sink: Sink, site: Site, clock: VirtualClock
) -> None:
    await channel.send(message())
    clock.advance(seconds=1)
    await site.ask(links(page(sink))[0])
    clock.advance(seconds=3)
    await site.ask(links(page(sink))[0])
    assert [event.type for event in site.events()] == ["link_prefetched", "link_clicked"]
    assert site.events()[0].properties["signes"] == ["juste après l’envoi"]


async def test_the_hidden_link_is_seen_by_nobody_and_betrays_who_follows_it(
    channel: EmailChannel, message: Build, sink: Sink, site: Site, clock: VirtualClock
) -> None:
    await channel.send(message())
    (hidden,) = re.findall(r'display:none[^>]* href="([^"]+/h/[^"]+)"></a>', page(sink))
    assert "/h/" not in text(sink)
    clock.advance(minutes=3)
    assert (await site.ask(hidden)).status_code == 200
    await site.ask(links(page(sink))[0])
    assert [event.type for event in site.events()] == ["link_prefetched"] * 2
    assert site.events()[1].properties["signes"][0] == "lien caché suivi"
    clock.advance(minutes=3)
    await site.ask(links(page(sink))[0], agent="Mozilla/5.0 (iPhone) Safari/605.1")
    assert site.events()[2].type == "link_clicked", "a person comes after the scanner"


async def test_a_click_that_waits_is_judged_with_what_follows_and_dated_when_it_came(
    make: Make, message: Build, sink: Sink, host: FakeHost, folder: Any, clock: VirtualClock
) -> None:
    many = "\n\n".join(f"[Lien {at}](https://exemple.ca/{at})" for at in range(4))
    (folder / "courriels" / "plusieurs.md").write_text(
        f"---\nobjet: a\nexpéditeur: a@exemple.ca\n---\n{many}\n"
    )
    await make(attente_des_clics="20 s").send(message(template="Plusieurs"))
    site = Site(host)
    clock.advance(minutes=3)
    started = clock.now()
    for url in links(page(sink))[:4]:
        assert (await site.ask(url)).status_code == 302
        clock.advance(milliseconds=400)
    assert site.events() == []
    clock.advance(seconds=20)
    await host.ripen(plugin.relance_holders(host))
    assert [event.type for event in site.events()] == ["link_prefetched"] * 4
    assert site.events()[0].occurred_at == started
    clock.advance(minutes=5)
    await site.ask(links(page(sink))[0])
    clock.advance(seconds=20)
    await host.ripen(plugin.relance_holders(host))
    assert site.events()[4].type == "link_clicked"


async def test_a_flood_on_one_message_is_not_noted_for_ever(
    channel: EmailChannel, message: Build, sink: Sink, site: Site, clock: VirtualClock
) -> None:
    await channel.send(message())
    clock.advance(minutes=3)
    for _ in range(60):
        assert (await site.ask(links(page(sink))[0])).status_code == 302
    assert len(site.events()) == 40
    clock.advance(minutes=1)
    await site.ask(links(page(sink))[0])
    assert len(site.events()) == 41


async def test_the_pixel_is_off_unless_asked_for(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    await channel.send(message())
    assert "/o/" not in page(sink)


async def test_an_open_is_recorded_and_a_machine_kept_apart(
    make: Make, message: Build, sink: Sink, site: Site, clock: VirtualClock
) -> None:
    await make(suivi_ouvertures=True).send(message())
    (pixel,) = re.findall(r'<img src="([^"]+/o/[^"]+)"', page(sink))
    clock.advance(minutes=1)
    answer = await site.ask(pixel)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    await site.ask(pixel, agent="Mozilla/5.0")
    types = [(event.type, event.subject) for event in site.events()]
    assert types == [("email_opened", "Tarifs"), ("email_prefetched", "Tarifs")]


async def test_clicks_are_not_followed_when_the_project_says_so(
    make: Make, message: Build, sink: Sink
) -> None:
    await make(suivi_clics=False).send(message())
    assert "https://www.exemple.ca/essai?a=1&amp;b=2" in page(sink)


async def test_a_link_made_of_a_lead_s_values_leads_where_it_says_or_nowhere(
    make: Make, message: Build, sink: Sink, site: Site, folder: Any
) -> None:
    (folder / "courriels" / "liens.md").write_text(
        "---\nobjet: a\nexpéditeur: a@exemple.ca\n---\n"
        "[Un](https://exemple.ca/?v={{ ville | url_encode }})\n[Deux]({{ site }})\n"
    )
    fields = {"ville": "Trois-Rivières & co", "site": "javascript:alert(1)"}
    await make().send(message(template="Liens", fields=fields))
    first, second, _ = links(page(sink))
    answer = await site.ask(first)
    assert answer.headers.get("location") == "https://exemple.ca/?v=Trois-Rivi%C3%A8res+%26+co"
    assert second == "#"


# --- Leaving ------------------------------------------------------------------------------


async def test_the_headers_of_one_click_leaving_are_there(
    make: Make, message: Build, sink: Sink
) -> None:
    await make(adresse_desabonnement="partir@exemple.ca").send(message())
    (mail,) = sink.messages
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.findall(r"<([^>]*)>", mail["List-Unsubscribe"])
    assert found[0].startswith("https://relance.exemple.ca/d/")
    assert found[1] == "mailto:partir@exemple.ca?subject=desabonnement"


async def test_looking_never_unsubscribes_and_one_post_does_for_good(
    channel: EmailChannel, message: Build, sink: Sink, site: Site
) -> None:
    await channel.send(message())
    leave = links(page(sink))[-1]
    for _ in range(50):
        assert (await site.ask(leave)).status_code == 200
        assert (await site.ask(leave, "HEAD")).status_code == 200
    assert site.host.suppressions == {}
    assert site.events() == []
    asked = await site.ask(leave)
    assert "<button" in str(asked.body)
    assert "aline@exemple.ca" in str(asked.body)
    for _ in range(2):
        answer = await site.ask(leave, "POST", agent=None)
        assert (answer.status_code, answer.headers.get("location")) == (200, None)
    assert await site.host.suppressed("email", "aline@exemple.ca")
    (event,) = site.events()
    assert (event.type, event.subject) == ("email_unsubscribed", "Tarifs")
    assert "<button" not in str((await site.ask(leave)).body)


async def test_a_body_with_its_own_leaving_link_gets_no_second_one(
    make: Make, message: Build, sink: Sink, folder: Any
) -> None:
    (folder / "courriels" / "adieu.md").write_text(
        "---\nobjet: a\nexpéditeur: a@exemple.ca\n---\n[Partir]({{ lien_désabonnement }})\n"
    )
    await make().send(message(template="Adieu"))
    (leave,) = links(page(sink))
    assert leave.startswith("https://relance.exemple.ca/d/")
    assert text(sink).count("/d/") == 1


async def test_the_page_shows_an_address_as_text(site: Site) -> None:
    token = site.host.sign("unsubscribe", 1, "k", (await site.host.keep(["T"]))[0], "<b>@x.ca")
    answer = await site.ask(f"https://relance.exemple.ca/d/{token}")
    assert "&lt;b&gt;@x.ca" in answer.body.decode()


def test_what_tracks_for_a_host_is_the_same_as_long_as_it_is_used_and_leaves_with_it() -> None:
    host = FakeHost()
    tracking = MailTracking.of(host)
    assert MailTracking.of(host) is tracking
    gone = weakref.ref(host)
    del host, tracking
    gc.collect()
    assert gone() is None
