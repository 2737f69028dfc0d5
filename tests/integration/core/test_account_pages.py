from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from app.core.accounts import personal, service
from tests.conftest import PASSWORD, csrf_of

SETTINGS = {"name": "Anna", "email": "", "language": "de", "timezone": "Europe/Berlin", "theme": "auto"}


def _post(client: FlaskClient, path: str, page: str = "/account/settings", **data: Any) -> Any:
    return client.post(path, data={"csrf_token": csrf_of(client, page), **data})


def _id(username: str) -> int:
    user = service.find_user(username)
    assert user is not None
    return user.id


def test_phone_notifications_are_on_until_they_are_switched_off(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    assert personal.get(_id("anna"), "callcenter", "notifications") is True
    _post(client, "/account/settings", **SETTINGS)
    assert personal.get(_id("anna"), "callcenter", "notifications") is False
    _post(client, "/account/settings", **SETTINGS, **{"callcenter.notifications": "1", "callcenter.scope": "mine"})
    assert personal.get(_id("anna"), "callcenter", "notifications") is True
    assert personal.get(_id("anna"), "callcenter", "scope") == "mine"


def test_a_choice_that_nobody_declared_is_left_as_it_was(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    _post(client, "/account/settings", **SETTINGS, **{"callcenter.scope": "everything"})
    assert personal.get(_id("anna"), "callcenter", "scope") == "house"


def test_the_language_of_the_page_follows_the_setting(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    _post(client, "/account/settings", **{**SETTINGS, "language": "en"})
    assert 'lang="en-GB"' in client.get("/account/settings").get_data(as_text=True)


def test_a_mistake_keeps_what_was_typed_and_says_what_is_wrong(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    page = _post(client, "/account/settings", **{**SETTINGS, "name": "Anna S.", "email": "nonsense"})
    text = page.get_data(as_text=True)
    assert 'value="Anna S."' in text
    assert 'value="nonsense"' in text
    assert "is-invalid" in text
    assert personal.get(_id("anna"), "callcenter", "notifications") is True


def test_a_new_password_ends_all_other_log_ins(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    other = service.start_session(_id("anna"))
    answer = _post(client, "/account/password", present=PASSWORD, password="another long one", again="another long one")
    assert answer.status_code == 302
    assert service.load_session(other) is None
    assert client.get("/account/settings").status_code == 200
    assert service.verify("anna", "another long one") is not None


def test_the_present_password_must_be_right(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    wrong = _post(client, "/account/password", present="guess", password="another long one", again="another long one")
    assert wrong.status_code == 422
    assert service.verify("anna", PASSWORD) is not None


def test_an_administrator_creates_edits_and_deactivates_a_user(admin: FlaskClient) -> None:
    values = {"name": "Ben", "email": "", "role": "staff", "language": "de", "timezone": "Europe/Berlin"}
    _post(admin, "/users/new", username="ben", password=PASSWORD, active="y", **values)
    assert service.verify("BEN", PASSWORD) is not None
    session_id = service.start_session(_id("ben"))
    _post(admin, f"/users/{_id('ben')}", **{**values, "name": "Benjamin"})
    ben = service.get_user(_id("ben"))
    assert ben is not None
    assert ben.name == "Benjamin"
    assert not ben.active
    assert service.load_session(session_id) is None
    assert service.verify("ben", PASSWORD) is None


def test_a_name_that_is_taken_is_refused_in_words_and_nothing_typed_is_lost(admin: FlaskClient) -> None:
    values = {"name": "Other", "email": "o@muster.example", "role": "staff", "language": "de"}
    page = _post(
        admin, "/users/new", username="ADMIN", password=PASSWORD, active="y", timezone="Europe/Berlin", **values
    ).get_data(as_text=True)
    assert "is-invalid" in page
    assert 'value="o@muster.example"' in page
    assert 'value="ADMIN"' in page


def test_the_last_administrator_stays_one(admin: FlaskClient) -> None:
    values = {"name": "A", "email": "", "role": "staff", "language": "de", "timezone": "Europe/Berlin", "active": "y"}
    page = _post(admin, f"/users/{_id('admin')}", **values)
    assert page.status_code == 200
    assert "is-invalid" in page.get_data(as_text=True)
    found = service.find_user("admin")
    assert found is not None
    assert found.is_administrator


def test_a_reset_password_is_shown_once_and_works(admin: FlaskClient, make_user: Callable[..., int]) -> None:
    user_id = make_user("ben")
    _post(admin, f"/users/{user_id}/password")
    page = admin.get(f"/users/{user_id}").get_data(as_text=True)
    assert service.verify("ben", PASSWORD) is None
    shown = [word for word in page.replace(",", " ").split() if len(word) == 16 and service.verify("ben", word)]
    assert len(shown) == 1
    assert shown[0] not in admin.get(f"/users/{user_id}").get_data(as_text=True)


def test_an_app_is_deactivated_and_activated_again(admin: FlaskClient, kernel: Any) -> None:
    _post(admin, "/appstore/callcenter/switch", page="/appstore/", active="0")
    assert not kernel.states.is_active("callcenter")
    _post(admin, "/appstore/callcenter/switch", page="/appstore/", active="1")
    assert kernel.states.is_active("callcenter")


def test_the_addresses_cannot_be_deactivated(admin: FlaskClient, kernel: Any) -> None:
    _post(admin, "/appstore/addresses/switch", page="/appstore/", active="0")
    assert kernel.states.is_active("addresses")


def test_the_app_store_finds_an_app_by_a_word(admin: FlaskClient) -> None:
    assert "app-callcenter" in admin.get("/appstore/?q=placetel").get_data(as_text=True)
    assert "app-callcenter" not in admin.get("/appstore/?q=nonsense").get_data(as_text=True)


def test_staff_see_neither_users_nor_app_store(staff: FlaskClient) -> None:
    assert staff.get("/users/").status_code == 403
    assert staff.get("/appstore/").status_code == 403
    assert staff.get("/apps/").status_code == 200
