"""What a newcomer sees: a form, an e-mail over SMTP, a click, the branch taken, and why."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from server.demo.run import Demo, demonstration


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with demonstration(tmp_path / "demo", 0, 0) as running:
        yield running


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.02)


def subjects(demo: Demo) -> list[str]:
    return [message.subject.replace("\u00a0", " ") for message in demo.mailbox.messages]


async def post_form(demo: Demo, visitor: httpx.AsyncClient, **fields: str) -> httpx.Response:
    home = (await visitor.get(f"{demo.shop_url}/")).text
    action = re.search(r'action="([^"]+/webhooks/forms/[^"]+)"', home)
    assert action
    return await visitor.post(
        action.group(1), data={**fields, "_redirect": f"{demo.shop_url}/merci"}
    )


async def journey(demo: Demo, visitor: httpx.AsyncClient) -> str:
    page = await visitor.get(f"{demo.shop_url}/parcours")
    assert page.status_code == 200
    return page.text.replace("\u00a0", " ")


async def test_the_sample_form_runs_the_rule_up_to_the_branch_and_says_why(
    demo: Demo, visitor: httpx.AsyncClient
) -> None:
    answer = await post_form(demo, visitor, courriel="aline@example.com", prénom="Aline")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{demo.shop_url}/merci"
    await until(lambda: len(demo.mailbox.messages) == 1)
    assert subjects(demo) == ["Bienvenue à La Petite Roue, Aline"]

    async with asyncio.timeout(60):
        while "Attend : " not in (page := await journey(demo, visitor)):
            await asyncio.sleep(0.05)
    assert "0 point<" in page
    assert "Attend : Lien (Lire le guide) cliqué dans courriel (Bienvenue)" in page

    await demo.skip(timedelta(minutes=1))  # nobody reads in a second
    letter = (await visitor.get(f"{demo.shop_url}/courriels/1/html")).text
    link = re.search(r'href="([^"]*/c/[^"]+)"', letter)
    assert link, "no tracked link in the e-mail"
    clicked = await visitor.get(link.group(1), headers={"user-agent": "Mozilla/5.0 Firefox/140.0"})
    assert clicked.status_code in (302, 303)
    assert clicked.headers["location"] == f"{demo.shop_url}/guide"

    async with asyncio.timeout(60):
        while "10 points" not in (page := await journey(demo, visitor)):
            await asyncio.sleep(0.05)
    assert "Étiqueter (Curieux)</b>" in page
    assert "Lien (Lire le guide) cliqué dans courriel (Bienvenue) : vrai" in page

    await demo.skip(timedelta(days=1))
    await until(lambda: len(demo.mailbox.messages) == 2)
    assert subjects(demo)[-1] == "Et si vous l’essayiez ?"


async def test_who_does_not_click_gets_the_reminder_when_the_clock_moves(
    demo: Demo, visitor: httpx.AsyncClient
) -> None:
    await post_form(demo, visitor, courriel="bruno@example.com", prénom="Bruno")
    await until(lambda: len(demo.mailbox.messages) == 1)
    moved = await visitor.post(
        f"{demo.shop_url}/avancer", data={"heures": "48", "retour": "/parcours"}
    )
    assert moved.status_code == 303
    await until(lambda: len(demo.mailbox.messages) == 2)
    assert subjects(demo)[-1] == "Le guide vous attend toujours"
    assert "Passé ce délai" in await journey(demo, visitor)


async def test_a_stranger_s_words_are_shown_as_words(
    demo: Demo, visitor: httpx.AsyncClient
) -> None:
    poison = "<img src=x onerror=alert(1)>"
    await post_form(demo, visitor, courriel="eve@example.com", prénom=poison)
    await until(lambda: len(demo.mailbox.messages) == 1)
    for path in ("/", "/courriels", "/parcours", "/courriels/1/html"):
        assert poison not in (await visitor.get(demo.shop_url + path)).text, path
    letter = await visitor.get(f"{demo.shop_url}/courriels/1/html")
    assert letter.headers["content-security-policy"].startswith("sandbox allow-popups")
    assert "allow-scripts" not in letter.headers["content-security-policy"]


async def test_the_clock_button_refuses_nonsense(demo: Demo, visitor: httpx.AsyncClient) -> None:
    for hours in ("-1", "0", "99999", "9" * 5_000, "²", "abc", ""):
        answer = await visitor.post(f"{demo.shop_url}/avancer", data={"heures": hours})
        assert answer.status_code == 400
    answer = await visitor.post(
        f"{demo.shop_url}/avancer", data={"heures": "1", "retour": "//evil.example"}
    )
    assert answer.headers["location"] == "/"


async def test_every_address_in_the_library_s_messages_has_its_page(
    demo: Demo, visitor: httpx.AsyncClient
) -> None:
    for mail in (demo.folder / "courriels").glob("*.md"):
        for address in re.findall(r"\]\((http[^)]+)\)", mail.read_text(encoding="utf-8")):
            assert address.startswith(demo.shop_url)
            assert (await visitor.get(address)).status_code == 200, address


async def test_what_the_visitor_does_in_the_shop_is_known_to_be_theirs(
    demo: Demo, visitor: httpx.AsyncClient
) -> None:
    answer = await post_form(demo, visitor, courriel="aline@example.com", prénom="Aline")
    await visitor.get(answer.headers["location"])
    await until(lambda: len(demo.mailbox.messages) == 1)
    bought = await visitor.post(f"{demo.shop_url}/evenement", data={"quoi": "ajout:249.95"})
    assert bought.headers["location"] == "/parcours"
    await demo.skip(timedelta(hours=3))
    await until(lambda: "Votre panier est resté au chaud" in subjects(demo))
    page = await journey(demo, visitor)
    assert "Page web (/merci) visitée" in page
    assert "Relance de panier" in page
    assert page.count('href="/parcours/') == 1, "one person, one lead"
    await demo.skip(timedelta(days=1))
    await until(lambda: "La livraison est pour nous" in subjects(demo))


@pytest.mark.parametrize(
    "path", ["rien", "courriels/9/html", f"courriels/{'9' * 5_000}", f"parcours/{'9' * 5_000}"]
)
async def test_a_page_that_is_not_there_is_told_in_french_and_no_page_asks_for_what_is_not(
    demo: Demo, visitor: httpx.AsyncClient, path: str
) -> None:
    answer = await visitor.get(f"{demo.shop_url}/{path}")
    assert answer.status_code == 404
    assert "La boutique n’a pas de page à cette adresse." in answer.text
    assert 'rel="icon"' in answer.text, "else a browser asks for one of its own"
    for there in re.findall(r'(?:href|src)="(/[^"/]+\.\w+)"', answer.text):
        assert (await visitor.get(demo.shop_url + there)).status_code == 200, there


@pytest.mark.parametrize("amount", ["nan", "1e999", "abc", "", "-5"])
async def test_an_amount_that_is_none_is_refused(
    demo: Demo, visitor: httpx.AsyncClient, amount: str
) -> None:
    await post_form(demo, visitor, courriel="a@b.ca")
    answer = await visitor.post(f"{demo.shop_url}/evenement", data={"quoi": f"ajout:{amount}"})
    assert answer.status_code == 400
    assert "Demande illisible" in answer.text


async def test_the_visitor_comes_in_signed_in_and_stays_so_when_the_clock_is_moved(
    demo: Demo, visitor: httpx.AsyncClient
) -> None:
    assert (await visitor.get(f"{demo.server_url}/")).status_code == 401
    came = await visitor.get(demo.interface_url, follow_redirects=True)
    assert came.status_code == 200
    assert str(came.url) == f"{demo.server_url}/"
    assert "Horloge simulée" in came.text
    assert f'href="{demo.shop_url}/courriels"' in came.text
    await demo.skip(timedelta(days=30))
    assert (await visitor.get(f"{demo.server_url}/")).status_code == 200
    journal = (await visitor.get(f"{demo.server_url}/journal")).text
    assert "a publié" in journal
    again = (await visitor.get(f"{demo.server_url}/connexion/confirmer?suite=/utilisateurs")).text
    assert f'href="{demo.interface_url}"' in again, "it has no password to give"
