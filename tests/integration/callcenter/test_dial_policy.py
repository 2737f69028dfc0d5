"""The rules for dialling where they hold: at the order itself, whatever page, window or program it comes from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.accounts import service
from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.core.http import HttpFault, HttpResponse
from app.modules.callcenter import dialling
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.dial_words import sentence
from app.modules.callcenter.dialling import DialState
from app.modules.callcenter.models import FIRST_CONNECTION, DialOrderRow, KnownPbxUser
from app.modules.callcenter.settings import CallcenterSettings
from tests.conftest import NOW, PASSWORD, FakeHttp, build_app
from tests.integration.callcenter.phone_system import give_account
from tests.integration.callcenter.web_api import ANNA, BEN, WebApi, set_up

NUMBER = "0221 4710 123"


@pytest.fixture
def api(app: Flask, http: FakeHttp) -> WebApi:
    set_up(app)
    return WebApi(http)


@pytest.fixture
def anna(app: Flask, make_user: Callable[..., int]) -> int:
    user_id = make_user("anna")
    give_account(app, user_id, ANNA)
    return user_id


def rule(app: Flask, **values: Any) -> None:
    with transaction() as session:
        app.extensions["durchwahl"].settings.save(session, CallcenterSettings, values)


def states() -> list[str]:
    with reading() as session:
        return list(session.execute(select(DialOrderRow.state).order_by(DialOrderRow.id)).scalars())


# ------------------------------------------------------------------------------------------------ kinds and countries


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("0900 1000000", "premium", "Mehrwertnummern sind gesperrt."),
        ("+43 900 123456", "premium", "Mehrwertnummern sind gesperrt."),
        ("0137 1123456", "mass", "Televoting und Massenverkehr sind gesperrt."),
        ("118 33", "enquiries", "Auskunftsdienste sind gesperrt."),
        ("118000", "enquiries", "Auskunftsdienste sind gesperrt."),
        ("+881 612345678", "satellite", "Satelliten- und internationalen Netzen sind gesperrt."),
        ("+44 70 1234 5678", "personal", "Persönliche Rufnummern"),
        ("+1 202 555 0123", "country", "Anrufe in dieses Land sind nicht erlaubt: Vereinigte Staaten."),
        ("+44 7624 123456", "country", "nicht erlaubt: Isle of Man."),
    ],
)
def test_dear_numbers_and_far_countries_are_blocked_unless_somebody_allows_them(
    api: WebApi, anna: int, typed: str, code: str, words: str
):
    result = dialling.dial(anna, typed, "key")
    assert (result.state, result.code, result.tel) == (DialState.REFUSED, code, None)
    assert words in sentence(result)
    assert "Administrator" in sentence(result)
    assert not api.dialled
    assert not states()


@pytest.mark.parametrize("typed", ["0180 5 1234567", "0800 3569377", "+41 44 668 18 00", "+44 20 7946 0123", "23"])
def test_whatever_is_called_every_day_is_dialled(api: WebApi, anna: int, typed: str):
    assert dialling.dial(anna, typed, "key").state is DialState.ACCEPTED


@pytest.mark.parametrize(
    ("typed", "allowing"),
    [
        ("0900 1000000", {"dial_blocked_kinds": ()}),
        ("0900 1000000", {"dial_allowed": ("+499001000000",)}),
        ("0900 1000000", {"dial_allowed": ("+49900*",)}),
        ("11833", {"dial_blocked_kinds": ()}),
        ("11833", {"dial_allowed": ("11833",)}),
        ("+1 202 555 0123", {"dial_countries": ("*",)}),
        ("+1 202 555 0123", {"dial_countries": ("US",)}),
        (NUMBER, {"dial_countries": ()}),
    ],
)
def test_an_administrator_can_allow_each(app: Flask, api: WebApi, anna: int, typed: str, allowing: dict[str, Any]):
    rule(app, **allowing)
    assert dialling.dial(anna, typed, "key").state is DialState.ACCEPTED


def test_an_exception_blocks_a_number_that_all_else_allows(app: Flask, api: WebApi, anna: int):
    rule(app, dial_blocked=("+492214710123",))
    assert dialling.dial(anna, NUMBER, "key").code == "blocked"
    assert dialling.dial(anna, "0221 4710 124", "other").state is DialState.ACCEPTED


def test_no_exception_lets_an_emergency_call_through(app: Flask, api: WebApi, anna: int):
    rule(app, dial_allowed=("112", "+49*", "110"), dial_blocked_kinds=())
    assert [dialling.dial(anna, typed, "key").code for typed in ("112", "+49 112", "0110")] == ["emergency"] * 3
    assert not api.dialled


@pytest.mark.parametrize("typed", ["0900 1", "0900123456789012", "01033", "010 33 0221 4710123", "0190 123456", "137"])
def test_what_is_no_number_is_never_passed_off_as_an_extension(api: WebApi, anna: int, typed: str):
    result = dialling.dial(anna, typed, "key")
    assert typed == "137" or result.state is DialState.REFUSED
    assert [order["target"] for order in api.dialled] == (["137"] if typed == "137" else [])


def test_an_extension_that_looks_like_enquiries_is_dialled_where_the_telephone_system_lists_it(
    app: Flask, api: WebApi, anna: int
):
    with transaction() as session:
        session.add(KnownPbxUser(connection=FIRST_CONNECTION, uid=BEN, name="Ben", extension="11833", seen_at=NOW))
        app.extensions["durchwahl"].versions.bump(session, SETUP_VERSION)
    assert dialling.dial(anna, "11833", "key").state is DialState.ACCEPTED


# ------------------------------------------------------------------------------------------------------------- limits


def test_a_user_dials_no_more_than_the_limit_and_is_told_when_again(
    app: Flask, api: WebApi, anna: int, make_user: Callable[..., int], clock: FixedClock
):
    rule(app, dial_hour_limit=2)
    for place in (1, 2):
        assert dialling.dial(anna, f"0221 4710 12{place}", f"key-{place}").state is DialState.ACCEPTED
        clock.advance(60)
    result = dialling.dial(anna, NUMBER, "key-3")
    assert (result.state, result.code, result.retry_after) == (DialState.REFUSED, "hour_limit", 58 * 60)
    assert "in 58 Minuten" in sentence(result)
    assert len(api.dialled) == 2
    ben = make_user("ben")
    give_account(app, ben, BEN)
    assert dialling.dial(ben, NUMBER, "key").state is DialState.ACCEPTED
    clock.advance(58 * 60)
    assert dialling.dial(anna, NUMBER, "key-3").code == "hour_limit"  # the same order stays what it was
    assert dialling.dial(anna, NUMBER, "key-4").state is DialState.ACCEPTED


def test_a_limit_for_the_day_is_told_in_hours(app: Flask, api: WebApi, anna: int, clock: FixedClock):
    rule(app, dial_day_limit=1)
    dialling.dial(anna, "0221 4710 121", "a")
    clock.advance(3600)
    result = dialling.dial(anna, NUMBER, "b")
    assert (result.code, result.retry_after) == ("day_limit", 23 * 3600)
    assert "in 23 Stunden" in sentence(result)


def test_orders_that_surely_rang_nowhere_do_not_count_and_uncertain_ones_do(app: Flask, api: WebApi, anna: int):
    rule(app, dial_hour_limit=1)
    api.fault = HttpFault.NOT_SENT
    assert dialling.dial(anna, "0221 4710 121", "a").state is DialState.FAILED
    api.fault = HttpFault.TIMEOUT
    assert dialling.dial(anna, "0221 4710 122", "b").state is DialState.UNKNOWN
    assert dialling.dial(anna, "0221 4710 123", "c").code == "hour_limit"


# ------------------------------------------------------------------------------------------------------ the same press


def test_two_windows_are_one_press_and_a_later_one_is_another(api: WebApi, anna: int, clock: FixedClock):
    first = dialling.dial(anna, NUMBER, "window-1")
    clock.advance(1)
    second = dialling.dial(anna, "+49 221 4710123", "window-2")
    assert (first.state, second.state) == (DialState.ACCEPTED, DialState.ACCEPTED)
    assert second.order_id == first.order_id
    clock.advance(3600)
    # Repeated much later, the second window's request is still that press.
    assert dialling.dial(anna, NUMBER, "window-2").order_id == first.order_id
    assert len(api.dialled) == 1
    assert dialling.dial(anna, NUMBER, "window-3").state is DialState.ACCEPTED
    assert len(api.dialled) == 2


def test_while_a_call_is_being_set_up_another_window_waits_for_it(api: WebApi, anna: int, clock: FixedClock):
    seen: list[tuple[DialState, str]] = []

    def meanwhile() -> HttpResponse:
        clock.advance(12)
        other = dialling.dial(anna, NUMBER, "window-2")
        seen.append((other.state, other.code))
        return HttpResponse(500, {}, b"")

    api.dial = meanwhile
    assert dialling.dial(anna, NUMBER, "window-1").state is DialState.UNKNOWN
    assert seen == [(DialState.UNDER_WAY, "under_way")]
    # Asked again, the second window hears what came of the first one's order.
    assert dialling.dial(anna, NUMBER, "window-2").state is DialState.UNKNOWN
    assert len(api.dialled) == 1


def test_what_surely_failed_may_be_tried_again_at_once(api: WebApi, anna: int):
    api.fault = HttpFault.NOT_SENT
    assert dialling.dial(anna, NUMBER, "a").state is DialState.FAILED
    api.fault = None
    assert dialling.dial(anna, NUMBER, "b").state is DialState.ACCEPTED


def test_different_numbers_and_different_telephones_are_different_presses(app: Flask, api: WebApi, anna: int):
    second = "7771000003@fpbx.de"
    give_account(app, anna, second)
    dialling.dial(anna, NUMBER, "a")
    dialling.dial(anna, "0221 4710 124", "b")
    dialling.dial(anna, NUMBER, "c", second)
    assert len(api.dialled) == 3


@pytest.mark.parametrize(("keys", "most"), [("own", 1), ("numbers", 3)])
def test_many_windows_at_once_dial_once_and_keep_the_limit(databases: Any, tmp_path: Any, keys: str, most: int):
    http = FakeHttp()
    app = build_app(databases.copy(), tmp_path, http)
    with app.app_context():
        user_id = service.create_user("anna", PASSWORD, "staff")
        give_account(app, user_id, ANNA)
        set_up(app, dial_hour_limit=3)
        api = WebApi(http)
    found: list[str] = []

    def press(place: int) -> None:
        with app.app_context():
            number = NUMBER if keys == "own" else f"0221 4710 1{place:02}"
            found.append(dialling.dial(user_id, number, f"key-{place}").state.value)

    threads = [threading.Thread(target=press, args=(place,)) for place in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(api.dialled) == most
    assert len(found) == 10
    app.extensions["durchwahl"].database.dispose()
