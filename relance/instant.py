"""Instants as the outside tells them: read alike at every door."""

from datetime import UTC, datetime, timedelta, tzinfo

_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
#: A clock slightly ahead is taken as now; further ahead is an error.
_MOST_SKEW = timedelta(days=1)


def posted_instant(text: str, zone: tzinfo, now: datetime) -> datetime:
    """An ISO 8601 text, in `zone` when it says none; ValueError, in French, for any other."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        said = "Écrivez une date ISO 8601, « 2026-12-24T09:30:00-05:00 »."
        raise ValueError(said) from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    try:
        instant = instant.astimezone(UTC)
    except OverflowError:
        instant = datetime.min.replace(tzinfo=UTC)
    if not _OLDEST <= instant <= now + _MOST_SKEW:
        raise ValueError("Cette date est hors de l’histoire possible.")
    return min(instant, now)
