"""*Gemerkte Zuordnungen*: the list and the box on the page of an address; changing, removing, bringing back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.database import reading
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import archive, create_address, update_address
from app.modules.callcenter import choices, remembered
from app.modules.callcenter.domain.matching import Person
from tests.conftest import csrf_of, logged_in_client
from tests.integration.callcenter.phone_system import CUSTOMER_E164, PhoneSystem, call_id, the_call

PATH = "/callcenter/calls/remembered"


@pytest.fixture
def owners(app: Flask) -> tuple[int, int]:
    first, second = (create_address({"name": name}, [NumberInput("0171 3920001")]) for name in ("Erste", "Zweite"))
    return first, second


@pytest.fixture
def anna(make_user: Any) -> int:
    found: int = make_user(name="Anna Alt")
    return found


@pytest.fixture
def client(app: Flask, anna: int) -> FlaskClient:
    return logged_in_client(app, anna)


def text_of(client: FlaskClient, path: str = PATH) -> str:
    page = client.get(path).get_data(as_text=True)
    main = re.search(r"<main.*</main>", page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main.group() if main else ""))


def send(client: FlaskClient, **fields: Any) -> str:
    """Post to the list; the page that follows."""
    answer = client.post(PATH, data={"csrf_token": csrf_of(client, "/apps/"), **fields})
    assert answer.status_code == 302, answer.status_code
    return text_of(client, answer.headers["Location"])


def of(user_id: int | None) -> int | None:
    """The address that is remembered for the customer's number."""
    with reading() as session:
        found = {one.for_user: one.person.address_id for one in remembered.of_number(session, CUSTOMER_E164)}
    return found.get(user_id)


def test_an_empty_list_says_how_something_gets_there(client: FlaskClient) -> None:
    assert "Noch nichts gemerkt" in text_of(client)


def test_everybodys_and_ones_own_are_listed_and_nobody_elses(
    app: Flask, client: FlaskClient, anna: int, owners: tuple[int, int], make_user: Any
) -> None:
    ben = make_user(name="Ben Neu")
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[0]), ben)
    choices.set_remembered(CUSTOMER_E164, anna, Person(owners[1]), anna)
    text = text_of(client)
    assert re.search(r"0171 3920001 .*Zweite .*für mich Sie, .*0171 3920001 .*Erste .*für alle Ben Neu", text)
    bens = text_of(logged_in_client(app, ben))
    assert "Erste" in bens
    assert "für mich" not in bens


def test_a_choice_is_changed_and_the_change_undone(client: FlaskClient, anna: int, owners: tuple[int, int]) -> None:
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[0]), anna)
    said = send(client, number=CUSTOMER_E164, scope="all", who=owners[1])
    assert "Die Zuordnung ist gemerkt." in said
    assert of(None) == owners[1]
    send(client, number=CUSTOMER_E164, scope="all", who=owners[0])
    assert of(None) == owners[0]


def test_a_choice_is_removed_and_brought_back_by_the_button_that_is_offered(
    client: FlaskClient, anna: int, owners: tuple[int, int]
) -> None:
    choices.set_remembered(CUSTOMER_E164, anna, Person(owners[0]), anna)
    answer = client.post(
        PATH, data={"csrf_token": csrf_of(client, "/apps/"), "number": CUSTOMER_E164, "scope": "me", "who": ""}
    )
    assert of(anna) is None
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    form = page[page.index('class="undo"') :]
    fields = dict(re.findall(r'name="(number|scope|who|next)" value="([^"]*)"', form[: form.index("</form>")]))
    send(client, **fields)
    assert of(anna) == owners[0]


def test_removing_shows_the_ambiguity_at_a_call_that_rings(
    phones: PhoneSystem, client: FlaskClient, anna: int, owners: tuple[int, int]
) -> None:
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[0]), anna)
    phones.incoming(call_id())
    assert the_call().address_id == owners[0]
    send(client, number=CUSTOMER_E164, scope="all", who="")
    assert the_call().address_id is None


def test_without_effect_is_said_with_the_reason(client: FlaskClient, anna: int, owners: tuple[int, int]) -> None:
    third = create_address({"name": "Dritte"}, [NumberInput("0171 3920001")])
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[0]), anna)
    assert "ohne Wirkung" not in text_of(client)
    archive(owners[0])
    assert "ohne Wirkung: archiviert" in text_of(client)
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[1]), anna)
    update_address(owners[1], None, {}, [])
    assert "ohne Wirkung: die Nummer gehört jetzt anderen" in text_of(client)
    choices.set_remembered(CUSTOMER_E164, None, Person(third), anna)
    assert "ohne Wirkung: zurzeit hat niemand sonst die Nummer" in text_of(client)


def test_the_page_of_an_address_shows_what_is_remembered_of_it(
    client: FlaskClient, anna: int, owners: tuple[int, int]
) -> None:
    assert "Gemerkte Zuordnungen" not in text_of(client, f"/addresses/{owners[0]}")
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[0]), anna)
    text = text_of(client, f"/addresses/{owners[0]}")
    assert re.search(r"Gemerkte Zuordnungen .*0171 3920001 .*gemerkt für alle, Sie", text)
    assert "Gemerkte Zuordnungen" not in text_of(client, f"/addresses/{owners[1]}")
    back = f"/addresses/{owners[0]}"
    assert "entfernt" in send(client, number=CUSTOMER_E164, scope="all", who="", next=back)


def test_everybodys_choice_needs_the_permission_and_ones_own_does_not(
    app: Flask, client: FlaskClient, anna: int, owners: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[0]), anna)
    permissions = app.extensions["durchwahl"].permissions
    denied = type(permissions["callcenter.remember"])("callcenter.remember", "", staff=False)
    monkeypatch.setitem(permissions, "callcenter.remember", denied)
    assert "Entfernen" not in text_of(client)
    fields = {"csrf_token": csrf_of(client, "/apps/"), "number": CUSTOMER_E164, "who": ""}
    assert client.post(PATH, data={**fields, "scope": "all"}).status_code == 403
    assert client.post(PATH, data={**fields, "scope": "me"}).status_code == 302
    assert of(None) == owners[0]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"number": "0171", "scope": "me"}, 400),
        ({"number": CUSTOMER_E164, "scope": "call"}, 400),
        ({"number": CUSTOMER_E164, "scope": "me", "who": "x"}, 400),
        ({"number": CUSTOMER_E164, "scope": "me", "who": "4711"}, 404),
        ({"number": CUSTOMER_E164, "scope": "me", "who": "9" * 40}, 404),
    ],
)
def test_nonsense_is_refused(client: FlaskClient, fields: dict[str, str], status: int) -> None:
    sent = {"csrf_token": csrf_of(client, "/apps/"), **fields}
    assert client.post(PATH, data=sent).status_code == status


def test_open_lists_hear_of_every_choice_that_is_made_changed_or_removed(
    client: FlaskClient, anna: int, owners: tuple[int, int], browser: Any
) -> None:
    ben = browser()
    choices.set_remembered(CUSTOMER_E164, None, Person(owners[0]), anna)
    assert ben.heard("remembered") == [{"number": CUSTOMER_E164}]
    send(client, number=CUSTOMER_E164, scope="all", who="")
    assert ben.heard("remembered") == [{"number": CUSTOMER_E164}]
