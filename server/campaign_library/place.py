"""Where the library is: a folder of this installation."""

import sysconfig
from pathlib import Path

from relance.errors import ConfigurationError


def library() -> Path:
    """The library of this installation: beside the sources, or where a wheel puts it."""
    places = (
        Path(__file__).parents[2] / "rules",
        Path(sysconfig.get_path("data"), "share", "relance", "rules"),
    )
    for place in places:
        if place.is_dir():
            return place
    raise ConfigurationError(
        "La bibliothèque de campagnes n’est pas là : installez Relance de nouveau, ou lancez-le "
        "depuis une copie de ses sources."
    )
