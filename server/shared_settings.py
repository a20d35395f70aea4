"""What processes of one base should have set alike, as each says it to the others: a digest a setting.

A digest is made under the secret of the project, which all have: they compare what is set, a password
too, and the base tells nobody what it is. A file that a setting names counts by what it holds: it may
lie elsewhere on another machine.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TypeAlias

from relance.setting import SettingsSchema
from server.plugins import Plugins
from server.settings import Settings
from server.tokens import Signer
from server.working_days import Calendar

Value: TypeAlias = Callable[[Settings], object]

#: What each process has of its own: where it listens, what it bears, who looks at it.
OWN = (
    *("ecoute", "port", "base", "hotes", "mandataires", "connexions"),
    *("formulaires.debit", "formulaires.rafale", "metriques", "traces"),
    "secret",  # compared by itself: who has another is of another project
)
#: What all should have alike, by the name of the setting, or of the section that is compared whole.
SHARED: Mapping[str, Value] = {
    "adresse": lambda one: one.public_url,
    "fuseau": lambda one: str(one.zone),
    "region": lambda one: one.region,
    "devise": lambda one: one.currency,
    "publication": lambda one: one.publishing.value,
    "accord": lambda one: one.agreement.value,
    "entrees_max": lambda one: one.entering,
    "formulaires.origines": lambda one: one.forms.origins,
    "formulaires.redirections": lambda one: one.forms.redirects,
    "formulaires.secrets": lambda one: one.forms.secrets,
    "formulaires.retours": lambda one: one.forms.returns,
    "formulaires.champ_piege": lambda one: one.forms.honeypot,
    "formulaires.volume_par_jour": lambda one: one.forms.daily,
    "evenements.secret": lambda one: one.events.secret,
    "evenements.jeton": lambda one: one.events.token,
    "evenements.types": lambda one: one.events.types,
    "destinataires.par_adresse": lambda one: one.recipients.proven,
    "destinataires.non_confirmee": lambda one: one.recipients.unproven,
    "destinataires.par_domaine": lambda one: one.recipients.domain,
    "destinataires.par_pays": lambda one: one.recipients.country,
    "destinataires.par_campagne": lambda one: one.recipients.campaign,
    "calendrier.feries": lambda one: _days(one.calendar),
    "consentement": lambda one: one.consent,
    "reseau.hotes_permis": lambda one: one.allowed_hosts,
    "oidc": lambda one: one.oidc,
    "extensions.actives": lambda one: one.enabled,
    "extensions.desactivees": lambda one: one.disabled,
}
#: A text may name a file up to that length, which is read so far: keys and logos are no longer.
_LONGEST_PATH = 500
_READ = 4 * 1024 * 1024
#: Of a digest, how much is kept: none is made to be told from another by.
_KEPT = 12


def said_of(settings: Settings, plugins: Plugins, signer: Signer) -> str:
    """All that, as a process says it."""
    schemas = {one.section: one for one in plugins.schemas()}
    named = {
        **{name: value(settings) for name, value in SHARED.items()},
        **dict(_of_plugins(settings, schemas)),
    }
    digests = {
        name: signer.digest("setting", name, _text(value, settings.folder))[:_KEPT]
        for name, value in sorted(named.items())
    }
    return json.dumps(digests, ensure_ascii=False)


def _of_plugins(
    settings: Settings, schemas: Mapping[str, SettingsSchema]
) -> Iterator[tuple[str, object]]:
    """What the sections of plugins say, but for what says what is so without it."""
    for section, inside in settings.plugins.items():
        schema = schemas.get(section)
        for key, value in inside.items():
            known = schema.find(key) if schema is not None else None
            if known is None or _written(value) != known.default:
                yield f"{section}.{key}", value


def _days(calendar: Calendar) -> object:
    places = [(type(one).__name__, one.country, one.subdiv) for one in calendar.places]
    return places, calendar.days, calendar.yearly


def _written(value: object) -> object:
    """A value as `relance.toml` writes it and the environment says it alike."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value) if isinstance(value, int | float) else value


def _text(value: object, folder: Path) -> str:
    """One text for equal values, in whatever order a set has them."""
    if isinstance(value, str):
        return _content(folder / value) or value if 0 < len(value) < _LONGEST_PATH else value
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return json.dumps(sorted((str(key), _text(one, folder)) for key, one in value.items()))
    if isinstance(value, frozenset | set):
        return json.dumps(sorted(_text(one, folder) for one in value))
    if isinstance(value, list | tuple):
        return json.dumps([_text(one, folder) for one in value])
    written = _written(value)
    return written if isinstance(written, str) else repr(written)


def _content(path: Path) -> str:
    """A digest of what that file holds; empty where there is none to read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return hashlib.sha256(file.read(_READ)).hexdigest()
    except (OSError, ValueError):
        return ""
