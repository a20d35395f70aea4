"""How the house looks: its logo and its colour, the same in its mails and on its public pages."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from plugins.house.colour import WHITE, Colour
from relance.errors import ConfigurationError
from relance.french import quoted
from relance.host import Host, Setup
from relance.images import FOLDER, KINDS, address, named
from relance.route import Guard, Route

COLOUR, LOGO = "couleur", "logo"
#: The grounds that our pages have, by day and in the dark.
_DAY, _NIGHT = WHITE, Colour(0x1B, 0x20, 0x2B)
_STYLE = """\
.small {{ --act: {act}; --on-act: {on}; }}
@media (prefers-color-scheme: dark) {{ .small {{ --act: {act_dark}; --on-act: {on_dark}; }} }}
"""
_LOGO = """\
.small::before {{ content: ""; display: block; height: 3rem; margin-bottom: 1.5rem;
  background: url("{address}") left center / contain no-repeat; }}
"""
_KEPT = {"cache-control": "public, max-age=300"}


def refuse(house: Mapping[str, str]) -> None:
    """ConfigurationError, in French, for a colour or a logo that is none."""
    colour, logo = house.get(COLOUR, ""), house.get(LOGO, "")
    if colour and Colour.read(colour) is None:
        raise ConfigurationError(
            f"{quoted(COLOUR)} de [maison] doit être une couleur comme {quoted('#0b5cad')} ; "
            f"{quoted(colour[:40])} n’en est pas une.",
            COLOUR,
        )
    if logo and not logo.startswith("https://") and not logo.lower().endswith(tuple(KINDS)):
        raise ConfigurationError(
            f"{quoted(LOGO)} de [maison] doit être une image du dossier {quoted(FOLDER)}, comme "
            f"{quoted('logo.png')}, ou une adresse qui commence par {quoted('https://')}.",
            LOGO,
        )


def colours(house: Mapping[str, str]) -> Mapping[str, str]:
    """What messages are told of the colour, and of what is read with it; nothing where it says none."""
    colour = Colour.read(house.get(COLOUR, ""))
    if colour is None:
        return {}
    return {
        COLOUR: str(colour),
        "texte_sur_couleur": str(colour.text()),
        "couleur_des_liens": str(colour.legible_on(WHITE)),
    }


def logo_of(setup: Setup, house: Mapping[str, str]) -> str:
    """Where the logo is shown; nothing when there is none, or when its file is not published."""
    logo = house.get(LOGO, "")
    if not logo or logo.startswith("https://"):
        return logo
    file = named(setup.files, logo)
    return address(setup, file) if file is not None else ""


def routes(host: Host, house: Mapping[str, str]) -> list[Route]:
    """The stylesheet of the house, which its public pages ask for."""

    async def answer(_request: Request) -> Response:
        return Response(stylesheet(host, house), headers=_KEPT, media_type="text/css")

    return [Route("/maison.css", ("GET", "HEAD"), Guard.PUBLIC, answer, counted=False)]


def stylesheet(setup: Setup, house: Mapping[str, str]) -> str:
    """Its colour, legible by day and in the dark, and its logo when it is the project's own."""
    colour, logo = Colour.read(house.get(COLOUR, "")), logo_of(setup, house)
    said = ""
    if colour is not None:
        day, night = colour.legible_on(_DAY), colour.legible_on(_NIGHT)
        said += _STYLE.format(act=day, on=day.text(), act_dark=night, on_dark=night.text())
    if logo.startswith(f"{setup.public_url}/"):  # pages load nothing from elsewhere
        said += _LOGO.format(address=logo.removeprefix(setup.public_url))
    return said
