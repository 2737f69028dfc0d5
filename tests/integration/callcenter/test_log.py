from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from app.core.clock import FixedClock
from app.core.database import transaction
from app.modules.callcenter.inbox import NOTIFICATION
from app.modules.callcenter.models import FIRST_CONNECTION
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, configure, the_call

PATH = "/callcenter/log"


def entries(client: FlaskClient, query: str = "") -> list[str]:
    """The text of each row, the newest first."""
    page = unescape(client.get(PATH + query).get_data(as_text=True))
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.sub(r'<td class="cell-mark">.*?</td>', "", row, flags=re.DOTALL) for row in body.split("<tr>")[1:]]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def test_the_empty_log_says_what_to_do(admin: FlaskClient):
    page = admin.get(PATH).get_data(as_text=True)
    assert "Noch keine Meldung" in page
    assert 'href="/callcenter/settings"' in page


def test_each_notification_is_a_row_with_time_event_result_and_answer(
    admin: FlaskClient, phones: PhoneSystem, clock: FixedClock
):
    call = call_id()
    phones.incoming(call)
    clock.advance(1)
    phones.incoming(call)
    clock.advance(1)
    phones.accepted(call)
    clock.advance(1)
    phones.hung_up(call)
    clock.advance(1)
    phones.outgoing(call_id())
    repeated = "Das war schon gemeldet; es hat sich nichts geändert."
    assert entries(admin) == [
        "23.11.2026, 11:10:20 Ausgehender Anruf verarbeitet 200 127.0.0.1 Zum Anruf",
        "23.11.2026, 11:10:19 Anruf beendet verarbeitet 200 127.0.0.1 Zum Anruf",
        "23.11.2026, 11:10:18 Anruf angenommen verarbeitet 200 127.0.0.1 Zum Anruf",
        f"23.11.2026, 11:10:17 Eingehender Anruf wiederholt {repeated} 200 127.0.0.1 Zum Anruf",
        "23.11.2026, 11:10:16 Eingehender Anruf verarbeitet 200 127.0.0.1 Zum Anruf",
    ]


def test_a_row_leads_to_its_call(admin: FlaskClient, phones: PhoneSystem):
    phones.incoming(call_id())
    link = f"/callcenter/calls/{the_call().id}"
    assert f'href="{link}"' in admin.get(PATH).get_data(as_text=True)
    assert admin.get(link).status_code == 200


def test_what_could_not_be_read_is_explained(admin: FlaskClient, phones: PhoneSystem, clock: FixedClock):
    phones.post(b"event=Strange&call_id=abc")
    clock.advance(1)
    phones.post(b"event=IncomingCall")
    malformed, unknown = entries(admin)
    assert "nicht lesbar Die Meldung ist echt, aber etwas Nötiges fehlt darin." in malformed
    assert "unbekanntes Ereignis Placetel hat etwas gemeldet" in unknown


@pytest.mark.parametrize(
    ("signature", "secret", "words"),
    [
        (None, True, "nicht signiert"),
        ("xyz", True, "eine Form, die Placetel nie sendet"),
        ("0" * 64, True, "Ihre Signatur passt nicht"),
        ("0" * 64, False, "fehlt das Shared Secret"),
    ],
)
def test_a_refused_request_has_time_source_and_reason_and_no_content(
    app: Flask, admin: FlaskClient, signature: str | None, secret: bool, words: str, clock: FixedClock
):
    if secret:
        configure(app)
    clock.advance(86400 + len(words))  # refusals of one source are written once a second
    PhoneSystem(app).post(b"event=IncomingCall&from=01713920055", signature)
    page = admin.get(PATH).get_data(as_text=True)
    row = entries(admin)[0]
    assert "abgelehnt" in row
    assert words in row
    assert "403 127.0.0.1" in row
    assert "3920055" not in page


def test_only_problems_are_shown_when_asked_for(admin: FlaskClient, phones: PhoneSystem):
    phones.incoming(call_id())
    assert "Keine Probleme" in admin.get(f"{PATH}?show=problems").get_data(as_text=True)
    phones.post(b"event=Strange&call_id=abc")
    assert len(entries(admin)) == 2
    assert len(entries(admin, "?show=problems")) == 1


def test_a_failure_says_whether_it_is_tried_again(admin: FlaskClient, phones: PhoneSystem, clock: FixedClock):
    phones.incoming(call_id())
    with transaction() as session:
        session.execute(update(NOTIFICATION).values(state="failed", reason="KeyError", next_attempt_at=clock.now()))
    assert "von selbst noch einmal versucht. KeyError" in entries(admin)[0]
    with transaction() as session:
        session.execute(update(NOTIFICATION).values(next_attempt_at=None))
    assert "lassen Sie sie erneut lesen" in entries(admin)[0]


def test_a_hundred_rows_are_a_page(admin: FlaskClient, clock: FixedClock):
    row: dict[str, Any] = {"connection": FIRST_CONNECTION, "provider": "placetel", "received_at": clock.now()}
    row |= {"remote_addr": "", "query": "", "headers": "{}", "body": b"", "state": "processed", "attempts": 1}
    with transaction() as session:
        session.execute(insert(NOTIFICATION), [row] * 130)
    assert len(entries(admin)) == 100
    assert len(entries(admin, "?page=2")) == 30
    assert len(entries(admin, "?page=x")) == 100


def test_only_administrators_see_the_log(staff: FlaskClient):
    assert staff.get(PATH).status_code == 403
