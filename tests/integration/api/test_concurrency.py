"""Several clients at the same moment, on a database that really commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.accounts.models import ApiToken
from app.core.database import reading
from app.modules.addresses.models import Address
from tests.integration.api.client import Api, api_for, ok

CLIENTS = 8


@pytest.fixture
def token(own_app: Flask) -> str:
    with own_app.app_context():
        return str(api_for(own_app).token)


def at_once(app: Flask, token: str, work: Callable[[Api, int], Any]) -> list[Any]:
    """What each of the clients returns; all begin at the same moment."""
    begin = threading.Barrier(CLIENTS)
    results: list[Any] = [None] * CLIENTS

    def run(place: int, api: Api) -> None:
        begin.wait(10)
        results[place] = work(api, place)

    apis = [Api(app, token) for _ in range(CLIENTS)]
    threads = [threading.Thread(target=run, args=(place, api)) for place, api in enumerate(apis)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert None not in results, "a client got no answer"
    return results


def test_each_new_customer_gets_a_number_of_its_own(own_app: Flask, token: str) -> None:
    def create(api: Api, place: int) -> list[str]:
        return [api.created(name=f"Firma {place}.{turn}")["customer_number"] for turn in range(4)]

    numbers = [number for found in at_once(own_app, token, create) for number in found]
    assert sorted(numbers) == [str(10000 + place) for place in range(CLIENTS * 4)]


def test_a_number_typed_by_several_is_given_to_one(own_app: Flask, token: str) -> None:
    def create(api: Api, place: int) -> int:
        return api.post("/addresses", {"name": f"Firma {place}", "customer_number": "K-1"}).status_code

    assert sorted(at_once(own_app, token, create)) == [201] + [409] * (CLIENTS - 1)


def test_of_several_changes_of_the_same_version_one_wins(own_app: Flask, token: str) -> None:
    api = Api(own_app, token)
    path = f"/addresses/{api.created()['id']}"

    def change(client: Api, place: int) -> int:
        return client.patch(path, {"version": 1, "city": f"Stadt {place}"}).status_code

    assert sorted(at_once(own_app, token, change)) == [200] + [409] * (CLIENTS - 1)
    assert ok(api.get(path))["version"] == 2


def test_archiving_at_once_archives_once(own_app: Flask, token: str) -> None:
    api = Api(own_app, token)
    path = f"/addresses/{api.created()['id']}"
    assert at_once(own_app, token, lambda client, _place: client.delete(path).status_code) == [204] * CLIENTS
    assert ok(api.get(path))["version"] == 2


def test_a_walk_misses_nothing_that_was_there_while_others_create(own_app: Flask, token: str) -> None:
    api = Api(own_app, token)
    there = [api.created(name=f"Firma {place}")["id"] for place in range(12)]

    def work(client: Api, place: int) -> list[int]:
        if place % 2:
            return [client.created(name="Neu")["id"] for _ in range(4)]
        return [item["id"] for item in client.walk("/addresses", limit=2)]

    for place, seen in enumerate(at_once(own_app, token, work)):
        if place % 2 == 0:
            assert len(seen) == len(set(seen))
            assert set(there) <= set(seen)


def test_the_first_use_of_a_token_by_several_is_kept(own_app: Flask, token: str) -> None:
    assert at_once(own_app, token, lambda api, _place: api.get("/addresses").status_code) == [200] * CLIENTS
    with own_app.app_context(), reading() as session:
        assert session.execute(select(ApiToken.last_used_at)).scalar_one() is not None
        assert session.execute(select(func.count()).select_from(Address)).scalar_one() == 0
