"""``GET /api/v1/calls``: each field, each filter, and walks while calls come in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.core.accounts import service
from app.core.clock import FixedClock
from app.core.database import transaction
from app.core.rest import encode_cursor
from app.modules.callcenter import connecting
from app.modules.callcenter.connections import address
from app.modules.callcenter.models import CallRow
from tests.conftest import NOW
from tests.integration.api.client import Api, ok, refused
from tests.integration.callcenter.phone_system import (
    ANNA,
    LINE,
    PhoneSystem,
    call_id,
    configure,
    give_account,
    give_line,
    the_call,
)


@pytest.fixture
def phones(app: Flask) -> PhoneSystem:
    configure(app)
    return PhoneSystem(app)


@pytest.fixture
def anna(app: Flask) -> int:
    user_id = service.create_user("Anna", "a long passphrase", "staff", name="Anna Schmidt")
    give_account(app, user_id, ANNA)
    return user_id


def ids(answer: Any) -> list[int]:
    return [item["id"] for item in ok(answer)["items"]]


class TestACall:
    def test_tells_which_of_several_telephone_systems_it_came_from(
        self, app: Flask, api: Api, phones: PhoneSystem
    ) -> None:
        cti = connecting.add("cti", "Werkstatt")
        phones.incoming(call_id())
        told = {"event": "newCall", "callId": "c1", "direction": "in", "from": "01713920001", "to": LINE}
        app.test_client().post(address(cti, ""), json=told)
        here, there = ok(api.get("/calls"))["items"]
        assert (here["provider"], here["connection"]) == ("cti", {"key": cti.key, "name": "Werkstatt"})
        assert there["connection"] == {"key": "placetel", "name": "Placetel"}
        assert ids(api.get("/calls", connection=cti.key)) == [here["id"]]

    def test_rings_with_who_it_may_be(self, app: Flask, api: Api, phones: PhoneSystem) -> None:
        give_line(app)
        address = api.created(
            name="Muster GmbH", contacts=[{"name": "Max Muster", "phone_numbers": [{"raw": "0171 39200 01"}]}]
        )
        external = call_id()
        phones.incoming(external)
        (call,) = ok(api.get("/calls"))["items"]
        assert call == {
            "id": the_call().id,
            "provider": "placetel",
            "connection": {"key": "placetel", "name": "Placetel"},
            "call_id": external,
            "direction": "in",
            "phase": "ringing",
            "outcome": None,
            "remote": {
                "raw": "01713920001",
                "e164": "+491713920001",
                "display": "0171 3920001",
                "kind": "dialable",
                "origin": {"country": "DE", "place": None, "line_type": "mobile"},
                "colleague": None,
            },
            "line": {"number": "+493023125100", "name": "Zentrale"},
            "user": None,
            "received_at": "2026-11-23T10:10:16.000Z",
            "answered_at": None,
            "ended_at": None,
            "waiting_seconds": None,
            "talk_seconds": None,
            "matches": ok(api.get("/lookup", number="01713920001"))["matches"],
        }
        assert call["matches"][0]["address_id"] == address["id"]
        assert ok(api.get(f"/calls/{call['id']}")) == call

    def test_is_talked_and_ended(self, api: Api, phones: PhoneSystem, clock: FixedClock, anna: int) -> None:
        external = call_id()
        phones.incoming(external)
        clock.advance(7)
        phones.accepted(external)
        talking = ok(api.get(f"/calls/{the_call().id}"))
        assert (talking["phase"], talking["outcome"]) == ("talking", None)
        assert talking["answered_at"] == "2026-11-23T10:10:23.000Z"
        assert talking["user"] == {"id": anna, "username": "Anna", "name": "Anna Schmidt"}
        clock.advance(42)
        phones.hung_up(external, duration="42")
        ended = ok(api.get(f"/calls/{the_call().id}"))
        assert (ended["phase"], ended["outcome"]) == ("ended", "accepted")
        assert (ended["waiting_seconds"], ended["talk_seconds"]) == (7, 42)
        assert ended["ended_at"] == "2026-11-23T10:11:05.000Z"

    def test_goes_out_from_the_account_of_a_user(self, api: Api, phones: PhoneSystem, anna: int) -> None:
        phones.outgoing(call_id(), target="23")
        (call,) = ok(api.get("/calls"))["items"]
        assert (call["direction"], call["user"]["username"]) == ("out", "Anna")
        assert call["remote"] == {
            "raw": "23",
            "e164": None,
            "display": "23",
            "kind": "internal",
            "origin": None,
            "colleague": {"name": "", "extension": "23"},
        }

    @pytest.mark.parametrize(
        ("caller", "kind"),
        [("anonymous", "withheld"), ("7771000009@fpbx.de", "sip"), ("000000000", "unverified"), ("23", "internal")],
    )
    def test_comes_from_whoever_it_is(self, api: Api, phones: PhoneSystem, caller: str, kind: str) -> None:
        phones.incoming(call_id(), caller=caller)
        (call,) = ok(api.get("/calls"))["items"]
        assert (call["remote"]["kind"], call["remote"]["e164"], call["matches"]) == (kind, None, [])

    def test_whose_direction_nobody_told_is_answered_all_the_same(self, api: Api, phones: PhoneSystem) -> None:
        phones.tell("HungUp", call_id(), **{"from": "01713920001", "to": LINE, "type": "missed", "duration": "0"})
        (call,) = ok(api.get("/calls"))["items"]
        assert call["direction"] is None
        assert call["line"] is None
        assert call["remote"] == {
            "raw": "",
            "e164": None,
            "display": "",
            "kind": "withheld",
            "origin": None,
            "colleague": None,
        }

    def test_that_nobody_had_is_not_found(self, api: Api) -> None:
        refused(api.get("/calls/1"), 404, "not_found")

    def test_keeps_the_names_that_were_shown(self, api: Api, phones: PhoneSystem, clock: FixedClock) -> None:
        address = api.created(phone_numbers=[{"raw": "0171 39200 01"}])
        external = call_id()
        phones.incoming(external)
        clock.advance(timedelta(days=2).total_seconds())
        api.patch(f"/addresses/{address['id']}", {"name": "Umbenannt GmbH"})
        assert ok(api.get("/calls"))["items"][0]["matches"][0]["name"] == "Muster GmbH"


class TestFilters:
    @pytest.fixture(autouse=True)
    def _calls(self, app: Flask, phones: PhoneSystem, clock: FixedClock, anna: int) -> None:
        """Four calls, a minute apart: missed by a customer, accepted on a second line, outgoing, still ringing."""
        give_line(app)
        self.external = [call_id() for _ in range(4)]
        missed, accepted, outgoing, ringing = self.external
        phones.incoming(missed)
        phones.hung_up(missed, type="missed", duration="0")
        clock.advance(60)
        phones.incoming(accepted, caller="0041446681800", line="03023125200")
        phones.accepted(accepted, caller="0041446681800", line="03023125200")
        phones.hung_up(accepted)
        clock.advance(60)
        phones.outgoing(outgoing, target="23")
        clock.advance(60)
        phones.incoming(ringing, caller="anonymous")
        self.anna = anna

    def found(self, api: Api, **query: Any) -> list[int]:
        """The places of the calls found, newest first."""
        return [self.external.index(item["call_id"]) for item in ok(api.get("/calls", **query))["items"]]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, [3, 2, 1, 0]),
            ({"provider": "placetel"}, [3, 2, 1, 0]),
            ({"provider": "other"}, []),
            ({"connection": "placetel"}, [3, 2, 1, 0]),
            ({"connection": "other"}, []),
            ({"direction": "in"}, [3, 1, 0]),
            ({"direction": "out"}, [2]),
            ({"phase": "ended"}, [1, 0]),
            ({"phase": "ringing"}, [3, 2]),
            ({"phase": "talking"}, []),
            ({"outcome": "missed"}, [0]),
            ({"outcome": "accepted"}, [1]),
            ({"outcome": "congestion"}, []),
            ({"user": "anna"}, [2, 1]),
            ({"user": "ANNA "}, [2, 1]),
            ({"user": "nobody"}, []),
            ({"user": "999999999999"}, []),
            ({"line": "030 23125-100"}, [3, 2, 0]),
            ({"line": "+493023125200"}, [1]),
            ({"line": "0221 4710 123"}, []),
            ({"number": "0171 39200 01"}, [0]),
            ({"number": "+491713920001"}, [0]),
            ({"number": "491713920001"}, [0]),
            ({"number": "+41 44 668 18 00"}, [1]),
            ({"number": "23"}, [2]),
            ({"number": "anonymous"}, [3]),
            ({"number": "24"}, []),
            ({"since": "2026-11-23T10:11:16Z"}, [3, 2, 1]),
            ({"since": "2026-11-23T10:11:16.001Z"}, [3, 2]),
            ({"since": "2026-11-23T11:11:16+01:00"}, [3, 2, 1]),
            ({"since": "2026-11-23T10:11:16"}, [3, 2, 1]),
            ({"since": "2026-11-23"}, [3, 2, 1, 0]),
            ({"since": "2026-11-24"}, []),
            ({"until": "2026-11-23T10:11:16Z"}, [0]),
            ({"until": "2026-11-23T10:11:16.001Z"}, [1, 0]),
            ({"since": "2026-11-23T10:11:00Z", "until": "2026-11-23T10:13:00Z"}, [2, 1]),
            ({"direction": "in", "phase": "ended", "outcome": "accepted", "user": "Anna", "line": "03023125200"}, [1]),
        ],
    )
    def test_find_what_they_say(self, api: Api, query: dict[str, Any], found: list[int]) -> None:
        assert self.found(api, **query) == found

    def test_take_the_id_of_the_telephone_system(self, api: Api) -> None:
        for place, external in enumerate(self.external):
            assert self.found(api, call_id=external) == [place]
        assert self.found(api, call_id="x") == []

    def test_take_the_number_of_a_user_unless_somebody_is_called_so(self, api: Api) -> None:
        assert self.found(api, user=self.anna) == [2, 1]
        service.create_user(str(self.anna), "a long passphrase", "staff")
        assert self.found(api, user=self.anna) == []

    def test_understand_a_plus_that_was_not_escaped(self, api: Api) -> None:
        answer = api.request("GET", "/calls?number=+491713920001&since=2026-11-23T11:00:00+01:00&line=+493023125100")
        assert [item["call_id"] for item in ok(answer)["items"]] == [self.external[0]]

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ({"direction": "sideways"}, "direction"),
            ({"phase": ""}, "phase"),
            ({"outcome": "null"}, "outcome"),
            ({"since": "yesterday"}, "since"),
            ({"since": ""}, "since"),
            ({"until": "2026-13-01"}, "until"),
            ({"until": "0001-01-01T00:00:00+14:00"}, "until"),
            ({"since": "9999-12-31T23:59:59-14:00"}, "since"),
            ({"call_id": "x" * 201}, "call_id"),
            ({"id": "1"}, "id"),
        ],
    )
    def test_refuse_what_they_cannot_be(self, api: Api, query: dict[str, Any], parameter: str) -> None:
        refused(api.get("/calls", **query), 422, "invalid", parameter)

    @pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59:59.999999Z"])
    def test_take_the_ends_of_time(self, api: Api, text: str) -> None:
        ok(api.get("/calls", since=text))
        ok(api.get("/calls", until=text))

    def test_hold_on_every_page(self, api: Api) -> None:
        assert [item["call_id"] for item in api.walk("/calls", direction="in", limit=1)] == [
            self.external[3],
            self.external[1],
            self.external[0],
        ]


class TestPages:
    def test_calls_received_at_the_same_moment_are_each_seen_once(self, api: Api, phones: PhoneSystem) -> None:
        for _ in range(7):
            phones.incoming(call_id())
        whole = ids(api.get("/calls"))
        assert whole == sorted(whole, reverse=True)
        for limit in (1, 2, 3, 6, 7):
            assert [item["id"] for item in api.walk("/calls", limit=limit)] == whole

    def test_are_walked_without_gaps_or_doubles_while_calls_come_in(
        self, api: Api, phones: PhoneSystem, clock: FixedClock
    ) -> None:
        for _ in range(9):
            phones.incoming(call_id())
            clock.advance(1)
        there = ids(api.get("/calls"))
        seen: list[int] = []
        cursor: dict[str, str] = {}
        while True:
            page = ok(api.get("/calls", limit=2, **cursor))
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
            phones.incoming(call_id())
            phones.hung_up(call_id())
            clock.advance(1)
        assert seen == there

    def test_keep_the_order_to_the_microsecond(self, api: Api, phones: PhoneSystem) -> None:
        for place in range(3):
            phones.incoming(external := call_id())
            with transaction() as session:
                moment = NOW + timedelta(microseconds=3 - place)
                session.execute(update(CallRow).where(CallRow.external_id == external).values(received_at=moment))
        whole = ids(api.get("/calls"))
        assert whole == sorted(whole)
        assert [item["id"] for item in api.walk("/calls", limit=1)] == whole

    @pytest.mark.parametrize("moment", ["2026-11-23", "2026-11-23T10:00:00", "2026-11-23T10:00:00+01:00", "now", ""])
    def test_take_no_cursor_with_an_odd_time(self, api: Api, moment: str) -> None:
        refused(api.get("/calls", cursor=encode_cursor(moment, 5)), 422, "invalid", "cursor")

    def test_a_page_of_calls_costs_one_query_whatever_its_length(
        self, app: Flask, api: Api, phones: PhoneSystem
    ) -> None:
        from sqlalchemy import event

        def cost() -> int:
            asked: list[str] = []
            engine = app.extensions["durchwahl"].database.engine
            listener = lambda *arguments: asked.append(arguments[2])  # noqa: E731 (removed again below by its name)
            event.listen(engine, "before_cursor_execute", listener)
            ok(api.get("/calls"))
            event.remove(engine, "before_cursor_execute", listener)
            return len([statement for statement in asked if "callcenter_call" in statement])

        phones.incoming(call_id())
        assert cost() == 1
        for _ in range(5):
            phones.incoming(call_id())
        assert cost() == 1


class TestWhileTheModuleIsInactive:
    def test_calls_are_not_there_and_addresses_are(self, app: Flask, api: Api, phones: PhoneSystem) -> None:
        phones.incoming(call_id())
        states = app.extensions["durchwahl"].states
        states.set_active("callcenter", False)
        refused(api.get("/calls"), 404, "not_found")
        refused(api.post("/calls", {"number": "0221 4710 123", "idempotency_key": "a"}), 404, "not_found")
        ok(api.get("/addresses"))
        states.set_active("callcenter", True)
        assert len(ok(api.get("/calls"))["items"]) == 1
