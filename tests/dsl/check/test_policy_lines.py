"""« politique »: what its lines say, what they make impossible, what campaigns send in spite of them."""

from datetime import date, time

import pytest
from checker_words import CATALOGUE, campaign, checked, codes

from dsl.check.closures import closed_week, longest
from dsl.formatter import format_source
from dsl.policy import Cap, Closure, Policy, QuietTime, Term, Validity
from dsl.policy_codec import from_json, to_json
from relance.values import Duration, Weekday

SATURDAY, SUNDAY, MONDAY = Weekday.SATURDAY, Weekday.SUNDAY, Weekday.MONDAY


def policy(*lines: str) -> Policy:
    found = checked("politique\n" + "".join(f"  {one}\n" for one in lines) + "fin\n")
    assert [one.message for one in found.diagnostics["a"]] == []
    return found.policy


def only(line: str) -> Term:
    found = policy(line)
    (one,) = (*found.caps, *found.quiet, *found.validities)
    assert one.said == line
    return one


def night(starts: int = 21, ends: int = 9, **day: object) -> Closure:
    return Closure(starts=time(starts), ends=time(ends), **day)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "channels", "most", "window"),
    [
        ("au plus 3 courriels par 7 jours", ("email",), 3, Duration(days=7)),
        ("Au plus 1 SMS par jour", ("sms",), 1, Duration(days=1)),
        ("au plus un texto chaque semaine", ("sms",), 1, Duration(days=7)),
        ("jamais plus de 2 e-mails en 24 heures", ("email",), 2, Duration(seconds=86_400)),
        ("maximum 5 messages par mois", (), 5, Duration(months=1)),
        ("au plus 4 courriels et SMS par 7 jours", ("email", "sms"), 4, Duration(days=7)),
    ],
)
def test_a_cap_says_how_many_in_any_stretch_of_that_length(
    line: str, channels: tuple[str, ...], most: int, window: Duration
) -> None:
    assert only(line) == Cap(line, channels, most=most, window=window)


@pytest.mark.parametrize(
    ("line", "closures"),
    [
        ("jamais de SMS de 21 h à 9 h", (night(),)),
        ("pas de SMS entre 21:30 et midi", (Closure(starts=time(21, 30), ends=time(12)),)),
        ("aucun SMS avant 9 h, ni après 20 h", (night(0, 9), night(20, 0))),
        ("jamais de SMS le dimanche", (Closure(weekdays=(SUNDAY,)),)),
        ("jamais de SMS la fin de semaine", (Closure(weekdays=(SATURDAY, SUNDAY)),)),
        ("jamais de SMS du samedi au lundi", (Closure(weekdays=(SATURDAY, SUNDAY, MONDAY)),)),
        (
            "jamais de SMS le samedi et le dimanche de 12 h à 14 h",
            (night(12, 14, weekdays=(SATURDAY, SUNDAY)),),
        ),
        (
            "jamais de SMS les jours fériés (Québec, France)",
            (Closure(holidays="CA-QC"), Closure(holidays="FR")),
        ),
        ("jamais de SMS le 24 décembre", (Closure(yearly=(12, 24)),)),
        ("jamais de SMS le 2026-12-26", (Closure(day=date(2026, 12, 26)),)),
        ("SMS seulement de 9 h à 20 h", (night(20, 9),)),
        ("textos uniquement avant midi", (night(12, 0),)),
        ("SMS seulement après 9 h", (night(0, 9),)),
        (
            "SMS seulement du lundi au vendredi de 9 h à 20 h",
            (Closure(weekdays=(SATURDAY, SUNDAY)), night(20, 9)),
        ),
    ],
)
def test_quiet_times_say_hours_days_and_holidays(line: str, closures: tuple[Closure, ...]) -> None:
    assert only(line) == QuietTime(line, ("sms",), closures=closures)


def test_a_validity_says_how_long_a_message_is_worth_sending() -> None:
    line = "messages valables 2 jours"
    assert only(line) == Validity(line, lasts=Duration(days=2))


@pytest.mark.parametrize(
    ("end", "every", "skip"),
    [
        ("", False, False),
        (", reporter", False, False),
        (", sauter", False, True),
        (", tous les messages", True, False),
        (", sauter, tous les messages", True, True),
        (", tous les messages, sauter", True, True),
    ],
)
def test_a_line_ends_with_whom_it_spares_and_what_becomes_of_the_rest(
    end: str, every: bool, skip: bool
) -> None:
    found = only("au plus 3 messages par jour" + end)
    assert (found.every, found.skip) == (every, skip)
    assert found.channels == ()


@pytest.mark.parametrize(
    "line",
    [
        *("au plus 0 SMS par jour", "au plus 3 par jour", "au plus 3 SMS par 0 jour"),
        *("jamais de SMS", "jamais le dimanche", "jamais de SMS de 9 h à 9 h"),
        *("jamais de SMS le 31 février", "SMS valables", "SMS valables 3 ans"),
        *("SMS seulement", "SMS seulement du lundi au dimanche", "seulement de 9 h à 20 h"),
        *("SMS seulement le lundi de 20 h à 2 h", "SMS seulement les jours fériés (Québec)"),
        "SMS seulement de 9 h à 20 h et le lundi",
        *("messages valables 2 jours, sauter", "du texte", "au plus 3 SMS par jour le lundi"),
    ],
)
def test_a_line_that_says_none_of_them_is_told_with_an_example(line: str) -> None:
    (found,) = checked(f"politique\n  {line}\nfin\n").diagnostics["a"]
    assert found.code == "R431"
    assert "Écrivez par exemple" in found.message


def test_a_project_has_one_policy_whatever_the_file() -> None:
    block = "politique\n  au plus 1 SMS par jour\nfin\n"
    found = checked(block, b=block)
    assert [one.code for one in found.diagnostics["b"]] == ["R318"]
    assert found.diagnostics["a"] == ()
    assert len(found.policy.caps) == 1


def test_a_policy_of_a_file_in_error_says_nothing_yet() -> None:
    found = checked("politique\n  au plus 1 SMS par jour\n  du texte\nfin\n")
    assert found.policy == Policy()


def test_a_policy_is_put_in_order_by_the_formatter() -> None:
    written = "Politique\nau plus   3 courriels par 7 jours # peu\n\n fin politique"
    assert format_source(written, CATALOGUE) == (
        "politique\n  au plus 3 courriels par 7 jours  # peu\n\nfin politique\n"
    )


def test_a_policy_is_read_as_it_was_stored() -> None:
    found = policy(
        "au plus 4 courriels et SMS par 7 jours, sauter, tous les messages",
        "jamais de SMS le samedi de 21 h à 9 h, ni les jours fériés (CA-QC), ni le 1er mai",
        "jamais de SMS le 2026-12-26",
        "messages valables 30 jours",
    )
    assert from_json(to_json(found)) == found
    stored = '{"format":3,"value":{"@":"Policy","caps":[{"@":"Cap","channels":["sms"],"most":1,"said":"x","window":{"@":"Duration","days":1}}]}}'
    assert from_json(stored) == Policy(caps=(Cap("x", ("sms",), most=1, window=Duration(days=1)),))


# --- What lines make impossible -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        ((), 0),
        (("jamais de SMS de 21 h à 9 h",), 12 * 60),
        (("jamais de SMS de 21 h à 9 h", "jamais de SMS le dimanche"), 36 * 60),
        (("jamais de SMS de 21 h à 9 h, ni du samedi au lundi",), 84 * 60),
        (("jamais de SMS les jours fériés (FR)",), 0),
    ],
)
def test_the_longest_time_without_an_hour_is_found(lines: tuple[str, ...], minutes: int) -> None:
    found = longest(closed_week(policy(*lines).quiet if lines else ()))
    assert found is not None
    assert found.minutes == minutes


def test_a_validity_is_questioned_by_the_hours_of_its_own_channel_alone() -> None:
    quiet, valid = "jamais de SMS de 21 h à 9 h", "{} valables 6 heures"
    assert codes(f"politique\n{quiet}\n{valid.format('SMS')}\nfin") == ["R435"]
    assert codes(f"politique\n{quiet}\n{valid.format('messages')}\nfin") == ["R435"]
    assert codes(f"politique\n{quiet}\n{valid.format('courriels')}\nfin") == []
    assert codes(f"politique\n{quiet}, sauter\n{valid.format('SMS')}\nfin") == []


# --- What campaigns send in spite of them ---------------------------------------------------------

SEND = "Envoyer courriel (Tarifs)\n"


@pytest.mark.parametrize(
    ("body", "exceeds"),
    [
        (SEND * 3, True),
        (SEND + "Attendre pendant 3 jours\n" + SEND + "Attendre pendant 3 jours\n" + SEND, True),
        (SEND + "Attendre pendant 4 jours\n" + SEND + "Attendre pendant 3 jours\n" + SEND, False),
        (SEND * 2 + "Envoyer courriel (Offre d’été)\n", False),
        (SEND * 2 + f"si Anniversaire de (date de naissance) aujourd’hui\n{SEND}fin\n", True),
        (SEND + f"répéter 3 fois au plus\nAttendre pendant 1 jour\n{SEND}fin\n", True),
        (SEND * 2 + f"attendre\ndès que Formulaire (X) rempli\n{SEND}fin\n", False),
        (
            SEND * 2
            + f"attendre au plus 2 jours\ndès que Formulaire (X) rempli\nsortir\npassé ce délai\n{SEND}fin\n",
            True,
        ),
        (SEND * 2 + "Attendre jusqu’au (date de naissance)\n" + SEND, False),
        (SEND * 2 + "sortir\n", False),
    ],
)
def test_a_campaign_that_alone_exceeds_a_cap_is_questioned(body: str, exceeds: bool) -> None:
    script = "politique\n  au plus 2 courriels par 7 jours\nfin\n" + campaign(body)
    assert ("R436" in codes(script)) is exceeds


def test_a_cap_on_all_messages_counts_those_of_service_too() -> None:
    script = campaign(SEND + "Envoyer courriel (Offre d’été)\n")
    cap = "politique\n  au plus 1 courriel par 7 jours{}\nfin\n"
    assert "R436" not in codes(cap.format("") + script)
    assert "R436" in codes(cap.format(", tous les messages") + script)
