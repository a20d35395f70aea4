"""Mails filled in a second by the process apart, against the same words filled in where one stands.

What a campaign of a million may write is bounded by that one process; what it costs beside is the
price of a template that cannot hold the server up.
"""

import asyncio
import time
from pathlib import Path

from bench.figures import Figure, interleaved, table
from bench.stage import START
from plugins.email import compose
from plugins.email.messages import MESSAGES
from plugins.email.template import EmailTemplate
from relance.channel import Message
from relance.templates.filling import filled
from server.publication.on_disk import on_disk

RULES = Path(__file__).parents[1] / "rules"


def _message(number: int) -> Message:
    fields = {"courriel": f"lead{number}@exemple.example", "prénom": "Aline", "ville": "Laval"}
    address = fields["courriel"]
    return Message(f"m{number}", "Bienvenue", number, address, fields, "Bienvenue", 1, START)


def _here(template: EmailTemplate, mails: int) -> float:
    began = time.perf_counter()
    for number in range(mails):
        words = compose.personal(template, _message(number), {})
        compose.plain(template, words.variables)
    return mails / (time.perf_counter() - began)


def _apart(template: EmailTemplate, mails: int, at_once: int) -> float:
    async def one(number: int) -> None:
        words = await filled(compose.personal, template, _message(number), {})
        await filled(compose.plain, template, words.variables)

    async def every() -> float:
        await one(0)  # the process is there
        began = time.perf_counter()
        for first in range(0, mails, at_once):
            await asyncio.gather(*map(one, range(first, min(first + at_once, mails))))
        return mails / (time.perf_counter() - began)

    return asyncio.run(every())


def measure(runs: int = 5, mails: int = 1_000, at_once: int = 10) -> list[Figure]:
    """Mails a second: the subject, the targets of the links and the text, as the channel asks them."""
    found = MESSAGES.of(on_disk(RULES)).find("Bienvenue")
    if found is None or found.template is None:
        raise AssertionError("the library's own mail")
    template = found.template
    left, right = interleaved(
        runs, lambda: _apart(template, mails, at_once), lambda: _here(template, mails)
    )
    return [
        Figure(
            f"Courriels remplis, {at_once} à la fois",
            "/s",
            left,
            "dans le processus du serveur",
            right,
        )
    ]


if __name__ == "__main__":
    print(table(measure()))
