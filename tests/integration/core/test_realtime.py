from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from flask import Flask
from websocket import WebSocketBadStatusException
from werkzeug.serving import make_server

from app.core import realtime, sockets
from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR, STAFF
from app.core.sockets import SPARE
from tests.conftest import PASSWORD
from tests.wire import LiveSocket, Person, Refused

LIMIT = 3
#: By the event itself, as nothing sweeps here but a test.
AT_ONCE = 10.0


@dataclass
class Served:
    """An application that listens on a port of its own, and who is connected to it."""

    app: Flask
    url: str
    opened: list[LiveSocket | Person] = field(default_factory=list)

    @property
    def realtime(self) -> Any:
        return self.app.extensions["durchwahl"].realtime

    def person(self, username: str) -> Person:
        person = Person(self.url, username, PASSWORD)
        self.opened.append(person)
        return person

    def socket(self, cookie: str | None = None, **options: Any) -> LiveSocket:
        opened = LiveSocket(self.url, cookie, **options)
        self.opened.append(opened)
        return opened

    def id_of(self, username: str) -> int:
        user = service.find_user(username)
        assert user is not None
        return int(user.id)

    def sweep(self) -> None:
        """What the worker's thread does every second."""
        self.app.extensions["durchwahl"].versions.check(max_age=0)
        self.realtime.sweep()


@pytest.fixture
def served(own_app: Flask) -> Iterator[Served]:
    own_app.extensions["durchwahl"].realtime.max_sockets = LIMIT
    own_app.extensions["durchwahl"].realtime.gate.limit = LIMIT + SPARE
    server = make_server("127.0.0.1", 0, own_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    found = Served(own_app, f"http://127.0.0.1:{server.server_port}")
    with own_app.app_context():
        for username, role in (("ada", ADMINISTRATOR), ("anna", STAFF), ("ben", STAFF)):
            service.create_user(username, PASSWORD, role)
        yield found
    for opened in found.opened:
        opened.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_socket_without_a_log_in_is_refused(served: Served) -> None:
    with pytest.raises(Refused, match="not_logged_in"):
        served.socket()
    with pytest.raises(Refused, match="not_logged_in"):
        served.socket("durchwahl=made.up.cookie")
    assert served.realtime.open_sockets == 0


def test_a_page_of_another_house_cannot_open_a_socket(served: Served) -> None:
    anna = served.person("anna")
    for foreign in ("https://evil.example", served.url.replace("http", "https"), "null"):
        with pytest.raises(WebSocketBadStatusException) as refused:
            served.socket(anna.cookie, origin=foreign)
        assert refused.value.status_code == 400
    assert served.socket(anna.cookie, origin=served.url).is_open()


def test_the_origin_of_a_public_address_is_what_browsers_call_it() -> None:
    assert realtime._origin("https://ERP.example.de/durchwahl") == "https://erp.example.de"
    assert realtime._origin("http://erp.example.de:8080") == "http://erp.example.de:8080"


def test_one_socket_too_many_hears_why_and_one_that_closes_makes_room(served: Served) -> None:
    anna = served.person("anna")
    first, *_others = [served.socket(anna.cookie) for _ in range(LIMIT)]
    with pytest.raises(Refused, match="too_many_sockets"):
        served.socket(anna.cookie)
    first.close()
    _until(lambda: served.realtime.open_sockets == LIMIT - 1)
    assert served.socket(anna.cookie).is_open()


def test_connections_that_do_not_log_in_are_limited_too(served: Served) -> None:
    anna = served.person("anna")
    for _ in range(LIMIT + SPARE):
        served.socket(joining=False)
    with pytest.raises(WebSocketBadStatusException) as refused:
        served.socket(anna.cookie)
    assert refused.value.status_code == 503
    assert requests.get(f"{served.url}/login", timeout=5).status_code == 200


def test_who_does_not_log_in_for_long_is_shown_out(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = served.socket(served.person("anna").cookie)
    stranger = served.socket(joining=False)
    served.sweep()
    assert not stranger.is_cut(0.2)
    monkeypatch.setattr(realtime, "JOIN_SECONDS", 0.0)
    served.sweep()
    assert stranger.is_cut()
    assert anna.is_open()


def test_a_connection_that_does_not_close_when_asked_is_cut(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "CLOSE_SECONDS", 0.0)
    deaf = served.socket(served.person("anna").cookie)
    service.set_password(served.id_of("anna"), "another long password")
    # It never reads, so it never answers the server's good-bye.
    _until(lambda: served.realtime.open_sockets == 0)
    assert len(served.realtime.gate.connections()) == 1
    served.sweep()
    time.sleep(0.01)
    served.sweep()
    _until(lambda: not served.realtime.gate.connections())
    assert not deaf.is_open()


def test_a_socket_whose_connection_went_unnoticed_is_forgotten(served: Served) -> None:
    socket = served.socket(served.person("anna").cookie)
    # As when the browser leaves in the middle of its log-in: engineio has forgotten it, Socket.IO says nothing.
    served.realtime.socketio.server.environ.clear()
    served.sweep()
    assert served.realtime.open_sockets == 0
    assert not socket.is_open()


def test_the_log_out_closes_the_socket_at_once_and_no_other(served: Served) -> None:
    anna, elsewhere = served.person("anna"), served.person("anna")
    socket, other = served.socket(anna.cookie), served.socket(elsewhere.cookie)
    anna.post("/logout")
    assert socket.seconds_until_closed() < AT_ONCE
    assert other.is_open()
    with pytest.raises(Refused, match="not_logged_in"):
        served.socket(anna.cookie)


def test_a_stolen_cookie_opens_nothing_once_its_log_in_has_ended(served: Served) -> None:
    anna = served.person("anna")
    stolen = anna.cookie
    held = served.socket(stolen)
    anna.post("/logout")
    assert held.seconds_until_closed() < AT_ONCE
    with pytest.raises(Refused, match="not_logged_in"):
        served.socket(stolen)
    page = requests.get(f"{served.url}/addresses/", headers={"Cookie": stolen}, allow_redirects=False, timeout=5)
    assert (page.status_code, page.headers["Location"]) == (302, "/login?next=/addresses/")


def test_a_new_password_closes_the_sockets_of_all_other_log_ins(served: Served) -> None:
    anna, elsewhere = served.person("anna"), served.person("anna")
    own, other = served.socket(anna.cookie), served.socket(elsewhere.cookie)
    new = "a new long password"
    answer = anna.post("/account/password", present=PASSWORD, password=new, again=new)
    assert answer.status_code == 302
    assert other.seconds_until_closed() < AT_ONCE
    assert own.is_open()


def test_a_deactivated_user_loses_the_socket_at_once(served: Served) -> None:
    anna = served.person("anna")
    socket = served.socket(anna.cookie)
    ada = served.person("ada")
    values = {"name": "Anna", "email": "", "role": "staff", "language": "de", "timezone": "Europe/Berlin"}
    assert ada.post(f"/users/{served.id_of('anna')}", **values).status_code == 302
    assert socket.seconds_until_closed() < AT_ONCE
    assert not anna.is_logged_in()


def test_a_reset_password_closes_the_sockets(served: Served) -> None:
    socket = served.socket(served.person("anna").cookie)
    assert served.person("ada").post(f"/users/{served.id_of('anna')}/password").status_code == 302
    assert socket.seconds_until_closed() < AT_ONCE


def test_an_expired_log_in_closes_the_socket(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = served.socket(served.person("anna").cookie)
    served.app.extensions["durchwahl"].clock.advance((service.SESSION_DAYS + 1) * 24 * 3600)
    monkeypatch.setattr(realtime, "EXPIRY_SECONDS", 0.0)
    served.sweep()
    assert socket.seconds_until_closed() < AT_ONCE


def test_a_log_in_that_ended_elsewhere_closes_the_socket_even_if_the_database_was_away_first(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = served.socket(served.person("anna").cookie)
    served.sweep()
    # As another process would end it: no event reaches this one, only the version's number.
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(served.realtime, "close_sessions", lambda _hashes: None)
        service.set_password(served.id_of("anna"), "another long password")
    with monkeypatch.context() as away:
        away.setattr(service, "running_sessions", _fail)
        with pytest.raises(ConnectionError):
            served.realtime.sweep()
    assert socket.is_open()
    served.sweep()
    assert socket.seconds_until_closed() < AT_ONCE


def test_a_message_reaches_every_browser_of_the_users_and_nobody_else(served: Served) -> None:
    anna = served.person("anna")
    first, second = served.socket(anna.cookie), served.socket(anna.cookie)
    ben = served.socket(served.person("ben").cookie)
    served.realtime.emit("test", {"text": "hello"}, [served.id_of("anna")])
    assert first.next("test") == second.next("test") == {"text": "hello"}
    served.realtime.emit("test", "for ben", [served.id_of("ben")])
    assert ben.next("test") == "for ben"


def test_a_change_of_role_holds_at_once(served: Served) -> None:
    ada = served.person("ada")
    assert ada.get("/users/").status_code == 200
    service.create_user("second", PASSWORD, ADMINISTRATOR)
    service.update_user(served.id_of("ada"), role=STAFF)
    assert ada.get("/users/").status_code == 403
    service.update_user(served.id_of("ada"), role=ADMINISTRATOR)
    assert ada.get("/users/").status_code == 200


def test_closing_all_ends_every_connection(served: Served) -> None:
    socket = served.socket(served.person("anna").cookie)
    served.realtime.close_all()
    assert socket.is_cut()
    _until(lambda: not served.realtime.gate.connections())
    assert served.realtime.open_sockets == 0


def test_the_limit_of_the_gate_belongs_to_sockets_alone() -> None:
    statuses: list[str] = []
    gate = sockets.Gate(lambda environ, _start: [environ["PATH_INFO"].encode()], limit=0)
    assert gate({"PATH_INFO": "/login"}, lambda status, _headers: statuses.append(status)) == [b"/login"]
    assert gate({"PATH_INFO": "/socket.io/"}, lambda status, _headers: statuses.append(status)) == [b"too many sockets"]
    assert statuses == ["503 Service Unavailable"]


def _fail(_hashes: list[str]) -> set[str]:
    raise ConnectionError


def _until(true: Any) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
