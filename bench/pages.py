"""What each page costs a server whose base is that of years: the time until it is answered, whole.

Asked in the process, with no network: the page is read, made and written as for a browser, by somebody
signed in who holds every role. Seconds of processor, which a loaded machine moves least; what another
process does beside (a message filled in, a draft read) is seen in the time alone. Each page is asked
twice before it counts. The baseline is the lightest page of the site: what signing in, guarding and the
frame cost by themselves.

`python -m bench.pages [LEADS [ROWS [FOLDER [ONLY [CAMPAIGNS]]]]]` takes other sizes, « 1000000 10000000 »
being those of the goal, and keeps the base in a folder, where it is found again; ONLY: pages whose address
holds that; CAMPAIGNS: « 10000 » for a house of so many, whose draft is read before anything counts.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from starlette.routing import Route

from bench import house
from bench.figures import Figure, Goal, french, table
from server.access import accounts, roles, sessions
from server.access.actor import Whence
from server.access.opaque import form_token
from server.reports.indicators import counted
from server.runtime import Runtime
from server.store.measured import measure as hold_measured

LEADS, ROWS = 200_000, 1_000_000
#: The lightest page, and what a page may take.
LIGHTEST, BOUND = "/touches", 50.0
#: A server at rest takes no more than that share of a processor, over so long.
_REST_SHARE, _REST_SECONDS = 0.1, 2.0
#: What the places of addresses are filled with.
_FILLED = {
    "lead": "{lead}",
    "campagne": "{campaign}",
    "partie": "etapes.csv",
    "liste": "s1",
    "nom": "Formulaire 01",
    "modele": "bienvenue",
    "version": "{version}",
    "compte": "1",
    "channel": "email",
}
#: Of what each collection of the API names.
_NAMES = {
    "campaigns": "Campagne 01",
    "lists": "Groupe 1",
    "forms": "Formulaire 01",
    "messages": "Message 01",
}
#: What has no end while it is looked at, gives a file, or changes something when it is but asked.
_NO_PAGE = ("/vif", "/deconnexion", "/static", "/statique", "/images")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as it is asked: `form`, where it is posted."""

    path: str
    form: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """As it is told."""
        return " ".join((self.path, *(f"{key}={value}" for key, value in self.form)))


#: What is asked besides the bare address of each page.
BESIDES = (
    Asked("/leads", (("cherche", "Tremblay"),)),
    Asked("/leads", (("cherche", "Zzyzx"),)),
    Asked("/leads", (("cherche", "lead12@exemple.example"),)),
    Asked("/leads", (("filtre", "Champ (ville) est égal à (Laval)"),)),
    Asked("/leads", (("filtre", "Champ (ville) est égal à (Atlantide)"),)),
    Asked("/aller?cherche=campagne"),
    Asked("/campagnes?cherche=12"),
    Asked("/messages/courriels/message-01.md"),
    Asked("/scripts/campagne-01.relance"),
    Asked("/scenarios/campagne-01.relance"),
    Asked("/api/v1/campaigns?limit=20"),
    Asked("/messages?cherche=12"),
    Asked("/rapports/message?cherche=12"),
    Asked("/rapports/indicateurs?campagne=Campagne+01"),
)


def _addresses(runtime: Runtime, filled: dict[str, str]) -> Sequence[Asked]:
    """Each page that is looked at, its places filled; those whose places cannot be are left out."""
    found = dict.fromkeys(BESIDES)
    for route in runtime.app._pages.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()):
            continue
        path = route.path
        named = {"name": _NAMES.get(path.removeprefix("/api/v1/").partition("/")[0], "{name}")}
        for place, value in (filled | named).items():
            path = path.replace(f"{{{place}}}", value)
        if "{" not in path and not path.startswith(_NO_PAGE) and not path.endswith("/vif"):
            found[Asked(path)] = None
    return sorted(found, key=lambda one: one.path)


async def _places(runtime: Runtime) -> dict[str, str]:
    """What there is in the base to be looked at."""
    asked = {
        "lead": "SELECT max(lead_id) FROM enrolments",
        "campaign": "SELECT min(id) FROM campaigns",
        "version": "SELECT min(version_id) FROM campaigns",
    }
    async with runtime.store.read() as conn:
        known = {
            name: str((await conn.exec_driver_sql(query)).scalar()) for name, query in asked.items()
        }
    return {place: value.format(**known) for place, value in _FILLED.items()}


async def _signed_in(runtime: Runtime) -> dict[str, str]:
    """The headers of a browser of somebody who may do everything."""
    register, email = runtime.access.register, "mesure@exemple.example"
    async with register.store.write() as conn:
        account = await accounts.by_email(conn, email) or await accounts.create(
            conn, email, "Mesure", frozenset(roles.ALL), register.now()
        )
        await accounts.change(conn, account.id, password="!", roles=roles.stored(roles.ALL))
        token = await sessions.begin(conn, account.id, Whence(), register.now(), whole=True)
    return {"cookie": f"relance_session={token}", "x-relance-sceau": form_token(token)}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one page, in milliseconds, run by run. `status`: what it answered."""

    asked: Asked
    status: int
    processor: list[float]
    wall: list[float]


async def _cost(client: httpx.AsyncClient, asked: Asked, runs: int) -> Cost:
    found = Cost(asked, 0, [], [])
    status = 0
    for number in range(runs + 2):
        began, used = time.perf_counter(), time.process_time()
        if asked.form:
            # A search is led to its address: both are what it costs.
            form = dict(asked.form)
            answer = await client.post(asked.path, data=form, follow_redirects=True)
        else:
            answer = await client.get(asked.path)
        status = answer.status_code
        if number >= 2:
            found.wall.append(1_000 * (time.perf_counter() - began))
            found.processor.append(1_000 * (time.process_time() - used))
    return Cost(asked, status, found.processor, found.wall)


async def _at_rest(client: httpx.AsyncClient) -> None:
    """Once the draft is read: what a thread does beside would be counted with the pages."""
    while True:
        used, began = time.process_time(), time.perf_counter()
        await client.get("/campagnes")
        await asyncio.sleep(_REST_SECONDS)
        if time.process_time() - used < _REST_SHARE * (time.perf_counter() - began):
            return


async def _costs(folder: Path, runs: int, only: str, *, great: bool) -> Sequence[Cost]:
    runtime = house.server_of(folder)
    await runtime.open()
    try:
        await hold_measured(runtime.store, counted(runtime.plugins.indicators(runtime.host)))
        headers, transport = await _signed_in(runtime), httpx.ASGITransport(app=runtime.app)
        origin = runtime.settings.public_url
        async with httpx.AsyncClient(
            transport=transport, base_url=origin, headers=headers, timeout=600
        ) as client:
            if great:
                await _at_rest(client)
            wanted = [Asked(LIGHTEST)]
            wanted += [
                one
                for one in _addresses(runtime, await _places(runtime))
                if only in one.name and one.path != LIGHTEST
            ]
            return [await _cost(client, one, runs) for one in wanted]
    finally:
        await runtime.close()


def measure(
    runs: int = 5,
    leads: int = LEADS,
    rows: int = ROWS,
    folder: Path | None = None,
    only: str = "",
    campaigns: int = house.CAMPAIGNS,
) -> list[Figure]:
    """Each page beside the lightest. `folder`: where the base is kept, made there when it is not."""
    with tempfile.TemporaryDirectory() as name:
        place = folder or Path(name) / "maison"
        if not place.exists():
            house.build(place, leads, rows, campaigns)
        light, *others = asyncio.run(_costs(place, runs, only, great=campaigns > house.CAMPAIGNS))
    found = []
    for one in others:
        if one.status != 200:
            print(f"{one.asked.name} : {one.status}", file=sys.stderr)
            continue
        late = f" ({french(median(one.wall))} ms au mur)"
        found.append(
            Figure(
                f"{one.asked.name}{late}",
                "ms",
                one.processor,
                f"{LIGHTEST}",
                light.processor,
                Goal.AT_MOST,
                BOUND,
                on_ratio=False,
            )
        )
    return found


def missed(figures: Sequence[Figure]) -> Sequence[Figure]:
    """Those over the bound, the slowest first."""
    late = [one for one in figures if not one.reached]
    return sorted(late, key=lambda one: -median(one.ours))


if __name__ == "__main__":
    given = sys.argv[1:]
    sizes = [int(one) for one in given[:2]] + [LEADS, ROWS][len(given[:2]) :]
    kept = Path(given[2]) if len(given) > 2 else None
    every = measure(
        leads=sizes[0],
        rows=sizes[1],
        folder=kept,
        only=given[3] if len(given) > 3 else "",
        campaigns=int(given[4]) if len(given) > 4 else house.CAMPAIGNS,
    )
    print(table(every))
    print(f"\nPlus de {french(BOUND)} ms de processeur :")
    for figure in missed(every):
        print(f"- {figure.what} : {french(median(figure.ours))} ms")
