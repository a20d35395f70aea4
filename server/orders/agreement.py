"""The verbs by which a publication is asked for, and by which another person agrees to it or declines.

Who publishes alone, and who needs another person, is a setting (`accord`). What is agreed to is what
was shown: the very files, after the very publication, doing the same to the same number of people.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from relance.french import quoted
from relance.host import Clock
from server.access import accounts
from server.access.actor import Actor
from server.orders.awaited_request import AwaitedRequest
from server.orders.declined import Declined
from server.orders.publishing import PUBLISH, PublishAnswer, Publishing, PublishOrder, allow
from server.orders.reason import too_long
from server.orders.recorded import OwnVerb
from server.orders.spool import Order
from server.publication import archive, requests
from server.publication.reading import DraftReading
from server.publication.report import PublishedChange
from server.publication.requests import PublicationRequest, RequestState, WishedPublication
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.settings import AgreementMode
from server.store.instants import now_micros
from server.store.store import Store
from server.store.written_with import WriteDown

log = logging.getLogger("relance.rules")

ASK, AGREE, DECLINE, WITHDRAW = (
    *("demander-publication", "accorder-publication"),
    *("decliner-publication", "retirer-demande"),
)
#: The orders by which something may be published.
PUBLISHING = (PUBLISH, ASK, AGREE)
#: What was passed over as that was asked which an order agrees to.
OVERLOOKED = "scenarios"
#: The arguments that say who gives an order, whatever it held of them.
_BY, _PERSON = "qui", "personne"
_OVERTAKEN = "Le brouillon a changé entre-temps, ou quelqu’un d’autre a publié."
_FIGURES = (
    "Depuis la demande, ce que la publication ferait à des personnes a changé : rien n’a été publié. Voici "
    "ce qu’elle ferait maintenant."
)


def needs_agreement(mode: AgreementMode, roles: frozenset[AccessRole] | None) -> bool:
    """Whether who has these rights publishes with another person's agreement; None: by a command."""
    if mode is AgreementMode.WRITERS:
        return roles is None or AccessRole.WRITE in roles
    return mode is AgreementMode.EVERYBODY


async def who_may_agree(conn: AsyncConnection, person: str) -> Sequence[str]:
    """The names of those who may agree to what that person asks."""
    return [
        one.name
        for one in await accounts.everybody(conn)
        if one.open and AccessRole.PUBLISH in one.roles and one.email.casefold() != person
    ]


@dataclass(frozen=True, slots=True)
class Agreements:
    """Keeps what is asked, and publishes what is agreed to."""

    publishing: Publishing
    store: Store
    clock: Clock
    awaited: AwaitedRequest = field(default_factory=AwaitedRequest)

    @classmethod
    async def opened(cls, publishing: Publishing, store: Store, clock: Clock) -> "Agreements":
        """Those of a base, and what waits there already."""
        made = cls(publishing, store, clock)
        await made.awaited.look(store)
        return made

    def as_given(self, order: Order, actor: Actor) -> Order:
        """The order, signed by who gives it: to publish becomes to ask, of whom that is asked."""
        if order.verb not in (PUBLISH, ASK, AGREE, DECLINE, WITHDRAW):
            return order
        verb = order.verb
        mode = self.publishing.situation.settings.agreement
        given = order.arguments
        if verb in (PUBLISH, ASK):
            asked = PublishOrder.of(given)
            if asked.despite:
                _by_administration(actor, asked.note, "malgré des scénarios qui échouent")
            if verb == PUBLISH and needs_agreement(mode, actor.roles):
                verb = PUBLISH if _alone(asked, actor) else ASK
            if verb == ASK:  # what is asked of another person is not published without them
                given = replace(asked, alone=False).arguments()
        signed = {**given, _BY: actor.name, _PERSON: actor.person}
        return replace(order, verb=verb, arguments=signed)

    async def naming(self, order: Order) -> Order:
        """The order; one that agrees names the scenarios that are passed over, so that the log does."""
        if order.verb != AGREE or (one := await self._found(order.arguments)) is None:
            return order
        if not one.overlooked:
            return order
        return replace(order, arguments={**order.arguments, OVERLOOKED: one.overlooked})

    def verbs(self) -> Mapping[str, OwnVerb]:
        """What does each."""
        return {
            PUBLISH: self.publishing.perform,
            ASK: self.ask,
            AGREE: self.agree,
            DECLINE: self.decline,
            WITHDRAW: self.withdraw,
        }

    async def rehearse(self, order: Order) -> None:
        """Have played the scenarios of what it would publish: then doing it does not wait for them."""
        wished: Mapping[str, str] | None = None
        if order.verb in (PUBLISH, ASK):
            wished = order.arguments
        elif order.verb == AGREE and (one := await self._found(order.arguments)) is not None:
            wished = {"publication": one.wished.wish}
        if wished is not None:
            await self.publishing.rehearsed(PublishOrder.of(wished))

    async def shown(self, order: Order) -> Mapping[str, str]:
        """The order, to be given once its scenarios have passed, and to do then what it would do now.

        `Declined` when it must not be done, whatever comes of them.
        """
        if order.verb == AGREE:
            await self.look_again(order)
            return order.arguments
        wished = PublishOrder.of(order.arguments)
        reading = await self.publishing.reading(wished)
        if reading.problems:
            raise Declined(f"Le brouillon a des erreurs : {reading.problems[0]}")
        foreseen = await self.publishing.situation.agreed(wished, reading)
        return replace(wished, figures=requests.figures_of(foreseen)).arguments()

    async def look_again(self, order: Order) -> None:
        """`Declined` when it cannot be done any more, or one of its scenarios has failed already."""
        if order.verb == AGREE:
            one = await self._waiting(order.arguments)
            wished = PublishOrder.of({"publication": one.wished.wish})
            await self._refuse_other(one, await self.publishing.reading(wished))
            return
        wished = PublishOrder.of(order.arguments)
        reading = await self.publishing.reading(wished)
        if await self.publishing.situation.overtaken(wished, reading):
            raise Declined(_OVERTAKEN)
        failed = await self.publishing.rehearsals.failed(reading)
        if failed and not wished.despite:
            raise Declined(f"Un scénario échoue : {failed[0].where}.")

    async def ask(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Keep what is asked; `PublishAnswer`, written. `Declined` when it could not be done at all."""
        order = PublishOrder.of(given)
        reading = await self.publishing.reading(order)
        if reading.problems:
            return PublishAnswer(problems=reading.problems).written()
        foreseen = await self.publishing.situation.agreed(order, reading)
        if not foreseen and not self.publishing.rules.never:
            return PublishAnswer().written()
        found = await self.publishing.rehearsed(order)
        await allow(order, reading, found)
        over, digest = await self.publishing.situation.basis(reading)
        kept = replace(order, based_on=over or None, seen=None, figures=None)
        kept = replace(kept, overlooked=found.overlooked)
        wish, figures = kept.arguments()["publication"], requests.written(foreseen)
        wished = WishedPublication(given[_BY], given[_PERSON], wish, over, digest, figures)
        async with self.store.write() as conn:
            before = await requests.waiting(conn)
            number = await requests.keep(conn, wished, now_micros(self.clock))
            await write_down(conn)
        await self.awaited.look(self.store)
        replaces = f"n° {before.number}, de {before.wished.who}" if before is not None else ""
        answer = PublishAnswer(changes=foreseen, request=number, replaces=replaces)
        return replace(answer, rehearsal=found).written()

    async def agree(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """`numero`; `vu`: the name of the figures that were shown, else those last kept are meant."""
        one = await self._waiting(given)
        if one.wished.person == given[_PERSON]:
            raise Declined(
                f"C’est vous qui avez demandé la publication (demande n° {one.number}) : l’accord est "
                "celui d’une autre personne."
            )
        order = PublishOrder.of({"publication": one.wished.wish})

        async def as_shown(reading: DraftReading, foreseen: Sequence[PublishedChange]) -> None:
            await self._compare(one, reading, foreseen, given.get("vu", ""))

        async def answered(conn: AsyncConnection) -> None:
            made = await archive.made_at(conn)
            what = (RequestState.AGREED, given[_BY], given.get("pourquoi", ""))
            number = made[0] if made is not None else None
            if not await requests.answer(conn, one.number, *what, now_micros(self.clock), number):
                await _refuse_answered(conn, one.number)
            await write_down(conn)

        await self._refuse_other(one, await self.publishing.reading(order))
        refuse_others_failing(one, order, await self.publishing.rehearsed(order))
        answer = await self.publishing.publish(order, answered, as_shown)
        await self.awaited.look(self.store)
        if answer.number is None:
            async with self.store.read() as conn:
                await _refuse_answered(conn, one.number)
            raise Declined(f"{_changed(one)} : rien n’a été publié. Redemandez-la.")
        return answer.written()

    async def decline(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """`numero`, `pourquoi`."""
        why = given.get("pourquoi", "").strip()
        if not why or too_long(why):
            raise Declined(
                too_long(why) or "Dites pourquoi : qui l’a demandée doit pouvoir corriger.",
                about="pourquoi",
            )
        one = await self._waiting(given)
        if one.wished.person == given[_PERSON]:
            raise Declined("C’est votre demande : elle se retire, elle ne se décline pas.")
        await self._answer(one, RequestState.DECLINED, given, why, write_down)
        return f"La demande n° {one.number} est déclinée : rien n’a été publié."

    async def withdraw(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """`numero`; by who asked for it."""
        one = await self._waiting(given)
        if one.wished.person != given[_PERSON]:
            raise Declined(
                f"La demande n° {one.number} est de {quoted(one.wished.who)} : déclinez-la, en disant pourquoi."
            )
        await self._answer(one, RequestState.WITHDRAWN, given, "", write_down)
        return f"La demande n° {one.number} est retirée."

    async def _answer(
        self,
        one: PublicationRequest,
        state: RequestState,
        given: Mapping[str, str],
        why: str,
        write_down: WriteDown,
    ) -> None:
        async with self.store.write() as conn:
            now = now_micros(self.clock)
            if not await requests.answer(conn, one.number, state, given[_BY], why, now):
                await _refuse_answered(conn, one.number)
            await write_down(conn)
        await self.awaited.look(self.store)

    async def _found(self, given: Mapping[str, str]) -> PublicationRequest | None:
        number = given.get("numero", "")
        async with self.store.read() as conn:
            known = number.isdecimal() and len(number) < 19
            return await requests.find(conn, int(number)) if known else None

    async def _waiting(self, given: Mapping[str, str]) -> PublicationRequest:
        return still_waiting(await self._found(given), given.get("numero", ""))

    async def _compare(
        self,
        one: PublicationRequest,
        reading: DraftReading,
        foreseen: Sequence[PublishedChange],
        seen: str,
    ) -> None:
        await self._refuse_other(one, reading)
        if requests.figures_of(foreseen) != (seen or requests.figures_of(one.wished.changes)):
            async with self.store.write() as conn:
                await requests.shown_anew(conn, one.number, foreseen)
            raise Declined(_FIGURES, about="vu")

    async def _refuse_other(self, one: PublicationRequest, reading: DraftReading) -> None:
        """What is there now must be what was asked for, and nobody have answered meanwhile."""
        async with self.store.read() as conn:
            await _refuse_answered(conn, one.number)
        basis = await self.publishing.situation.basis(reading)
        if why := outdated(one, basis, faulty=bool(reading.problems)):
            raise Declined(f"{why} : rien n’a été publié. Redemandez-la.")


def still_waiting(one: PublicationRequest | None, number: object) -> PublicationRequest:
    """The one of that number, if it can still be answered; `Declined` else."""
    if one is None:
        raise Declined(f"Aucune demande de publication ne porte le numéro {number}.")
    _refuse_unless_waiting(one)
    return one


def outdated(one: PublicationRequest, basis: tuple[int, str], *, faulty: bool) -> str:
    """Why what is there now is not what was asked for; empty while it is.

    `basis`: the publication it would come after, and a name for the files; `faulty`: these have errors.
    """
    over, digest = basis
    if over != one.wished.over:
        return (
            f"La publication n° {over} a été faite depuis la demande n° {one.number}, et ce qui tourne "
            "n’est plus ce à quoi elle a été comparée"
        )
    return _changed(one) if faulty or digest != one.wished.digest else ""


def _changed(one: PublicationRequest) -> str:
    return f"Le brouillon a changé depuis la demande n° {one.number}"


async def _refuse_answered(conn: AsyncConnection, number: int) -> None:
    """Say who answered it meanwhile, and how, if somebody did."""
    if (one := await requests.find(conn, number)) is not None:
        _refuse_unless_waiting(one)


def _refuse_unless_waiting(one: PublicationRequest) -> None:
    if one.state is not RequestState.WAITING:
        by = f" par {one.answered_by}" if one.answered_by else ""
        raise Declined(f"La demande n° {one.number} est {one.state.label}{by}.")


def refuse_others_failing(
    one: PublicationRequest, order: PublishOrder, found: DraftRehearsal
) -> None:
    """What is agreed to is what was asked: of scenarios, to pass over those that failed then alone."""
    if found.passes or (order.despite and found.overlooked == order.overlooked):
        return
    raise Declined(
        f"Depuis la demande n° {one.number}, des scénarios échouent : rien n’a été publié. "
        f"{found.overlooked} Corrigez-les, puis redemandez-la."
    )


def _alone(order: PublishOrder, actor: Actor) -> bool:
    """Whether it is published without another person: by who administers, knowingly, saying why."""
    if not order.alone:
        return False
    _by_administration(actor, order.note, "sans l’accord d’une autre personne")
    log.warning("%s publie sans l’accord que demande le réglage : %s", actor.who, order.note)
    return True


def _by_administration(actor: Actor, note: str, how: str) -> None:
    if actor.roles is not None and AccessRole.ADMINISTER not in actor.roles:
        raise Declined(f"Publier {how} demande le rôle «\u00a0administration\u00a0».")
    if not note:
        raise Declined(f"Dites pourquoi vous publiez {how}.", about="note")
