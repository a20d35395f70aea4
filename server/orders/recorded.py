"""What the audit log keeps of an order: who gave it, about what, how it ended; nothing of a person.

What an argument holds is written as it is when it names what is the team's: a campaign, a channel,
a number. All else is masked, so that an argument to come is not let out by being forgotten here.
"""

from collections.abc import Mapping

from server.access.actor import Actor
from server.access.register import AccessRegister
from server.orders.publishing import PUBLISH, PublishOrder
from server.orders.team import TEAM
from server.orders.verbs import HEALTH

#: What tells the object of an order, the first that there is.
_OBJECT = ("campagne", "liste", "nom", "canal", "numero", "lead", "adresse")
#: What names nothing of a person's.
_PLAIN = frozenset(
    [
        *("campagne", "liste", "nom", "canal", "numero", "comment", "duree", "depuis", "fuseau"),
        *("message", "malgre"),
    ]
)
#: Who gives it, which the log says beside.
_AUTHOR = "qui"
#: What only asks, and what writes of itself.
_APART = frozenset({HEALTH, TEAM})


async def record(
    register: AccessRegister, actor: Actor, verb: str, given: Mapping[str, str], *, done: bool
) -> None:
    """Write it, once it is done or declined."""
    if verb in _APART:
        return
    about, after = _publication(given) if verb == PUBLISH else _order(register, given)
    if not done:
        after = {**after, "issue": "refusé"}
    async with register.store.write() as conn:
        await register.audit.note(conn, actor, f"ordre.{verb}", about, after=after)


def _order(register: AccessRegister, given: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
    said = {
        name: value if _plain(name, value) else register.audit.masked(value)
        for name, value in given.items()
        if value and name != _AUTHOR
    }
    about = next((said.pop(name) for name in _OBJECT if name in said), "")
    return about, said


def _plain(name: str, value: str) -> bool:
    return name in _PLAIN or (name == "lead" and value.isdecimal())


def _publication(given: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
    order = PublishOrder.of(given)
    said: dict[str, object] = {}
    if order.note:
        said["note"] = order.note
    if order.again is not None:
        said["de nouveau la publication n°"] = order.again
    if order.activate is None:
        said["activées"] = "toutes les nouvelles"
    elif order.activate:
        said["activées"] = ", ".join(order.activate)
    if order.fates:
        said["qui est dedans"] = [f"{whose}\u00a0: {fate}" for whose, fate in order.fates]
    return "le projet", said
