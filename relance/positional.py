"""Format 1 of what is stored: the fields of an object by their places, read as later formats name them.

Nothing is written so any more, and these names never change: they are those of the last release that
wrote it. What a class has no longer stands at the end, and is left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_VALUE = ("is",)

FIELDS: Mapping[str, Sequence[str]] = {
    # Values.
    "Decimal": _VALUE,
    "date": _VALUE,
    "time": _VALUE,
    "datetime": _VALUE,
    "Comparator": _VALUE,
    "Direction": _VALUE,
    "Weekday": _VALUE,
    "Duration": ("months", "days", "seconds"),
    "Percentage": ("value",),
    "Amount": ("value", "currency"),
    "Change": ("amount", "absolute"),
    "FieldName": ("name",),
    "Several": ("values",),
    # Events.
    "PropertyTest": ("name", "comparator", "value"),
    "EventPattern": ("type", "subject", "context", "properties"),
    # Facts.
    "SinceEntry": (),
    "SinceStep": ("step",),
    "SinceWait": (),
    "SinceDate": ("day",),
    "SinceAgo": ("duration",),
    "Events": ("pattern", "since"),
    "Field": ("name",),
    "Score": (),
    "Count": ("events",),
    "Interest": ("topic",),
    "Total": ("of", "currency"),
    "LastDay": ("of",),
    "Visits": (),
    "VisitPages": ("visits",),
    "PagesPerVisit": (),
    "LastVisitLength": (),
    "MinutesSince": ("of",),
    "Age": ("field",),
    "DaysUntil": ("field",),
    "Literal": ("value",),
    "Compare": ("left", "comparator", "right"),
    "Contains": ("field", "text"),
    "IsEmpty": ("field",),
    "Birthday": ("field", "days"),
    "Happened": ("events", "times"),
    "InList": ("name",),
    "HasTag": ("name",),
    "Entered": ("campaign",),
    "AtStep": ("step",),
    "Exited": ("outcomes", "campaign"),
    "Draw": ("percent", "salt"),
    "All": ("items",),
    "AnyOf": ("items",),
    "Not": ("item",),
    "Leaf": ("text", "condition"),
    # Effects.
    "Owner": (),
    "Send": ("channel", "message", "to"),
    "Assign": ("to",),
    "Today": (),
    "DatePlusDays": ("field", "days"),
    "SetField": ("field", "value"),
    "ChangeScore": ("change",),
    "ChangeInterest": ("topic", "change"),
    "Rewrite": ("field", "rewriter"),
    "AddToList": ("name",),
    "RemoveFromList": ("name",),
    "AddTag": ("name",),
    "RemoveTag": ("name",),
    "Emit": ("type", "subject"),
    "EnterCampaign": ("campaign",),
    "LeaveCampaign": ("campaign",),
    # Waits.
    "WaitFor": ("duration",),
    "WaitUpTo": ("duration", "salt"),
    "WaitUntil": ("day", "at", "days"),
    "WaitForWeekday": ("first", "last"),
    "WaitForHours": ("start", "end"),
    "WaitUntilNext": ("at", "weekday", "days"),
    "WaitForWorkingDays": ("days", "at"),
}


def named(data: Any, positions: Mapping[str, Sequence[str]]) -> Any:
    """Data of format 1 as the format that names its fields; KeyError for an unknown class."""
    if not isinstance(data, list):
        return data
    name, *rest = data
    parts = [named(part, positions) for part in rest]
    if name == "()":
        return parts
    return {"@": name, **dict(zip(positions[name], parts, strict=False))}
