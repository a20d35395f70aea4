"""Settings of a project: `relance.toml` in its folder, then the environment (`RELANCE_…`).

Keys are French, without accents (TOML wants bare keys so; quoted accented keys are read too).
An unknown key is refused with the nearest known one: a setting that silently does nothing is
how servers end up open. Sections named after a plugin are handed to that plugin as they are.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relance import currency
from relance.errors import ConfigurationError
from relance.fold import setting_of
from relance.section import Section, split, yes_or_no
from relance.slip import slip_of
from relance.toml_file import TomlReading, UnreadableToml
from relance.toml_file import read as read_toml
from server import consent_settings as consents
from server import observation_settings as observation
from server import oidc_settings as oidc
from server import settings_values as values
from server.consent_settings import ConsentSettings
from server.dispatch.allowance import ORDINARY, Allowance
from server.observation_settings import TraceSettings
from server.oidc_settings import OidcSettings
from server.system_words import os_message
from server.working_days import Calendar, calendar

FILE_NAME = "relance.toml"
#: Where the interface writes secrets: apart from what a team keeps and shares, for the server alone.
SECRETS_FILE = ".relance/reglages-secrets.toml"
PREFIX = "RELANCE_"
#: Variables of our own test harness, not settings.
_ENV_IGNORED = frozenset({"crash_at"})


T = TypeVar("T")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
Tree = dict[str, object]


class PublishingMode(Enum):
    """What makes of a draft what runs, as `relance.toml` says it."""

    ON_DEMAND = "sur demande"
    ON_SAVING = "à l’enregistrement"


class AgreementMode(Enum):
    """Whose publications wait for another person's agreement."""

    NOBODY = "personne"
    WRITERS = "qui rédige"
    EVERYBODY = "tout le monde"


@dataclass(frozen=True, slots=True)
class FormSettings:
    """`[formulaires]`: who may post forms, and where a visitor goes afterwards."""

    #: Sites whose pages may post; empty: any page may, without reading the answer.
    origins: frozenset[str] = frozenset()
    #: Sites a form may send its visitor to, beside this server's own.
    redirects: frozenset[str] = frozenset()
    secrets: Mapping[str, bytes] = field(default_factory=dict)  # by folded form name
    returns: Mapping[str, str] = field(default_factory=dict)  # by folded form name
    honeypot: str = "_piege"
    #: Forms a second from one address, and how many at once; 0: no bound.
    rate: float = 5.0
    burst: int = 30
    #: Bytes one address may have kept in a day; 0: no bound.
    daily: float = 100.0 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class EventSettings:
    """`[evenements]`: who may post events about leads. Closed until a secret is set."""

    secret: bytes | None = None
    token: str | None = None
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settings:
    """All the settings of a server."""

    folder: Path
    public_url: str = "http://127.0.0.1:8080"
    listen: str = "127.0.0.1"
    port: int = 8080
    database: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Montreal"))
    region: str = "CA"
    currency: str = "CAD"
    calendar: Calendar = field(default_factory=Calendar)
    publishing: PublishingMode = PublishingMode.ON_DEMAND
    agreement: AgreementMode = AgreementMode.NOBODY
    #: How many people one publication may let in at once, unless more are allowed when it is asked.
    entering: int = 10_000
    secret: bytes | None = None
    hosts: frozenset[str] = frozenset()
    proxies: tuple[str, ...] = ()
    #: Connections at once; fewer when the system lets us open fewer.
    connections: int = 1_000
    forms: FormSettings = field(default_factory=FormSettings)
    events: EventSettings = field(default_factory=EventSettings)
    recipients: Allowance = ORDINARY
    consent: ConsentSettings = field(default_factory=ConsentSettings)
    #: What opens the measures; empty: nothing does.
    metrics_token: str = ""
    traces: TraceSettings = field(default_factory=TraceSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    allowed_hosts: frozenset[str] = frozenset()
    disabled: frozenset[str] = frozenset()
    enabled: frozenset[str] | None = None
    plugins: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def load_settings(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the project in `folder`; ConfigurationError, in French, if any is wrong."""
    folder = folder.resolve()
    return _settings(folder, _data(folder, environment))


def examine_settings(
    folder: Path, environment: Mapping[str, str] | None = None
) -> tuple[Settings, tuple[ConfigurationError, ...]]:
    """The settings, what is wrong left out, and all that is; for who looks before starting.

    The `key` of each says which: « port », « formulaires.origines »; lines that cannot be read
    come first, together. ConfigurationError when nothing at all can be read.
    """
    folder = folder.resolve()
    return examined(folder, _read_file(folder / FILE_NAME), read_secrets(folder), environment)


def examined(
    folder: Path,
    read: TomlReading,
    secrets: TomlReading,
    environment: Mapping[str, str] | None = None,
) -> tuple[Settings, tuple[ConfigurationError, ...]]:
    """The same of these texts, whatever the files say."""
    data = _overridden(read, secrets, environment)
    wrong: list[ConfigurationError] = [UnreadableToml(read.faults)] if read.faults else []
    while True:
        try:
            return _settings(folder, data), tuple(wrong)
        except ConfigurationError as error:
            wrong.append(error)
            section, _, key = error.key.rpartition(".")
            inside = data.get(section) if section and key else data
            if not isinstance(inside, dict) or inside.pop(key or section, None) is None:
                raise


def _data(folder: Path, environment: Mapping[str, str] | None) -> Tree:
    read = _read_file(folder / FILE_NAME)
    if read.faults:
        raise UnreadableToml(read.faults)
    return _overridden(read, read_secrets(folder), environment)


def read_secrets(folder: Path) -> TomlReading:
    """What the file of secrets says."""
    return _read_file(folder / SECRETS_FILE)


def _overridden(
    read: TomlReading, secrets: TomlReading, environment: Mapping[str, str] | None
) -> Tree:
    data = _folded(read.data)
    for name, inside in _folded(secrets.data).items():
        former = data.get(name, {})
        both = isinstance(inside, dict) and isinstance(former, dict)
        data[name] = {**former, **inside} if both else inside  # type: ignore[dict-item]
    _override(data, os.environ if environment is None else environment)
    return data


def text_of(path: Path) -> str:
    """What a file of settings holds; empty of one that is not there. `ConfigurationError`, else."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"« {path.name} » n’est pas un texte en UTF-8 (octet {error.start + 1}). "
            "Enregistrez-le de nouveau en choisissant l’encodage UTF-8."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"« {path.name} » ne peut pas être lu. {os_message(error)}"
        ) from error


def _read_file(path: Path) -> TomlReading:
    return read_toml(text_of(path), path.name)


def _override(data: Tree, environment: Mapping[str, str]) -> None:
    for variable in tuple(environment):
        text = environment.get(variable)  # another thread may take one away meanwhile
        if text is None or not variable.startswith(PREFIX):
            continue
        name = variable[len(PREFIX) :].lower()
        if name in _ENV_IGNORED:
            continue
        section, _, key = name.partition("_")
        if name in _TOP:
            data[name] = text
        elif key:
            _override_in(data, section, key, text)
        else:
            near = slip_of(name, _TOP)
            hint = f" Vouliez-vous dire « {near} » ?" if near else ""
            raise ConfigurationError(f"Réglage inconnu : la variable {variable}.{hint}")


def _folded(data: Mapping[str, object]) -> Tree:
    """The same tree, keys folded down to the second level (below are names, not settings)."""
    return {
        setting_of(key): {setting_of(name): inner for name, inner in value.items()}
        if isinstance(value, dict)
        else value
        for key, value in data.items()
    }


def _like(former: object, text: str) -> object:
    """A text of the environment, in the type the file gave that setting."""
    if isinstance(former, bool):
        said = yes_or_no(text)
        return text if said is None else said
    if isinstance(former, int):
        return int(text) if _WHOLE.fullmatch(text.strip()) else text
    if isinstance(former, list):
        return split(text)
    return text


def _override_in(data: Tree, section: str, key: str, text: str) -> None:
    inside = data.setdefault(section, {})
    if not isinstance(inside, dict):
        raise ConfigurationError(f"« {section} » est un réglage, pas une section.")
    inside[key] = _like(inside.get(key), text)


_TOP = (
    "adresse",
    "ecoute",
    "port",
    "base",
    "fuseau",
    "region",
    "devise",
    "publication",
    "accord",
    "entrees_max",
    "secret",
    "hotes",
    "mandataires",
    "connexions",
)
_FORMS = (
    "origines",
    "redirections",
    "secrets",
    "retours",
    "champ_piege",
    "debit",
    "rafale",
    "volume_par_jour",
)
_EVENTS = ("secret", "jeton", "types")
_RECIPIENTS = ("par_adresse", "non_confirmee", "par_domaine", "par_pays", "par_campagne")
_NETWORK = ("hotes_permis",)
_EXTENSIONS = ("actives", "desactivees")
_CALENDAR = ("feries",)
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "formulaires": _FORMS,
    "evenements": _EVENTS,
    "destinataires": _RECIPIENTS,
    "reseau": _NETWORK,
    "extensions": _EXTENSIONS,
    "calendrier": _CALENDAR,
    "consentement": consents.KEYS,
    "metriques": observation.METRICS_KEYS,
    "traces": observation.TRACES_KEYS,
    "oidc": oidc.KEYS,
}

KNOWN_SECTIONS = tuple(_SECTIONS)
#: Every key of the core, « section.cle » for those in a section; the documentation owes each.
KNOWN_KEYS = (*_TOP, *(f"{name}.{key}" for name, keys in _SECTIONS.items() for key in keys))


def _of(data: Tree, name: str, read: Callable[[Section], T]) -> T:
    """What a section says; what is wrong in it is named with it."""
    inside = data.get(name, {})
    if not isinstance(inside, dict):
        raise ConfigurationError(f"« {name} » doit être une section : [{name}].", name)
    try:
        return read(Section(name, inside, _SECTIONS[name]))
    except ConfigurationError as error:
        raise ConfigurationError(str(error), f"{name}.{error.key}") from error


def _settings(folder: Path, data: Tree) -> Settings:
    known = (*_TOP, *_SECTIONS)
    others = {k: v for k, v in data.items() if isinstance(v, dict) and k not in known}
    given = Section("", {k: v for k, v in data.items() if k not in others}, known)
    port = given.integer("port", 8080, 0, 65_535)
    listen = given.text("ecoute", "127.0.0.1")
    region = _region(given.text("region", "CA"))
    secret = given.text("secret")
    if secret and len(secret) < 32:
        raise ConfigurationError("« secret » doit compter au moins 32 caractères.", "secret")
    return Settings(
        folder=folder,
        public_url=values.base_url(given, "adresse", f"http://{_shown(listen)}:{port}"),
        listen=listen,
        port=port,
        database=values.database(given, "base", f"sqlite:///{folder}/.relance/relance.db"),
        zone=_zone(given.text("fuseau", "America/Montreal")),
        region=region,
        currency=_currency(given.text("devise", "CAD")),
        calendar=_of(data, "calendrier", lambda given: calendar(given.texts("feries"), region)),
        publishing=_publishing(given),
        agreement=_agreement(given),
        entering=given.integer("entrees_max", 10_000, 0, 1_000_000_000),
        secret=secret.encode() or None,
        hosts=frozenset(name.lower() for name in given.texts("hotes")),
        proxies=values.networks(given, "mandataires"),
        connections=given.integer("connexions", 1_000, 16, 100_000),
        forms=_of(data, "formulaires", _forms),
        events=_of(data, "evenements", _events),
        recipients=_of(data, "destinataires", lambda given: _recipients(given, region)),
        consent=_of(data, "consentement", consents.consent_settings),
        metrics_token=_of(data, "metriques", observation.metrics_token),
        traces=_of(data, "traces", observation.trace_settings),
        oidc=_of(data, "oidc", oidc.oidc_settings),
        allowed_hosts=_of(data, "reseau", _allowed),
        disabled=_of(data, "extensions", lambda given: frozenset(given.texts("desactivees"))),
        enabled=_of(data, "extensions", _enabled),
        plugins=others,
    )


def _publishing(given: Section) -> PublishingMode:
    ways = tuple(one.value for one in PublishingMode)
    return PublishingMode(given.choice("publication", PublishingMode.ON_DEMAND.value, ways))


def _agreement(given: Section) -> AgreementMode:
    ways = tuple(one.value for one in AgreementMode)
    found = AgreementMode(given.choice("accord", AgreementMode.NOBODY.value, ways))
    if found is not AgreementMode.NOBODY and _publishing(given) is PublishingMode.ON_SAVING:
        raise ConfigurationError(
            '«\u00a0accord\u00a0» demande «\u00a0publication = "sur demande"\u00a0» : ce qui est publié à l’enregistrement '
            "n’attend l’accord de personne.",
            "accord",
        )
    return found


def _shown(listen: str) -> str:
    return "127.0.0.1" if listen in {"0.0.0.0", "::"} else listen  # noqa: S104 — compared, not bound


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"Fuseau horaire inconnu : « {name} ». Exemple : « America/Montreal ».",
            "fuseau",
        ) from error


def _region(name: str) -> str:
    if len(name) != 2 or not name.isascii() or not name.isalpha():
        raise ConfigurationError(
            f"« region » doit être un code de pays à deux lettres (« CA », « FR »), pas « {name} ».",
            "region",
        )
    return name.upper()


def _currency(code: str) -> str:
    if code.upper() not in currency.CODES:
        raise ConfigurationError(
            f"« devise » doit être un code de monnaie à trois lettres (« CAD », « EUR »), pas « {code} ».",
            "devise",
        )
    return code.upper()


def _allowed(given: Section) -> frozenset[str]:
    return frozenset(name.lower() for name in given.texts("hotes_permis"))


def _enabled(given: Section) -> frozenset[str] | None:
    return frozenset(given.texts("actives")) if "actives" in given else None


def _forms(given: Section) -> FormSettings:
    return FormSettings(
        origins=values.origins(given, "origines"),
        redirects=values.origins(given, "redirections"),
        secrets=values.webhook_secrets(given, "secrets"),
        returns=values.addresses(given, "retours"),
        honeypot=given.text("champ_piege", "_piege"),
        rate=given.number("debit", 5, 0, 1_000_000_000),
        burst=given.integer("rafale", 30, 1, 1_000_000),
        daily=given.number("volume_par_jour", 100, 0, 1_000_000_000) * 1024 * 1024,
    )


def _recipients(given: Section, region: str) -> Allowance:
    def most(key: str, default: int) -> int:
        return given.integer(key, default, 0, 1_000_000_000)

    return Allowance(
        proven=most("par_adresse", ORDINARY.proven),
        unproven=most("non_confirmee", ORDINARY.unproven),
        domain=most("par_domaine", ORDINARY.domain),
        country=most("par_pays", ORDINARY.country),
        campaign=most("par_campagne", ORDINARY.campaign),
        region=region,
    )


def _events(given: Section) -> EventSettings:
    secret, token = given.text("secret"), given.text("jeton")
    if token and len(token) < 16:
        raise ConfigurationError(
            "« jeton » dans [evenements] doit compter au moins 16 caractères.", "jeton"
        )
    return EventSettings(
        secret=values.webhook_secret(secret, "[evenements] secret", "secret") if secret else None,
        token=token or None,
        types=frozenset(given.texts("types")),
    )
