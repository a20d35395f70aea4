"""The two scripts, run: what a page asks of the browser, what the worker shows and opens."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import plugins.push

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no JavaScript engine here")
FOLDER = Path(plugins.push.__file__).parent

#: A worker's world: what it listens to, and what it had the browser do.
WORKER = """
const done = [], heard = {};
const self = {
  addEventListener: (name, f) => { heard[name] = f; },
  registration: {
    showNotification: (title, more) => { done.push(["montre", title, more]); },
    pushManager: { subscribe: async (o) => ({ toJSON: () => ({ endpoint: "neuf", options: o }) }) },
  },
  clients: { openWindow: (url) => { done.push(["ouvre", url]); } },
};
const fetch = async (url, o) => { done.push(["dit", url, o.method, o.body]); return { ok: true }; };
const waited = [];
const tell = async (name, event) => {
  heard[name]({ ...event, waitUntil: (p) => waited.push(p) });
  await Promise.all(waited);
};
"""
PAGE = """
const done = [];
const window = { PushManager: 1, Notification: 1 };
const Notification = { requestPermission: async () => PERMISSION };
const subscription = {
  endpoint: "ici", toJSON: () => ({ endpoint: "ici" }), unsubscribe: async () => true,
};
const place = { pushManager: {
  subscribe: async (o) => { done.push(["abonne", o.applicationServerKey.length]); return subscription; },
  getSubscription: async () => subscription,
} };
Object.defineProperty(globalThis, "navigator", { value: { serviceWorker: {
  register: async (path) => { done.push(["travailleur", path]); },
  ready: Promise.resolve(place), getRegistration: async () => place,
} } });
const document = { currentScript: {
  src: "https://relance.exemple.ca/notifications/abonner.js", getAttribute: () => null,
} };
const fetch = async (url, o) => { done.push(["dit", url, o.credentials, o.body]); return { ok: true }; };
"""


def run(name: str, world: str, then: str, **words: str) -> list[list[Any]]:
    source = (FOLDER / name).read_text(encoding="utf-8")
    for word, value in words.items():
        source = source.replace("{" + word + "}", value)
    # An exception fails the run: node ends with 1.
    whole = f"{world}\n{source}\n(async () => {{ {then}; console.log(JSON.stringify(done)); }})();"
    ran = subprocess.run([NODE, "-e", whole], capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def worker(then: str) -> list[list[Any]]:
    return run("travailleur.js", WORKER, then, SERVEUR="https://relance.exemple.ca")


def page(then: str, permission: str = "granted") -> list[list[Any]]:
    world = PAGE.replace("PERMISSION", json.dumps(permission))
    return run("abonner.js", world, then, CLE="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx")


def test_a_push_that_comes_is_shown_as_a_notification() -> None:
    shown = '{"titre": "Bonjour", "texte": "Là", "etiquette": "e", "clic": "c", "mene": true}'
    done = worker(f"await tell('push', {{ data: {{ json: () => ({shown}) }} }})")
    assert done == [
        ["montre", "Bonjour", {"body": "Là", "tag": "e", "data": {"clic": "c", "mene": True}}]
    ]


@pytest.mark.parametrize(
    ("leads", "did"), [("true", ["ouvre", "c"]), ("false", ["dit", "c", "POST"])]
)
def test_a_click_opens_the_page_or_is_told(leads: str, did: list[str]) -> None:
    notification = (
        f"{{ close() {{ done.push(['ferme']); }}, data: {{ clic: 'c', mene: {leads} }} }}"
    )
    done = worker(f"await tell('notificationclick', {{ notification: {notification} }})")
    assert done[0] == ["ferme"]
    assert done[1][: len(did)] == did


def test_a_browser_that_moved_says_so_and_leaves_its_old_place() -> None:
    old = "{ oldSubscription: { endpoint: 'ancien', options: {} } }"
    done = worker(f"await tell('pushsubscriptionchange', {old})")
    assert [(one[1].rsplit("/", 1)[1], json.loads(one[3])["endpoint"]) for one in done] == [
        ("abonnement", "neuf"),
        ("desabonnement", "ancien"),
    ]


def test_a_yes_subscribes_and_is_told_with_the_visitor_s_mark() -> None:
    done = page("done.push(await window.relanceNotifications.abonner())")
    assert done == [
        ["travailleur", "/relance-notifications.js"],
        ["abonne", 33],
        [
            "dit",
            "https://relance.exemple.ca/notifications/abonnement",
            "include",
            '{"endpoint":"ici"}',
        ],
        True,
    ]


def test_a_no_asks_nothing_more() -> None:
    assert page("done.push(await window.relanceNotifications.abonner())", "denied") == [False]


def test_a_browser_that_leaves_says_so_to_the_server() -> None:
    done = page("done.push(await window.relanceNotifications.desabonner())")
    assert done[0][1] == "https://relance.exemple.ca/notifications/desabonnement"
    assert done[-1] is True
