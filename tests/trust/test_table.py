"""The table of docs/confiance.md, cell by cell: who may change, join, receive what."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from relance.proof import Proof
from relance.testing import VirtualClock
from relance.tracking.proven import HeldAddress, proven
from server.store.store import Store
from tests.intake.conftest import Desk

DOCUMENT = Path(__file__).parents[2] / "docs" / "confiance.md"
HERS, ELSEWHERE, OF_PAUL = (f"navigateur-{letter * 16}" for letter in "abc")
EMAIL, PHONE, NEW_PHONE, OTHER_PHONE = (
    "aline@exemple.ca",
    "+15145550199",
    "+15145550142",
    "+15145550177",
)


@dataclass
class Scene:
    """Aline, known by a form she filled in her browser, and the fact under trial."""

    desk: Desk
    aline: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    phone: str | None = None
    mark: str | None = None

    async def bring(self, proof: Proof, fields: Any = None, *more: Any, **who: Any) -> int:
        return (await self.desk.bring(fields or {}, *more, proof=proof, **who)).lead_id

    async def meet(self) -> None:
        fields = {"prénom": "Aline", "budget": "10"}
        await self.desk.store.declare_fields([("budget", "nombre", ())])
        self.aline = await self.bring(Proof.STATED, fields, email=EMAIL, phone=PHONE, visitor=HERS)
        await self.bring(Proof.STATED, email="paul@exemple.ca", visitor=OF_PAUL)
        self.desk.clock.advance(hours=1)

    async def state(self, **who: Any) -> None:
        """A public form."""
        self.mark = who.get("visitor")
        given = {"cellulaire": self.phone} if self.phone else {}
        await self.bring(Proof.STATED, {**given, **self.fields}, "fait", phone=self.phone, **who)

    async def follow(self, mark: str | None, **address: str) -> None:
        """What was sent to an address of Aline's now, acted on in that browser."""
        self.mark = mark or ELSEWHERE
        held = HeldAddress(self.aline, self.desk.clock.now(), **(address or {"email": EMAIL}))
        await self.desk.intake.record([proven("email", held, [_event("fait")], mark)])


def _event(subject: str) -> Any:
    from relance.events import NewEvent

    return NewEvent("custom", subject)


async def without_browser(scene: Scene) -> None:
    await scene.state(email=EMAIL)


async def another_browser(scene: Scene) -> None:
    await scene.state(email=EMAIL, visitor=ELSEWHERE)


async def browser_of_another(scene: Scene) -> None:
    await scene.state(email=EMAIL, visitor=OF_PAUL)


async def phone_only(scene: Scene) -> None:
    scene.mark = ELSEWHERE
    await scene.bring(Proof.STATED, scene.fields, "fait", phone=PHONE, visitor=ELSEWHERE)


async def her_browser(scene: Scene) -> None:
    await scene.state(email=EMAIL, visitor=HERS)


async def link_elsewhere(scene: Scene) -> None:
    await scene.follow(ELSEWHERE)


async def link_of_another(scene: Scene) -> None:
    await scene.follow(OF_PAUL)


async def link_where_stated(scene: Scene) -> None:
    await scene.state(email=EMAIL, visitor=ELSEWHERE)
    scene.desk.clock.advance(minutes=1)
    await scene.follow(ELSEWHERE)


async def code_elsewhere(scene: Scene) -> None:
    await scene.follow(ELSEWHERE, phone=PHONE)


async def code_of_another(scene: Scene) -> None:
    await scene.follow(OF_PAUL, phone=PHONE)


async def code_where_stated(scene: Scene) -> None:
    scene.mark = ELSEWHERE
    given = {"cellulaire": scene.phone} if scene.phone else {}
    fields = {**given, **scene.fields}
    await scene.bring(Proof.STATED, fields, phone=PHONE, visitor=ELSEWHERE)
    scene.desk.clock.advance(minutes=1)
    await scene.follow(ELSEWHERE, phone=PHONE)


async def code_without_browser(scene: Scene) -> None:
    await scene.follow(None, phone=PHONE)


async def reply(scene: Scene) -> None:
    await scene.bring(Proof.CONFIRMED, {}, "fait", phone=PHONE)


async def signed(scene: Scene) -> None:
    await _by(Proof.SIGNED, scene)


async def by_the_team(scene: Scene) -> None:
    await _by(Proof.TEAM, scene)


async def _by(proof: Proof, scene: Scene) -> None:
    scene.mark = ELSEWHERE
    given = {"cellulaire": scene.phone} if scene.phone else {}
    who = {"email": EMAIL, "phone": scene.phone, "visitor": ELSEWHERE}
    await scene.bring(proof, {**given, **scene.fields}, "fait", **who)


ACTS: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "un formulaire avec son courriel, sans navigateur connu": without_browser,
    "un formulaire avec son courriel, dans un autre navigateur": another_browser,
    "un formulaire avec son courriel, dans le navigateur d’un autre lead": browser_of_another,
    "un formulaire avec son téléphone seulement": phone_only,
    "un formulaire dans son navigateur": her_browser,
    "un lien d’un courriel, suivi dans un navigateur inconnu": link_elsewhere,
    "un lien d’un courriel, suivi dans le navigateur d’un autre lead": link_of_another,
    "un lien d’un courriel, suivi là où son adresse avait été donnée": link_where_stated,
    "le bouton d’une page de confirmation, dans un navigateur inconnu": link_elsewhere,
    "le bouton d’une page de confirmation, dans le navigateur d’un autre lead": link_of_another,
    "le bouton d’une page de confirmation, là où son adresse avait été donnée": link_where_stated,
    "un code reçu par SMS, donné sans navigateur": code_without_browser,
    "un code reçu par SMS, tapé dans un navigateur inconnu": code_elsewhere,
    "un code reçu par SMS, tapé dans le navigateur d’un autre lead": code_of_another,
    "un code reçu par SMS, tapé là où son numéro avait été donné": code_where_stated,
    "une réponse à un SMS": reply,
    "un webhook signé, ou le CRM": signed,
    "un import, une commande": by_the_team,
}


async def _field(scene: Scene, act: Any, column: str) -> str:
    """Whether Aline's field took the value told."""
    before = (await scene.desk.fields(scene.aline))._mapping[column]
    await act(scene)
    after = (await scene.desk.fields(scene.aline))._mapping[column]
    if after != before:
        return "oui"
    return "à part" if await _kept_unproven(scene, column) else "non"


async def _kept_unproven(scene: Scene, column: str) -> bool:
    query = (
        "SELECT 1 FROM declarations WHERE lead_id = :lead AND field = :field AND state = 'pending'"
    )
    return bool(await scene.desk.rows(query, lead=scene.aline, field=column))


async def kept(scene: Scene, act: Any) -> str:
    await act(scene)
    return "oui" if "fait" in await scene.desk.subjects(scene.aline) else "non"


def corrects(proof: Proof) -> Any:
    async def measured(scene: Scene, act: Any) -> str:
        if proof > Proof.STATED:
            # Known by its number: only the field is as sure as that.
            await scene.bring(proof, {"prénom": "Adeline"}, lead_id=scene.aline)
            scene.desk.clock.advance(hours=1)
        scene.fields = {"prénom": "Autre"}
        return await _field(scene, act, "f_prenom")

    return measured


async def fills(scene: Scene, act: Any) -> str:
    scene.fields = {"ville": "Gaspé"}
    return await _field(scene, act, "f_ville")


async def reaches(scene: Scene, act: Any) -> str:
    scene.phone = NEW_PHONE
    return await _field(scene, act, "f_cellulaire")


async def joins_browser(scene: Scene, act: Any) -> str:
    await act(scene)
    query = "SELECT lead_id, proof FROM identities WHERE kind = 'visitor' AND value = :mark"
    rows = await scene.desk.rows(query, mark=scene.mark)
    if not rows or rows[0].lead_id != scene.aline:
        return "non"
    return "oui" if rows[0].proof >= Proof.STATED else "visites"


def merges(proof: Proof) -> Any:
    async def measured(scene: Scene, act: Any) -> str:
        other = await scene.bring(proof, {"nom": "Autre"}, phone=OTHER_PHONE)
        scene.desk.clock.advance(hours=1)
        scene.phone = OTHER_PHONE
        await act(scene)
        if (await scene.desk.fields(other)).merged_into == scene.aline:
            return "oui"
        return "à part" if await _kept_unproven(scene, "merge") else "non"

    return measured


async def proves(scene: Scene, act: Any) -> str:
    await act(scene)
    query = "SELECT max(proof) FROM identities WHERE kind IN ('email', 'phone') AND lead_id = :lead"
    rows = await scene.desk.rows(query, lead=scene.aline)
    return "oui" if rows[0][0] >= Proof.CONFIRMED else "non"


QUESTIONS: dict[str, Callable[[Scene, Any], Awaitable[str]]] = {
    "l’événement est gardé": kept,
    "corrige un champ déclaré": corrects(Proof.STATED),
    "corrige un champ signé": corrects(Proof.SIGNED),
    "corrige un champ de l’équipe": corrects(Proof.TEAM),
    "remplit un champ vide": fills,
    "donne un numéro où écrire": reaches,
    "le navigateur devient le sien": joins_browser,
    "réunit deux leads déclarés": merges(Proof.STATED),
    "réunit avec un lead de l’équipe": merges(Proof.TEAM),
    "prouve l’adresse": proves,
}


def _cells() -> list[tuple[str, str, str]]:
    """(what happens, what is asked, what the document answers)."""
    section = DOCUMENT.read_text(encoding="utf-8").split("## Le tableau")[1].split("\n## ")[0]
    lines = section.splitlines()
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in lines if line.startswith("| ")]
    heading, *rows = rows
    return [
        (row[0], asked, answer)
        for row in rows
        for asked, answer in zip(heading[1:], row[1:], strict=True)
    ]


def test_the_table_names_every_act_and_every_question_and_no_other() -> None:
    cells = _cells()
    assert {act for act, _, _ in cells} == set(ACTS)
    assert {asked for _, asked, _ in cells} == set(QUESTIONS)


ASKED = [cell for cell in _cells() if cell[2] != "—"]


@pytest.mark.parametrize(
    ("act", "asked", "answer"), ASKED, ids=[f"{act}: {asked}" for act, asked, _ in ASKED]
)
async def test_each_cell_of_the_table_is_what_the_server_does(
    store: Store, clock: VirtualClock, act: str, asked: str, answer: str
) -> None:
    scene = Scene(Desk(store, clock))
    await scene.meet()
    assert await QUESTIONS[asked](scene, ACTS[act]) == answer
