"""Do not disturb, and what the browser is told of its user's choices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import personal
from app.modules.callcenter import attention, cards
from tests.conftest import NOW, csrf_of
from tests.integration.callcenter.phone_system import LINE_E164, give_line

BERLIN = ZoneInfo("Europe/Berlin")


def test_who_chose_nothing_has_the_declared_defaults(app: Flask, make_user: Any) -> None:
    user = make_user("anna")
    give_line(app, user)
    assert cards.state_for(user)["me"] == {
        "sound": "off",
        "volume": "middle",
        "desktop": False,
        "desktop_private": False,
        "pop": "never",
        "pop_opens": "address",
        "quiet_until": None,
        "lines": [LINE_E164],
        "rights": "all",
    }


@pytest.mark.usefixtures("app")
def test_a_choice_is_told_to_its_users_browsers_and_to_nobody_elses(make_user: Any) -> None:
    anna, ben = make_user("anna"), make_user("ben")
    personal.save(anna, {("callcenter", "sound"): "bright", ("callcenter", "desktop"): True})
    assert (cards.state_for(anna)["me"]["sound"], cards.state_for(anna)["me"]["desktop"]) == ("bright", True)
    assert (cards.state_for(ben)["me"]["sound"], cards.state_for(ben)["me"]["desktop"]) == ("off", False)


@pytest.mark.usefixtures("app")
def test_do_not_disturb_holds_for_its_time_and_can_be_ended(make_user: Any) -> None:
    user = make_user("anna")
    assert attention.be_quiet(user, 30) == NOW + timedelta(minutes=30)
    assert cards.state_for(user)["me"]["quiet_until"] == "2026-11-23T10:40:16.000Z"
    assert attention.be_quiet(user, 0) is None
    assert cards.state_for(user)["me"]["quiet_until"] is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 11, 23, 20, 0, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=BERLIN)),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), datetime(2026, 11, 23, 7, tzinfo=BERLIN)),
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=BERLIN)),
        # The night in which the clock is put back.
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=BERLIN)),
    ],
)
def test_until_tomorrow_is_the_users_next_morning(make_user: Any, clock: Any, now: datetime, until: datetime) -> None:
    user = make_user("anna")
    clock.at = now
    assert attention.be_quiet_until_morning(user, BERLIN) == until
    assert attention.of(user).quiet_until == until


def test_the_button_behind_the_bell_answers_a_script_shortly_and_a_form_with_words(
    staff: FlaskClient, clock: Any
) -> None:
    sent = {"csrf_token": csrf_of(staff, "/callcenter/calls"), "minutes": "morning"}
    assert staff.post("/callcenter/quiet", data=sent, headers={"HX-Request": "true"}).status_code == 204
    page = staff.post("/callcenter/quiet", data={**sent, "minutes": "60"}, follow_redirects=True)
    assert "Sie werden bis 23.11.26, 12:10 nicht gestört." in page.get_data(as_text=True)
    page = staff.post("/callcenter/quiet", data={**sent, "minutes": "0"}, follow_redirects=True)
    assert "Anrufe werden Ihnen wieder gemeldet." in page.get_data(as_text=True)


@pytest.mark.parametrize("minutes", ["", "-1", "5", "1e9", "tomorrow", "\x00"])
def test_no_other_time_can_be_asked_for(staff: FlaskClient, minutes: str) -> None:
    sent = {"csrf_token": csrf_of(staff, "/callcenter/calls"), "minutes": minutes}
    assert staff.post("/callcenter/quiet", data=sent).status_code == 400
