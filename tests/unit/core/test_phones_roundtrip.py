"""Properties of whole fields: remarks, the Durchwahl, countries, hidden digits; and how much work a text can cause."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.core.phones import classify, dialable_target, format_display, plan, read_number, read_numbers
from app.core.phones.digits import understand
from app.core.phones.text import plain
from app.core.values import Dialable, Unverified, e164_of
from tests.unit.core.test_phones_properties import (
    REGIONS,
    Subscriber,
    fictional,
    international_writings,
    national_writings,
    subscribers,
)

#: What stands beside a number and is none, whatever its groups look like.
BEFORE = (
    *(
        "Tel. 1: ",
        "1. ",
        "1.) ",
        "(2) ",
        "D1 ",
        "Raum 12 ",
        "Handy 2: ",
        "Fax: ",
        "c/o Beispiel, ",
        "priv. ",
        "z. Hd. ",
    ),
    *("Mo-Fr 8-12 Uhr: ", "ab 14 Uhr ", "2. OG: ", "werktags 9-17: ", "Kd.-Nr. 10023, ", "24h: ", "* ", "• ", "\u2068"),
)
AFTER = (
    *(
        "*",
        "!",
        ".",
        ";",
        " *",
        "¹",
        " Zi. 12",
        " (2. OG)",
        " (14 ct/min)",
        " (24/7)",
        " 24h",
        " c/o Beispiel",
        "\u2069",
    ),
    *(
        " ab 14 Uhr",
        " (Mo-Fr 8-12)",
        " von 8 bis 12 Uhr",
        " bis 18:30",
        " seit 1.1.2024",
        " (Stand 03/2024)",
        " abends",
    ),
    *("\n(Büro)", " info Beispiel", ", nur vormittags", " (2x klingeln)", " ab 18h30"),
)
#: These may go with the last group: where it is not certain, nothing is read.
PERHAPS_AFTER = (
    " 8-12 Uhr",
    " 14 Uhr",
    " 2. OG",
    " 10 Minuten",
    " 14 ct",
    " 18h",
    " 8-12",
    " (12)",
    " 12",
    " 50667 Köln",
    " 2",
)
COUNTRIES = {
    "Österreich": "AT",
    "Schweiz": "CH",
    "CH": "CH",
    "Frankreich": "FR",
    "Italien": "IT",
    "Polen": "PL",
    "Niederlande": "NL",
    "Belgien": "BE",
    "Dänemark": "DK",
    "Ungarn": "HU",
    "Spanien": "ES",
    "Tschechien": "CZ",
    "Irland": "IE",
}


@given(st.data(), subscribers(), st.sampled_from(BEFORE), st.sampled_from(AFTER), st.sampled_from(REGIONS))
def test_remarks_change_no_number(
    data: st.DataObject, subscriber: Subscriber, before: str, after: str, reader: str
) -> None:
    field = before + data.draw(international_writings(subscriber)) + after
    assert [reading.e164 for reading in read_numbers(field, reader)] == [subscriber.e164]
    assert dialable_target(field, reader) == Dialable(field, subscriber.e164)


@given(st.data(), subscribers(), st.sampled_from(BEFORE), st.sampled_from(AFTER))
def test_remarks_change_no_number_in_its_national_form(
    data: st.DataObject, subscriber: Subscriber, before: str, after: str
) -> None:
    field = before + data.draw(national_writings(subscriber)) + after
    e164 = read_number(field, subscriber.region).e164
    if subscriber.trunk == "0" and not before.endswith("12 "):
        assert e164 == subscriber.e164
    # '12 01 234 5000' has a country code in front, or a room; without a 0 '(2) 234 56 78' has an area code.
    assert e164 in (subscriber.e164, None)


@given(fictional(), st.sampled_from(PERHAPS_AFTER))
def test_digits_behind_a_german_number_make_no_other_subscriber(number: tuple[str, str], after: str) -> None:
    assert read_number(number[0] + after).e164 in (number[1], None)


@given(
    st.data(), subscribers(), st.sampled_from(("xxx", "XX", "**", "??", "…", "...", "__", "###", "-x", "-...", " xxx"))
)
def test_a_number_with_hidden_digits_is_nobodys(data: st.DataObject, subscriber: Subscriber, hidden: str) -> None:
    for writing in (subscriber.e164, data.draw(international_writings(subscriber))):
        cut = writing.rstrip("0123456789")
        shown = writing[: max(len(cut) + 1, len(writing) - 3)]
        assume(shown[-1].isdigit())
        assert {reading.e164 for reading in read_numbers(shown + hidden)} == {None}
        assert e164_of(classify(shown + hidden)) is None


@given(st.data(), st.sampled_from(sorted(COUNTRIES)), st.sampled_from(("{}: {}", "{} {}", "({}) {}", "Tel. {}: {}")))
def test_a_country_named_in_front_tells_how_a_number_is_meant(data: st.DataObject, name: str, form: str) -> None:
    subscriber = data.draw(subscribers((COUNTRIES[name],)))
    field = form.format(name, data.draw(national_writings(subscriber)))
    assert read_number(field, "DE").e164 == subscriber.e164


@given(st.data(), subscribers(), st.sampled_from(("{} (Schweiz)", "{} CH", "Vertrieb Österreich {}", "{} Frankreich")))
def test_a_country_named_beside_a_number_makes_no_other_subscriber(
    data: st.DataObject, subscriber: Subscriber, form: str
) -> None:
    writing = data.draw(national_writings(subscriber))
    alone = read_number(writing, subscriber.region).e164
    assert read_number(form.format(writing), subscriber.region).e164 in (alone, None)


DURCHWAHL = (
    *("{s}-{d}", "{s} - {d}", "{s}–{d}", "{s}-0-{d}", "{s}-0 -{d}", "{s} - 0 - {d}", "{s}-0 DW {d}", "{s}-0, DW {d}"),
    *("{s}-0 (DW {d})", "{s}-0/DW -{d}", "{s}-0 Durchwahl: {d}", "{s}-0; Durchwahl {d}", "{s}-0 App. {d}"),
    *("{s}-0 Nst. {d}", "{s}-0 Klappe {d}", "{s}-0 Kl. {d}", "{s}-0 ext. {d}", "{s}-0 x{d}", "{s}-0 #{d}"),
    *("{s}-0;ext={d}", "{s}-0 DW Nr. {d}", "{s} DW {d}", "{s}-{d} (DW {d})", "{s}-{d} DW"),
)
#: Switchboards in the ranges reserved for fiction, and one of Vienna, as their countries write them.
SWITCHBOARDS = (
    ("DE", "0221 4710", "+492214710"),
    ("DE", "(0221) 47 10", "+492214710"),
    ("DE", "+49 (0)30/23125", "+493023125"),
    ("DE", "069-90009", "+496990009"),
    ("AT", "01/58858", "+43158858"),
    ("DE", "+43 1 58858", "+43158858"),
)


@given(st.sampled_from(SWITCHBOARDS), st.from_regex(r"[1-9][0-9]{0,2}", fullmatch=True), st.sampled_from(DURCHWAHL))
def test_a_durchwahl_is_the_same_in_every_notation(switchboard: tuple[str, str, str], digits: str, form: str) -> None:
    region, written, stem = switchboard
    assume(form != "{s} DW {d}" or not stem.endswith("0"))  # is that 0 the switchboard's, or one of the company's own?
    reading = read_number(form.format(s=written, d=digits), region)
    assert (reading.e164, reading.extension, reading.problem) == (f"{stem}{digits}", None, None)


@given(
    st.sampled_from(SWITCHBOARDS),
    st.lists(st.from_regex(r"[1-9][0-9]", fullmatch=True), min_size=2, max_size=4, unique=True),
    st.sampled_from((" / -", "/-", ", -", "; -", " oder -", " und -", "\n-", ", Fax -", " | -", "/")),
)
def test_every_durchwahl_of_a_list_is_read(switchboard: tuple[str, str, str], digits: list[str], between: str) -> None:
    region, written, stem = switchboard
    read = read_numbers(f"{written}-" + between.join(digits), region)
    assert [reading.e164 for reading in read] == [stem + one for one in digits]


@given(subscribers(), st.sampled_from(REGIONS))
def test_what_is_shown_is_read_back_where_it_is_shown(subscriber: Subscriber, reader: str) -> None:
    shown = format_display(subscriber.e164, reader)
    assert read_number(shown, reader).e164 == subscriber.e164
    assert format_display(str(read_number(shown, reader).e164), reader) == shown


HOSTILE = (
    *("0 ", "0/", "0-", "01 ", "(0", "+0", "+49", "0171 39200 / ", "0221 4710 030 ", "32 12 34 56 / ", "12 0", "1/"),
    *(
        "Mo-",
        "8-12 / ",
        "8-",
        "1.1.",
        "x",
        "x1",
        "(a",
        "[1]",
        "DW 1/",
        "0 DW ",
        "0800 A",
        "0800 FLO ",
        "~",
        "@1",
        ";ext=1",
    ),
    *(
        "&#48;",
        "&amp;",
        "%20",
        "%2B",
        "tel:+1",
        "DE1 ",
        "E1 ",
        "1,0",
        "1.0",
        "… ",
        "*1",
        "#1",
        "-",
        "\n",
        "CH 0",
        "bis 1 ",
    ),
)


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("region", ["DE", "DK"])
def test_the_work_for_a_long_field_is_bounded(part: str, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = count_questions(monkeypatch)
    read_numbers((part * 250)[:250], region)
    assert asked[0] < 1500


@given(st.text("0123456789 /-+().,oDWx", min_size=200, max_size=250))
def test_the_work_for_any_row_of_digits_is_bounded(text: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        asked = count_questions(monkeypatch)
        read_numbers(text)
        assert asked[0] < 1500


@pytest.mark.parametrize(
    "text", ["0123456789" * 1000, "0221 4710123 / " * 700, "+" * 10_000, "(" * 10_000, "Mo-Fr 8-12 " * 1000]
)
def test_a_text_of_ten_thousand_signs_is_not_looked_into(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = count_questions(monkeypatch)
    assert [reading.problem for reading in read_numbers(text)] == ["unreadable"]
    assert (classify(text), dialable_target(text)) == (Unverified(text), Unverified(text))
    assert asked[0] == 0


def count_questions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the numbering plans are asked from now on, nothing remembered: that is what takes the time."""
    asked = [0]
    valid = phonenumbers.is_valid_number

    def counted(number: phonenumbers.PhoneNumber) -> bool:
        asked[0] += 1
        return valid(number)

    monkeypatch.setattr(phonenumbers, "is_valid_number", counted)
    understand.cache_clear()
    plan.area_length.cache_clear()
    return asked


@given(st.text(max_size=80))
@example("&nbsp;0221&#x2011;4710%20123")
@example("&#0;&#99999;&bogus;%2")
def test_every_sign_of_the_plain_text_has_its_place(text: str) -> None:
    found = plain(text)
    assert len(found.text) == len(found.places)
    assert list(found.places) == sorted(found.places)
    assert all(0 <= place < len(text) for place in found.places)
