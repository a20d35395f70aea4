"""The verbs that put campaigns in order: in a binder, under labels; one campaign or many at once."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.french import quoted
from relance.host import Clock
from server.orders.declined import Declined
from server.orders.naming import well_named
from server.reports import french
from server.store import binders
from server.store.schema.campaigns import campaigns
from server.store.store import Store

PUT, LABEL, UNLABEL = "ranger-campagnes", "etiqueter-campagnes", "oter-etiquette-campagnes"
COPY = "ranger-copie"
#: The binder and labels at once, all or none of it.
ARRANGE = "classer-campagnes"
#: Between two labels, where several are typed in one field.
SEPARATORS = ",;"
#: So many at once.
MOST = 10_000
#: Of those that are not there, how many are named.
_FEW = 5
Change = Callable[[AsyncConnection, Sequence[str], str], Awaitable[int]]


def named(names: Sequence[str]) -> Mapping[str, str]:
    """The argument by which an order says of which campaigns."""
    return {"campagnes": json.dumps(list(names), ensure_ascii=False)}


def arranging(
    names: Sequence[str],
    binder: str | None = None,
    on: Collection[str] = (),
    off: Collection[str] = (),
) -> tuple[str, Mapping[str, str]] | None:
    """One order that has these campaigns in that binder (None: where they are), the labels `on` put on
    them and those of `off` taken off: its verb and arguments; None when nothing is to change."""
    which = named(names)
    single = [(PUT, {"classeur": binder})] if binder is not None else []
    single += [(LABEL, {"etiquette": one}) for one in on]
    single += [(UNLABEL, {"etiquette": one}) for one in off]
    if len(single) < 2:  # the log says best what a verb of its own did
        return (single[0][0], {**which, **single[0][1]}) if single else None
    given = {} if binder is None else {"classeur": binder}
    for argument, labels in (("poser", on), ("oter", off)):
        if labels:
            given[argument] = json.dumps(sorted(labels), ensure_ascii=False)
    return ARRANGE, {**which, **given}


async def arrange(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Have `campagnes` in `classeur`, if it is given, with the labels of `poser`, without those of `oter`."""
    which = {"campagnes": given["campagnes"]}
    said = []
    if "classeur" in given:
        said.append(await put(conn, store, clock, {**which, "classeur": given["classeur"]}))
    for argument, change in (("poser", label), ("oter", unlabel)):
        for one in json.loads(given.get(argument, "[]")):
            said.append(await change(conn, store, clock, {**which, "etiquette": one}))
    return " ".join(said)


async def put(conn: AsyncConnection, _store: Store, _clock: Clock, given: Mapping[str, str]) -> str:
    """Have `campagnes` in `classeur`, in none where it is empty."""
    name = well_named(given["classeur"], "classeur") if given.get("classeur", "").strip() else ""
    keys = await _known(conn, given)
    changed = await binders.put(conn, keys, name)
    where = f"dans le classeur {quoted(name)}" if name else "hors de tout classeur"
    return _said(keys, changed, f"rangée {where}", f"rangées {where}", f"déjà {where}")


async def label(
    conn: AsyncConnection, _store: Store, _clock: Clock, given: Mapping[str, str]
) -> str:
    """Put `etiquette` on `campagnes`."""
    name = well_named(given["etiquette"], "etiquette")
    if set(name) & set(SEPARATORS):
        why = (
            "Une étiquette n’a ni virgule ni point-virgule, qui les séparent : posez-en plusieurs."
        )
        raise Declined(why, about="etiquette")
    keys = await _known(conn, given)
    changed = await binders.label(conn, keys, name)
    has = f"l’étiquette {quoted(name)}"
    return _said(keys, changed, f"a {has}", f"ont {has}", f"déjà sous {has}")


async def unlabel(
    conn: AsyncConnection, _store: Store, _clock: Clock, given: Mapping[str, str]
) -> str:
    """Take `etiquette` off `campagnes`."""
    keys = await _known(conn, given)
    changed = await binders.unlabel(conn, keys, given["etiquette"])
    has = f"l’étiquette {quoted(given['etiquette'])}"
    return _said(keys, changed, f"n’a plus {has}", f"n’ont plus {has}", f"déjà sans {has}")


async def copy(
    conn: AsyncConnection, _store: Store, _clock: Clock, given: Mapping[str, str]
) -> str:
    """Have the copy `nom` where `campagne` is, though nobody published it yet."""
    await binders.copy(conn, key_of(given["campagne"]), key_of(given["nom"]))
    return f"{quoted(given['nom'])} est rangée comme {quoted(given['campagne'])}."


async def _known(conn: AsyncConnection, given: Mapping[str, str]) -> Sequence[str]:
    """The keys of the campaigns that are meant; `Declined` of one that there is not."""
    names = [str(one) for one in json.loads(given["campagnes"])]
    if not names:
        raise Declined("Dites de quelles campagnes.", about="campagnes")
    if len(names) > MOST:
        raise Declined(f"Pas plus de {french.number(MOST)} campagnes à la fois.", about="campagnes")
    wanted = {key_of(one): one for one in names}
    there: set[str] = set()
    keys = sorted(wanted)
    for at in range(0, len(keys), 500):
        query = select(campaigns.c.key).where(campaigns.c.key.in_(keys[at : at + 500]))
        there |= set(await conn.scalars(query))
    if missing := [wanted[key] for key in keys if key not in there]:
        several = ", ".join(map(quoted, missing[:_FEW]))
        raise Declined(f"Aucune campagne publiée ne s’appelle {several}.", about="campagnes")
    return keys


def _said(keys: Sequence[str], changed: int, one: str, several: str, already: str) -> str:
    if not changed:
        return f"{french.count(len(keys), 'campagne était', 'campagnes étaient')} {already}."
    said = one if changed == 1 else several
    return f"{french.count(changed, 'campagne')} {said}."
