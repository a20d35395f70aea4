"""What a project says of itself in its messages: « {{ maison.nom }} », from `[maison]`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from plugins.house.look import LOGO, colours, logo_of, refuse, routes
from relance.channel import Message
from relance.errors import ConfigurationError
from relance.french import quoted
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.route import Route
from relance.variable import Named, Variable, parts

relance_contract = 1

SECTION = "maison"
#: A name, an address, a slogan: longer is a message's own text.
_MOST = 500
_REMEDY = 'écrivez «\u00a0{} = "…"\u00a0» sous [maison], dans relance.toml'


def read_settings(section: Mapping[str, object]) -> Mapping[str, str]:
    """What the section says, under whatever names; ConfigurationError, in French, if it is no text."""
    read: dict[str, str] = {}
    for key, value in section.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ConfigurationError(
                f"{quoted(key)} de [{SECTION}] doit être un texte ou un nombre.", key
            )
        if len(str(value)) > _MOST:
            said = f"{quoted(key)} de [{SECTION}] compte plus de {_MOST} caractères."
            raise ConfigurationError(said, key)
        read[key] = str(value).strip()
    refuse(read)
    return read


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[maison]`."""
    return {SECTION: lambda setup: read_settings(setup.settings(SECTION))}


@hookimpl
def relance_variables(host: Setup) -> Sequence[Variable]:
    """The house, in every message."""
    house = read_settings(host.settings(SECTION))
    shown = {**house, **colours(house)}  # once: every message asks

    async def read(host: Host, message: Message) -> object:
        return Named({**shown, LOGO: logo_of(host, house)})

    shape = replace(parts(*Named(house)), remedy=_REMEDY)
    help_ = "Ce que la section [maison] des réglages dit de vous."
    return (Variable((SECTION,), help_, read, shape),)


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """The stylesheet of the house."""
    return routes(host, read_settings(host.settings(SECTION)))
