"""Events: what happened to a lead, as a plugin reports it and as a phrase looks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from relance.values import Amount, Comparator, Value

#: Events the engine records by itself when an effect changes a lead.
LEAD_UPDATED = "lead_updated"
FORM_SUBMITTED = "form_submitted"
SCORE_CHANGED = "score_changed"
LIST_ADDED = "list_added"
LIST_REMOVED = "list_removed"
TAG_ADDED = "tag_added"
TAG_REMOVED = "tag_removed"
INTEREST_CHANGED = "interest_changed"  # subject: the topic
CONVERTED = "converted"  # subject: the conversion's name
ASSIGNED = "assigned"  # subject: the person
CAMPAIGN_ENTERED = "campaign_entered"  # subject: the campaign
#: A page seen on a site (subject: its path; address: its URL): visits are made of these.
PAGE_VISITED = "page_visited"
#: A tracked link followed (subject: its name; context: the message it was in).
LINK_CLICKED = "link_clicked"
#: What no plugin knows (subject: the name its teller gives it).
CUSTOM = "custom"
#: What was bought (subject: the transaction; amount: its worth), given back and put right since.
PURCHASED = "purchase"
REFUNDED = "refund"
PURCHASE_CORRECTED = "purchase_corrected"
#: A conversation on the site, or one that nobody took (subject: why, « absents » or « occupés »);
#: its end, and what the visitor thought of it.
CONTACT_MADE = "contact_made"
CONTACT_MISSED = "contact_missed"
CONTACT_UNANSWERED = "contact_unanswered"
CONTACT_ENDED = "contact_ended"
CONTACT_RATED = "contact_rated"


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """A test of one property of an event: « où (montant) supérieur à (50) »."""

    name: str
    comparator: Comparator
    value: Value


@dataclass(frozen=True, slots=True)
class EventPattern:
    """The events a phrase stands for.

    `subject` and `context` hold the author's text; they match case and accents aside, and
    `*` stands for any run of characters. A subject also matches the event's `address`
    (a link is found by its name or its URL, a page by its path or its full URL).
    None matches anything.
    """

    type: str
    subject: str | None = None
    context: str | None = None
    properties: tuple[PropertyTest, ...] = ()


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened, before it is stored.

    `subject` is what it happened to (a form, a page, a link, an e-mail), `address` its URL
    where it has one, `context` what it happened in (the e-mail a link was clicked in).
    `occurred_at` None means now. `key`, when given, makes the event idempotent within
    its type: a second one with the same key is the same event. `amount` is what it was worth,
    with its currency; negative for what was given back.
    """

    type: str
    subject: str | None = None
    address: str | None = None
    context: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)
    occurred_at: datetime | None = None
    key: str | None = None
    amount: Amount | None = None
