"""The page with figures about calls: what the database adds up, and who may see what of it."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.callcenter import statistics
from app.modules.callcenter.domain.statistics import Figures, total
from tests.conftest import NOW, csrf_of
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    EVERYTHING,
    LINE_E164,
    PhoneSystem,
    call_id,
    give_account,
    give_line,
)

DIRECT, DIRECT_E164 = "03023125111", "+493023125111"
PAGE = "/callcenter/statistics"
EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture
def a_day(app: Flask, phones: PhoneSystem, make_user: Any, clock: Any) -> Any:
    """Two answered calls, a missed one, a blocked one, one that nobody took up, two outgoing ones; one still rings."""
    anna, ben = make_user("anna", name="Anna Alt"), make_user("ben", name="Ben Bär")
    give_account(app, anna, ANNA)
    give_account(app, ben, BEN)
    give_line(app, anna, ben)
    give_line(app, anna, number=DIRECT, key=DIRECT_E164, name="Anna direkt")
    for wait, talk in ((10, 60), (21, 100)):
        call = call_id()
        phones.incoming(call)
        clock.advance(wait)
        phones.accepted(call)
        clock.advance(talk)
        phones.hung_up(call, duration=str(talk))
    for kind in ("missed", "blocked"):
        call = call_id()
        phones.incoming(call, line=DIRECT)
        phones.hung_up(call, type=kind, duration="0", to=DIRECT)
    for kind, duration in (("accepted", "30"), ("busy", "0")):
        call = call_id()
        phones.outgoing(call, peer=BEN)
        phones.hung_up(
            call, type=kind, duration=duration, direction="out", **{"from": "03023125100", "to": "01713920001"}
        )
    phones.incoming(call_id())
    return anna


def page_of(client: FlaskClient, query: str = "") -> str:
    """What the page itself shows; the cards around it name who is called, too."""
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]


def switch_persons(admin: FlaskClient, shown: str) -> None:
    answer = admin.post(f"{PAGE}/persons", data={"csrf_token": csrf_of(admin, PAGE), "shown": shown})
    assert answer.status_code == 302


def rows(page: str, title: str) -> dict[str, list[str]]:
    """The table with this caption: cells by the name of the row."""
    table = re.search(rf"<caption[^>]*>{title}</caption>(.*?)</table>", page, re.DOTALL)
    assert table, title
    found = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table[1], re.DOTALL)
    return {html.unescape(name): re.findall(r"<td[^>]*>(.*?)</td>", cells) for name, cells in found}


@pytest.mark.usefixtures("a_day")
def test_calls_that_are_over_are_added_up() -> None:
    assert total(statistics.buckets(*EVER, seen_by=EVERYTHING)) == Figures(
        incoming=4,
        answered=2,
        missed=1,
        outgoing=2,
        reached=1,
        waited_seconds=31,
        waited_calls=2,
        talk_seconds=190,
        talk_calls=3,
    )


@pytest.mark.usefixtures("a_day")
def test_a_line_narrows_the_figures() -> None:
    direct = total(statistics.buckets(*EVER, DIRECT_E164, seen_by=EVERYTHING))
    assert (direct.incoming, direct.missed, direct.outgoing) == (2, 1, 0)
    assert total(statistics.buckets(*EVER, LINE_E164, seen_by=EVERYTHING)).answered == 2


@pytest.mark.usefixtures("app")
def test_calls_are_put_into_the_quarter_of_an_hour_in_which_they_began(phones: PhoneSystem, clock: Any) -> None:
    begins = []
    for minutes in (0, 14, 16):
        clock.at = NOW.replace(minute=0, second=0) + timedelta(minutes=minutes)
        begins.append(clock.now())
        phones.hung_up(call_id(), type="missed", duration="0")
    found = sorted((bucket.at, bucket.figures.missed) for bucket in statistics.buckets(*EVER, seen_by=EVERYTHING))
    assert found == [(begins[0], 2), (begins[0] + timedelta(minutes=15), 1)]


def test_the_period_has_its_first_moment_and_not_the_next_ones(phones: PhoneSystem, clock: Any) -> None:
    phones.hung_up(call_id(), type="missed", duration="0")
    now = clock.now()
    assert len(statistics.buckets(now, now + timedelta(microseconds=1), seen_by=EVERYTHING)) == 1
    assert statistics.buckets(now - timedelta(hours=1), now, seen_by=EVERYTHING) == []


@pytest.mark.usefixtures("a_day")
def test_the_page_shows_charts_and_the_same_figures_in_tables(staff: FlaskClient) -> None:
    page = page_of(staff, "?period=today")
    assert rows(page, "Anrufe nach Stunde")["11–12"] == ["4", "2", "1", "67", "0:16", "2", "1", "1:03", "3:10"]
    told = re.search(r'id="statistics-told">(.*?)</script>', page, re.DOTALL)
    assert told
    charts = {chart["key"]: chart for chart in json.loads(told[1])["charts"]}
    assert charts["hour"]["answered"][11] == 2
    assert charts["weekday"]["missed"] == [1, 0, 0, 0, 0, 0, 0]
    assert charts["calendar"]["outgoing"] == [2]


@pytest.mark.usefixtures("a_day")
def test_the_line_of_one_person_is_not_told_to_everybody(staff: FlaskClient, admin: FlaskClient) -> None:
    page = page_of(staff)
    assert "Anna direkt" not in page
    lines = rows(page, "Anrufe nach Leitung")
    assert lines["Zentrale (030 23125100)"][0] == "2"
    assert lines["Keine Leitung oder die Leitung einer Person"][0] == "2"
    # To ask for it by its key tells no more than everything together.
    assert rows(page_of(staff, f"?line={DIRECT_E164.replace('+', '%2B')}"), "Anrufe nach Leitung") == lines
    # Administrators neither, while figures per person are off.
    assert "Anna direkt" not in page_of(admin)


@pytest.mark.usefixtures("a_day")
def test_figures_per_person_are_off_until_an_administrator_switches_them_on(
    staff: FlaskClient, admin: FlaskClient
) -> None:
    assert "Anna Alt" not in page_of(admin)
    answer = admin.post(
        f"{PAGE}/persons", data={"csrf_token": csrf_of(admin, PAGE), "shown": "1"}, follow_redirects=True
    )
    people = rows(answer.get_data(as_text=True), "Anrufe nach Person")
    assert people["Anna Alt"][:2] == ["2", "2"]
    assert people["Ben Bär"][5] == "2"
    assert rows(page_of(admin), "Anrufe nach Leitung")["Anna direkt (030 23125111)"][0] == "2"
    assert "Anna Alt" not in page_of(staff)
    assert "Anna direkt" not in page_of(staff)
    switch_persons(admin, "0")
    assert "Anna Alt" not in page_of(admin)


@pytest.mark.usefixtures("a_day")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?period=custom&since=yesterday", "Ein Datum war nicht lesbar"),
        ("?period=custom&since=1969-12-31&until=2026-11-23", "Ein Datum war nicht lesbar"),
        ("?period=custom&since=2001-01-01&until=2026-11-23", "Höchstens fünf Jahre"),
    ],
)
def test_a_wrong_period_is_named_and_another_one_shown(staff: FlaskClient, query: str, sentence: str) -> None:
    page = page_of(staff, query)
    assert sentence in page
    assert "Anrufe nach Stunde" in page


@pytest.mark.parametrize(
    "query",
    ["?period=odd", "?period=custom", "?period=custom&since=2026-11-24&until=2026-11-20", "?line=%00", "?line=x"],
)
def test_odd_queries_show_a_page(staff: FlaskClient, query: str) -> None:
    assert "Statistik" in page_of(staff, query)


def test_without_calls_the_page_says_what_to_do(staff: FlaskClient) -> None:
    assert "Keine Anrufe in diesem Zeitraum" in page_of(staff)
