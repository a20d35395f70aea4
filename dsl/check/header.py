"""Headers: what the first lines of a campaign say of when and where it runs."""

from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from dsl.check.bounds import bounded
from dsl.check.findings import Findings
from dsl.check.former import former_names, said_new
from dsl.check.names import KnownName, Names, Unknown
from dsl.diagnostics import Fix, RelatedPlace
from dsl.help.fidelity import same_name
from dsl.help.wording import did_you_mean, listed
from dsl.language.fr import headers, values
from dsl.program import Reentry
from dsl.tree.bound import Header
from dsl.tree.nodes import HeaderLine
from relance.consent import Basis
from relance.fold import fold, key_of
from relance.french import quoted
from relance.slot import Unreadable
from relance.values import Duration, Percentage

#: Zones by their names folded, none of which is another's.
_ZONES = {fold(zone): zone for zone in sorted(available_timezones())}

#: Parts are of so many.
_WHOLE = 10_000
#: The last of the priorities.
LAST_PRIORITY = 1_000_000


def read_header(lines: tuple[HeaderLine, ...], findings: Findings) -> Header:
    """Read every line; what is wrong is reported."""
    header = Header()
    seen: dict[str, HeaderLine] = {}
    for line in lines:
        key = fold(line.key)
        reader = _READERS.get(key)
        if key in seen:
            findings.error(
                "R421",
                line.span,
                "Cette ligne est déjà écrite plus haut : gardez une seule des deux.",
                notes=(RelatedPlace(seen[key].span, "la première est ici"),),
            )
        elif reader is None:
            findings.error(
                "R421",
                line.span,
                f"Relance ne connaît pas encore l’en-tête {quoted(line.key)}. Les en-têtes sont "
                f"{listed(tuple(dict.fromkeys(headers.HEADERS.values())), 'et')}.",
            )
        else:
            reader(header, line, findings)
        seen.setdefault(key, line)
    return header


def _description(header: Header, line: HeaderLine, findings: Findings) -> None:
    header.description = line.value.text.strip() or None


def _family(header: Header, line: HeaderLine, findings: Findings) -> None:
    name = line.value.text.strip()
    found = Names(headers.FAMILIES).find(name)
    if isinstance(found, KnownName):
        header.family = found.name
        return
    near = found.near if isinstance(found, Unknown) else found.names
    known = ", ".join(quoted(one) for one in headers.FAMILIES)
    findings.error(
        "R460",
        line.value.span,
        f"{quoted(name)} n’est pas une famille de campagnes.{did_you_mean(near)} Les familles "
        f"sont {known}.",
        tuple(Fix(line.value.span, one) for one in near),
    )


def _zone(header: Header, line: HeaderLine, findings: Findings) -> None:
    name = line.value.text.strip()
    try:
        header.zone = _ZONES.get(fold(name).replace(" ", "_")) or ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = _near_zones(name)
        findings.error(
            "R411",
            line.value.span,
            f"{quoted(name)} n’est pas un fuseau horaire.{did_you_mean(near)} Un fuseau s’écrit "
            "comme « America/Montreal » ou « Europe/Paris ».",
            tuple(Fix(line.value.span, zone) for zone in near),
        )


def _near_zones(name: str) -> list[str]:
    wanted = fold(name).replace(" ", "_")
    cities = {key.rsplit("/", 1)[-1]: zone for key, zone in _ZONES.items()}
    if wanted in cities:
        return [cities[wanted]]
    near = get_close_matches(wanted, _ZONES, n=2, cutoff=0.7)
    return [_ZONES[key] for key in near if same_name(wanted, key)]


def _period(header: Header, line: HeaderLine, findings: Findings) -> None:
    text = line.value.text
    bounds = headers.period(text)
    if bounds is None:
        findings.error(
            "R412",
            line.value.span,
            f"{quoted(text.strip())} n’est pas une période. Écrivez par exemple « du 1er décembre "
            "2026 au 31 décembre 2026 », « à partir du … » ou « jusqu’au … ».",
        )
        return
    (header.starts, header.starts_at), (header.ends, header.ends_at) = (
        _instant(one, line, findings) for one in bounds
    )
    if header.starts and header.ends and _turned(header):
        first, last = ((one or "").strip() for one in bounds)
        turned = headers.from_to(last, first)
        findings.error(
            "R412",
            line.value.span,
            "La période finit avant de commencer : inversez ses deux bornes, ou corrigez-les.",
            (Fix(line.value.span, turned, compared=True),),
        )


def _turned(header: Header) -> bool:
    """Whether it ends before it begins."""
    first = (header.starts, header.starts_at or time.min)
    last = (header.ends, header.ends_at or time.max)
    return last < first


def _instant(
    text: str | None, line: HeaderLine, findings: Findings
) -> tuple[date | None, time | None]:
    """A bound: a day, and its time where it names one."""
    if text is None:
        return None, None
    day, at = headers.day_and_time(text)
    return _day(day, line, findings), None if at is None else _time(at, line, findings)


def _time(text: str, line: HeaderLine, findings: Findings) -> time | None:
    read = values.clock_time(text)
    if isinstance(read, Unreadable):
        _unreadable(read, line, findings)
        return None
    return read


def _unreadable(read: Unreadable, line: HeaderLine, findings: Findings) -> None:
    instead = f" Écrivez par exemple : {read.instead}." if read.instead else ""
    reason = read.reason[:1].upper() + read.reason[1:]
    findings.error("R412", line.value.span, f"{reason}.{instead}")


def _day(text: str | None, line: HeaderLine, findings: Findings) -> date | None:
    if text is None:
        return None
    read = bounded(values.day(text))
    if isinstance(read, Unreadable):
        _unreadable(read, line, findings)
        return None
    return read if isinstance(read, date) else None


def _reentry(header: Header, line: HeaderLine, findings: Findings) -> None:
    if fold(line.value.text) == headers.NEVER:
        return
    after = headers.after(line.value.text)
    if after is not None and headers.is_exit(after):
        header.reentry, header.returning = Reentry.AFTER_EXIT, line.value.span
        return
    value = headers.by_value(line.value.text)
    if value is not None and key_of(value):
        header.reentry, header.reentry_property = Reentry.BY_VALUE, value
        header.valued = line.value.span
        return
    delay = bounded(values.duration(after)) if after is not None else None
    if isinstance(delay, Duration):
        header.reentry, header.reentry_delay = Reentry.AFTER_DELAY, delay
        return
    near = getattr(
        Names((headers.NEVER, headers.AFTER_EXIT)).find(line.value.text.strip()), "near", ()
    )
    findings.error(
        "R413",
        line.value.span,
        f"{quoted(line.value.text.strip())} ne dit pas quand un lead peut revenir. Écrivez "
        "« jamais », « après sortie » ou, par exemple, « après 30 jours » ou « par (numéro de "
        "commande) ».",
        tuple(Fix(line.value.span, one) for one in near),
    )


def _double(header: Header, line: HeaderLine, findings: Findings) -> None:
    known = (headers.IGNORE, headers.RESTART)
    found = Names(known).find(line.value.text.strip())
    if isinstance(found, KnownName):
        header.restarts = found.name == headers.RESTART
        return
    near = found.near if isinstance(found, Unknown) else found.names
    findings.error(
        "R438",
        line.value.span,
        f"{quoted(line.value.text.strip())} ne dit pas que faire de qui entre alors qu’il est déjà "
        f"dans la campagne.{did_you_mean(near)} Écrivez « ignorer » (c’est ainsi sans cette ligne) "
        "ou « recommencer ».",
        tuple(Fix(line.value.span, one) for one in near),
    )


def _order(header: Header, line: HeaderLine, findings: Findings) -> None:
    written = line.value.text.strip()
    if fold(written) == fold(headers.AUDIENCE):
        header.hourly = True
        return
    findings.error(
        "R439",
        line.value.span,
        f"{quoted(written)} n’est pas un ordre connu. Écrivez « ordre : Audience », ou ôtez cette "
        "ligne : chaque chose est alors traitée à l’instant où elle arrive.",
    )


def _holdout(header: Header, line: HeaderLine, findings: Findings) -> None:
    read = bounded(values.percentage(line.value.text))
    part = int(read.value * 100) if isinstance(read, Percentage) else 0
    if 0 < part < _WHOLE:
        header.holdout, header.holding = part, line.span
        header.compared = headers.COMPARED
        return
    findings.error(
        "R442",
        line.value.span,
        f"{quoted(line.value.text.strip())} n’est pas la part de ceux qui ne reçoivent rien, pour "
        "comparer. Écrivez par exemple « témoin : 10 % ».",
    )


def _group(header: Header, line: HeaderLine, findings: Findings) -> None:
    name, written = headers.group(line.value.text)
    read = bounded(values.number(written))
    if (
        key_of(name)
        and isinstance(read, Decimal)
        and read == int(read)
        and 1 <= read <= LAST_PRIORITY
    ):
        header.group, header.priority, header.grouped = name, int(read), line.span
        return
    example = headers.in_group(name if key_of(name) else "Ventes", 1)
    findings.error(
        "R470",
        line.value.span,
        "Un groupe exclusif a un nom, et la campagne y a une priorité : un nombre entier, à partir de 1 ; la plus "
        f"petite passe d’abord. Écrivez par exemple {quoted(example)}.",
    )


def _objective(header: Header, line: HeaderLine, findings: Findings) -> None:
    header.objective = line.value


def _consent(header: Header, line: HeaderLine, findings: Findings) -> None:
    text = line.value.text.strip()
    basis = Basis.read(text)
    if basis is not None:
        header.consent = basis
        return
    known = tuple(one.label for one in reversed(Basis))
    near = get_close_matches(fold(text), map(fold, known), n=1, cutoff=0.6)
    meant = tuple(one for one in known if fold(one) in near)
    findings.error(
        "R440",
        line.value.span,
        f"{quoted(text)} n’est pas un consentement.{did_you_mean(meant)} Une campagne demande un "
        f"consentement {listed(known, 'ou')}.",
        tuple(Fix(line.value.span, one) for one in meant),
    )


def _former(header: Header, line: HeaderLine, findings: Findings) -> None:
    header.former = tuple(name.text for name in former_names(line))
    header.new = said_new(line)


_READERS = {
    fold(name): reader
    for name, reader in (
        (headers.OBJECTIVE, _objective),
        (headers.FORMER, _former),
        (headers.DESCRIPTION, _description),
        (headers.FAMILY, _family),
        (headers.ZONE, _zone),
        (headers.PERIOD, _period),
        (headers.GROUP, _group),
        (headers.REENTRY, _reentry),
        (headers.DOUBLE, _double),
        (headers.ORDER, _order),
        (headers.HOLDOUT, _holdout),
        (headers.CONSENT, _consent),
    )
}
