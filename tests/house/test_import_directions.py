"""Imports go one way: relance ← dsl ← server, relance ← plugins."""

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.each import of_each
from tests.house.modules import PACKAGES, ROOT, imported, imported_modules, modules, name_of, nodes

#: What each part of the house may import of the others.
ALLOWED = {
    "relance": {"relance"},
    "dsl": {"dsl", "relance"},
    "server": {"server", "dsl", "relance"},
    "plugins": {"plugins", "relance"},
}
#: What each room of the language may import of its other rooms. Of its modules anyone may, so long
#: as nothing goes in a circle.
LANGUAGE = {
    "language": set[str](),
    "text": {"language"},
    "tree": set[str](),
    "phrases": {"language", "text", "tree"},
    "help": {"language", "phrases", "text", "tree"},
    "read": {"help", "language", "phrases", "text", "tree"},
    "check": {"help", "language", "phrases", "tree"},
    # What it makes programs of was checked: it knows neither who did nor how to find fault.
    "compile": {"tree"},
    # What editors ask: it reads, and judges by the rooms that do.
    "service": {"check", "help", "language", "phrases", "read", "text", "tree"},
}
#: The rooms that find what is wrong with a script.
JUDGES = ("dsl/read/", "dsl/check/", "dsl/help/")
#: What each room of the server may import of it, rooms and modules.
ROOMS = {
    "store": {"private"},
    "access": {"store", "oidc_settings"},
    "engine": {"store", "daemon_thread", "crash", "probe"},
    "intake": {"engine", "store", "crash", "probe"},
    "dispatch": {"store", "crash", "private", "system_words", "transcript"},
    "egress": set[str](),
    "recovery": {"store"},
    "deliveries": {"dispatch", "engine", "store", "crash"},
    "publication": {
        *("reports", "store", "daemon_thread", "folder", "plugins", "private", "settings"),
        "system_words",
    },
    "imports": {"engine", "intake", "store", "crash", "private", "spreadsheet"},
    "reports": {"access", "engine", "store", "system_words"},
    "report_mail": {
        *("access", "dispatch", "engine", "exports", "http", "reports", "store", "crash"),
    },
    "health": {"dispatch", "reports", "store"},
    "observing": {
        *("health", "http", "intake", "reports", "store"),
        *("observation_settings", "probe"),
    },
    "reference": {"reports", "plugins", "plugin_contract"},
    "campaign_library": {"folder", "publication", "reports"},
    "exports": {"imports", "reports", "store", "spreadsheet"},
    "orders": {
        *(
            "access",
            "deliveries",
            "dispatch",
            "engine",
            "intake",
            "publication",
            "rehearsal",
            "report_mail",
            "reports",
            "rights",
            "store",
        ),
        *(
            "plugin_interface",
            "crash",
            "private",
            "secret",
            "settings",
            "spool",
            "system_words",
            "visit_buffer",
        ),
        *("plugins", "settings_changes"),
    },
    "rights": {"dispatch", "engine", "http", "recovery", "reports", "store", "crash"},
    "preview": {
        *("egress", "publication", "reports", "store"),
        *("clock", "folder", "past", "plugins", "settings"),
    },
    "rehearsal": {
        *("publication", "reports", "simulation"),
        *("daemon_thread", "folder", "plugins", "private", "settings", "setup", "system_words"),
    },
    "simulation": {"dispatch", "engine", "intake", "reports", "store", "past", "plugins"},
    "http": {
        *("health", "intake", "reports", "store"),
        *("settings", "system_words", "tokens"),
    },
    "language": {"publication", "daemon_thread", "folder", "plugins"},
    "web": {
        *(
            "access",
            "campaign_library",
            "engine",
            "exports",
            "health",
            "http",
            "imports",
            "language",
            "orders",
            "preview",
        ),
        *("publication", "rehearsal", "report_mail", "reports", "rights", "store"),
        *("daemon_thread", "folder", "plugins"),
        *("settings", "settings_sources", "system_words", "plugin_interface"),
    },
    "api": {
        *(
            "access",
            "campaign_library",
            "engine",
            "http",
            "imports",
            "language",
            "orders",
            "preview",
            "publication",
            "report_mail",
            "reports",
            "rights",
        ),
        *("store", "web", "daemon_thread", "settings_sources"),
    },
    "demo": {
        "http",
        "campaign_library",
        "orders",
        "reports",
        "web",
        "clock",
        "folder",
        "runtime",
        "settings",
        "system_words",
    },
    "cli": {
        *(
            "access",
            "deliveries",
            "demo",
            "dispatch",
            "engine",
            "exports",
            "health",
            "imports",
            "campaign_library",
            "language",
            "orders",
            "publication",
        ),
        *(
            "recovery",
            "reference",
            "rehearsal",
            "report_mail",
            "reports",
            "rights",
            "simulation",
            "store",
        ),
        *(
            "clock",
            "folder",
            "plugin_interface",
            "plugins",
            "private",
            "roles",
            "runtime",
            "secret",
            "serving",
            "settings",
            "setup",
        ),
        "preview",
        *("spreadsheet", "system_words"),
    },
}
#: What each room of the engine may import of its other rooms.
ENGINE = {
    "conditions": set[str](),
    "effects": {"conditions"},
    "statements": {"conditions", "effects", "experiments"},
    "lists": {"conditions"},
    "triggers": {"conditions", "lists"},
    "rules": {"conditions", "effects", "triggers"},
    "goals": {"conditions"},
    "experiments": set[str](),
    "tallies": {"conditions", "rules"},
    "life": {"conditions", "effects", "lists", "triggers"},
    "transfer": {"conditions", "life", "lists", "statements", "triggers"},
    "publication": {
        *("conditions", "effects", "goals", "life", "lists", "rules", "statements", "transfer"),
        "triggers",
    },
}
#: The folders of the house, of which none may hold a circle between what it is made of.
FOLDERS = sorted({path.parent for path in modules()} | {ROOT})
#: Of the contract, what routes are asked by.
ASKED = {"asking.py", "client.py", "route.py"}
#: Modules through which the outside is reached; everybody else is handed a client.
OUTGOING = {
    *("aiohttp", "aiosmtplib", "ftplib", "http.client", "httpcore", "httpx", "imaplib", "poplib"),
    *("requests", "smtplib", "socket", "telnetlib", "urllib.request"),
}
#: What opens a connection without any of them.
CALLS = {"create_connection", "open_connection", "sock_connect"}


def _inside(folder: Path, path: Path) -> str:
    """The file or the room of that folder in which a module is."""
    return path.relative_to(folder).parts[0].removesuffix(".py")


def _below(folder: Path, room: str) -> set[str]:
    """What a room imports of what stands beside it in that folder."""
    found = {one for path in modules(name_of(folder / room)) for one in imported_modules(path)}
    return {_inside(folder, one) for one in found if folder in one.parents} - {room}


def _rooms(folder: str) -> list[str]:
    return sorted({path.parent.name for path in (ROOT / folder).glob("*/*.py")})


@of_each(modules(), name_of)
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    here = name_of(path).split("/")[0]
    parts = {name.split(".")[0] for name in imported(path)}
    assert parts & set(PACKAGES) <= ALLOWED[here]


@of_each(_rooms("dsl"))
def test_a_room_of_the_language_leans_only_on_those_below_it(room: str) -> None:
    assert _below(ROOT / "dsl", room) & set(LANGUAGE) <= LANGUAGE[room]


@of_each(modules("dsl"), name_of)
def test_whoever_does_not_judge_a_script_writes_no_diagnostic(path: Path) -> None:
    if name_of(path).startswith(JUDGES):
        return
    called = [node.func for node in nodes(path) if isinstance(node, ast.Call)]
    names = {one.id for one in called if isinstance(one, ast.Name)}
    names |= {one.attr for one in called if isinstance(one, ast.Attribute)}
    assert not names & {"Diagnostic", "error", "warn", "fault"}


@of_each(_rooms("server"))
def test_a_room_of_the_server_leans_only_on_those_below_it(room: str) -> None:
    assert _below(ROOT / "server", room) <= ROOMS[room]


@of_each(_rooms("server/engine"))
def test_a_room_of_the_engine_leans_only_on_those_below_it(room: str) -> None:
    # Of its modules anyone may, so long as nothing goes in a circle.
    assert _below(ROOT / "server" / "engine", room) & set(ENGINE) <= ENGINE[room]


@of_each(FOLDERS, name_of)
def test_nothing_in_a_folder_leans_on_what_leans_on_it(folder: Path) -> None:
    """Between its files and its rooms, whole: a circle of rooms is one, though no file is in it."""
    arrows: dict[str, set[str]] = {}
    for path in modules(name_of(folder)) if folder != ROOT else modules():
        here = _inside(folder, path)
        below = (one for one in imported_modules(path) if folder in one.parents)
        arrows.setdefault(here, set()).update({_inside(folder, one) for one in below} - {here})
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as circle:
        raise AssertionError(" ← ".join(circle.args[1])) from circle


@of_each(modules("relance"), name_of)
def test_the_contract_depends_on_pluggy_and_each_part_of_it_on_its_one_library(
    path: Path,
) -> None:
    outside = {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)
    templates = name_of(path).startswith("relance/templates/")
    routes = name_of(path).startswith("relance/tracking/") or path.name in ASKED
    names = path.name == "origin.py"
    more = ["liquid"] * templates + ["starlette"] * routes + ["idna"] * names
    assert outside <= {"relance", "pluggy", *more}


def test_whoever_writes_no_message_does_not_load_what_templates_need() -> None:
    asked = {path for path in modules("relance") if "relance/templates" not in name_of(path)}
    assert not [path for path in asked if imported_modules(path) - asked]


@of_each(modules("dsl"), name_of)
def test_the_language_reaches_no_clock_no_network_no_database(path: Path) -> None:
    assert not imported(path) & {"sqlalchemy", "sqlite3", "asyncio", "socket", "random", "time"}


@of_each(modules("plugins"), name_of)
def test_one_built_in_plugin_does_not_lean_on_another(path: Path) -> None:
    own = name_of(path).split("/")[1]
    others = {name.split(".")[1] for name in imported(path) if name.startswith("plugins.")}
    # The kit stands beside the plugins and knows none of them.
    assert others <= {own, "kit"}


@of_each(modules(), name_of)
def test_only_the_egress_opens_outgoing_connections(path: Path) -> None:
    if name_of(path).startswith("server/egress/"):
        return
    opened = imported(path) & OUTGOING
    opened |= CALLS & {n.attr for n in nodes(path) if isinstance(n, ast.Attribute)}
    # These listen; they call nobody.
    if name_of(path) in {
        "server/http/listener.py",
        "server/http/port.py",
        "server/helping.py",
        "server/runtime.py",
        "server/demo/run.py",
    }:
        opened -= {"socket"}
    # These name what the client they are handed raises; httpx keeps its errors nowhere else.
    if name_of(path) in {
        "plugins/kit/calls.py",
        "server/preview/links.py",
        "server/access/provider_site.py",
    }:
        opened -= {"httpx"}
    # `aiosmtplib.errors` is no way out: a plugin may name what the client it is handed raises.
    assert not opened


@of_each(modules(), name_of)
def test_no_dice_are_thrown(path: Path) -> None:
    """Randomness comes from hashes, keys aside, so that a run can be told again."""
    assert "random" not in imported(path)


@of_each(modules(), name_of)
def test_a_table_is_taken_from_the_file_of_its_concern(path: Path) -> None:
    """So that who reads the imports sees which concerns a module touches."""
    if name_of(path) != "server/store/schema/__init__.py":
        assert not imported(path) & {"server.store.schema"}
