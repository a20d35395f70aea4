"""What a choice changes, whatever a page shown long ago said: on each channel, and of each purpose."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from plugins.preferences.choices import PAGE, Choices, choices_of
from relance.channel_type import ChannelType
from relance.consent import WORDS, Basis, Purpose, given
from relance.events import NewEvent
from relance.preferences import ChannelAddress, Preferences

NOW = datetime.fromisoformat("2026-12-01T12:00:00-05:00")
MAIL = ChannelType("email", "courriel", left="email_unsubscribed", back="email_subscribed")
SMS = ChannelType("sms", "SMS", left="sms_unsubscribed")
LETTER = Purpose("Infolettre", "J’accepte l’infolettre.", ("email",))
CONTEST = Purpose("Concours", "J’accepte les concours.", ("email", "sms"))
LEFT = NewEvent("", "Offre")
YES = given(Basis.EXPRESS, "email", "form:Infolettre", LETTER.words)


def choices(*ledger: NewEvent, suppressed: bool = False) -> Choices:
    """Of somebody who has an address of mail alone, which the link was sent to."""
    mail = ChannelAddress(MAIL, "aline@exemple.ca", own=True, suppressed=suppressed)
    return choices_of(Preferences(7, True, [mail], ledger), (LETTER, CONTEST), NOW)


def ticked(page: Choices) -> list[str]:
    channels = [one.where.type.channel for one in page.channels if one.on]
    return channels + [one.purpose.form for one in page.purposes if one.on]


def written(events: Sequence[NewEvent]) -> list[tuple[str, str | None, object]]:
    return [(one.type, one.context, one.properties.get(WORDS)) for one in events]


def test_a_purpose_is_agreed_to_on_each_of_its_channels_one_may_have_later_too() -> None:
    page = choices()
    mail, contest = page.channels[0].key, page.purposes[1].key
    change = page.change({*page.keys}, {mail, contest}, LEFT)
    assert written(change.events) == [
        ("consent_given", "email", CONTEST.words),
        ("consent_given", "sms", CONTEST.words),
    ]
    assert ticked(choices(*change.events)) == ["email", "Concours"]


def test_who_leaves_everything_leaves_channels_that_come_to_be_known_later_too() -> None:
    change = choices(YES).nothing_more(LEFT)
    assert written(change.events)[-1] == ("consent_withdrawn", None, "Ne plus rien recevoir")
    after = (YES, *change.events)
    number = ChannelAddress(SMS, "+15145550142")
    (line,) = choices_of(Preferences(7, True, [number], after), (), NOW).channels
    assert not line.on


def test_a_purpose_taken_back_leaves_the_channel_as_it_was() -> None:
    page = choices(YES)
    assert ticked(page) == ["email", "Infolettre"]
    change = page.change({*page.keys}, {page.channels[0].key}, LEFT)
    assert written(change.events) == [("consent_withdrawn", "email", LETTER.words)]
    assert change.reach == ()
    assert ticked(choices(YES, *change.events)) == ["email"]


def test_on_a_channel_that_is_left_no_purpose_is_ticked_whatever_was_agreed() -> None:
    assert ticked(choices(YES, suppressed=True)) == []


def test_who_comes_back_for_no_purpose_agrees_to_none() -> None:
    page = choices(YES, suppressed=True)
    change = page.change({*page.keys}, {page.channels[0].key}, LEFT)
    assert [type(one).__name__ for one in change.reach] == ["Welcome"]
    assert written(change.events) == [
        ("email_subscribed", None, None),
        ("consent_withdrawn", "email", LETTER.words),
    ]
    assert change.events[0].properties["comment"] == PAGE
    assert ticked(choices(YES, *change.events)) == ["email"]


def test_boxes_that_a_page_did_not_show_stay_as_they_are() -> None:
    page = choices(YES)
    seen = {page.channels[0].key}
    assert page.change(seen, seen, LEFT).events == ()


def test_a_consent_that_has_lapsed_is_not_ticked() -> None:
    lapsed = given(Basis.EXPRESS, "email", "form:A", LETTER.words, until=NOW - timedelta(seconds=1))
    assert ticked(choices(lapsed)) == ["email"]
