from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.fields import countries, languages
from app.modules.addresses.settings import KINDS
from app.modules.addresses.transfer import cells
from app.modules.addresses.transfer.cells import Unreadable


@pytest.mark.parametrize("text", ["ja", "Ja", " JA ", "j", "x", "X", "1", "true", "WAHR", "yes", "y", "✓"])
def test_yes_in_all_its_forms(text: str) -> None:
    assert cells.yes_or_no(text) is True


@pytest.mark.parametrize("text", ["nein", "n", "0", "false", "FALSCH", "no", "-", "–"])
def test_no_in_all_its_forms(text: str) -> None:
    assert cells.yes_or_no(text) is False


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2026-12-31 00:00:00", date(2026, 12, 31)),
        ("2026-12-31T10:00:00Z", date(2026, 12, 31)),
        ("2026/12/31", date(2026, 12, 31)),
        ("31.12.2026", date(2026, 12, 31)),
        ("1.2.26", date(2026, 2, 1)),
        ("1. 2. 1999", None),
        ("1.2.99", date(1999, 2, 1)),
        ("31.12.2026 08:15", date(2026, 12, 31)),
        ("31/12/2026", date(2026, 12, 31)),
        ("12/31/2026", date(2026, 12, 31)),
        ("03/03/2026", date(2026, 3, 3)),
        ("31-12-2026", date(2026, 12, 31)),
    ],
)
def test_a_day_in_all_its_forms(text: str, day: date | None) -> None:
    assert cells.day(text) == (day or date(1999, 2, 1))


@pytest.mark.parametrize("text", ["0000-00-00", "0000-00-00 00:00:00", "00.00.0000"])
def test_the_day_that_databases_write_for_none_is_none(text: str) -> None:
    assert cells.day(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Firma", "company"),
        ("firma", "company"),
        ("Company", "company"),
        ("Herr", "mr"),
        ("Herrn", "mr"),
        ("Herr Dr.", "mr"),
        ("Mr.", "mr"),
        ("Frau", "ms"),
        ("Mrs", "ms"),
        ("Familie Müller", "other"),
        ("Sonstige", "other"),
    ],
)
def test_a_kind_in_all_its_forms(text: str, kind: str) -> None:
    assert cells.kind(text) == kind


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("D", "DE"),
        ("D-", "DE"),
        ("DEU", "DE"),
        ("Deutschland", "DE"),
        ("Germany", "DE"),
        ("Bundesrepublik Deutschland", "DE"),
        ("Österreich", "AT"),
        ("OESTERREICH", "AT"),
        ("A", "AT"),
        ("Schweiz", "CH"),
        ("CH", "CH"),
        ("CHE", "CH"),
        ("Großbritannien", "GB"),
        ("Vereinigtes Königreich", "GB"),
        ("USA", "US"),
        ("FL", "LI"),
        ("Tschechien", "CZ"),
        ("Bosnien und Herzegowina", "BA"),
    ],
)
def test_a_country_in_all_its_forms(text: str, code: str) -> None:
    assert cells.country(text) == code


@pytest.mark.parametrize(
    ("text", "code"), [("de", "de"), ("de_DE", "de"), ("EN-us", "en"), ("Deutsch", "de"), ("english", "en")]
)
def test_a_language_in_all_its_forms(text: str, code: str) -> None:
    assert cells.language(text) == code


def test_a_user_is_known_by_every_name_of_his() -> None:
    assert cells.user(" Anna ", {"anna": 7}) == 7


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (cells.yes_or_no, "vielleicht", "bad_boolean"),
        (cells.day, "gestern", "bad_date"),
        (cells.day, "31.02.2026", "bad_date"),
        (cells.day, "2026-13-01", "bad_date"),
        (cells.day, "01/02/2026", "ambiguous_date"),
        (cells.kind, "Dr.", "unknown_kind"),
        (cells.kind, "…", "unknown_kind"),
        (cells.country, "Absurdistan", "unknown_country"),
        (cells.country, "XX", "unknown_country"),
        (cells.language, "Klingon?", "unknown_language"),
        (lambda text: cells.user(text, {"anna": 7}), "ben", "unknown_user"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(read: Callable[[str], Any], text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert refused.value.code == code


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    allowed: list[tuple[Callable[[str], Any], Callable[[Any], bool]]] = [
        (cells.yes_or_no, lambda value: isinstance(value, bool)),
        (cells.day, lambda value: value is None or isinstance(value, date)),
        (cells.kind, lambda value: value in KINDS),
        (cells.country, lambda value: value in countries()),
        (cells.language, lambda value: value in languages()),
    ]
    for read, fits in allowed:
        try:
            assert fits(read(text))
        except Unreadable:
            pass


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31)))
def test_every_day_is_read_back_as_it_was_written(day: date) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d 12:30:00"):
        assert cells.day(day.strftime(form)) == day


def test_every_country_and_language_is_known_by_code_and_name() -> None:
    from babel import Locale

    for tag in ("de", "en"):
        for code in countries():
            assert cells.country(code) == code
            assert cells.country(str(Locale(tag).territories[code])) == code
        assert all(cells.language(code) == code for code in languages())
