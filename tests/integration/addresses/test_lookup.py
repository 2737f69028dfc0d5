from __future__ import annotations

from collections.abc import Callable
from typing import Any

from click.testing import CliRunner
from flask import Flask
from sqlalchemy import event, select, update

from app.core.database import reading, transaction
from app.modules.addresses import contacts as contact_services
from app.modules.addresses import services
from app.modules.addresses.api import address_name, contact_belongs, find_by_number
from app.modules.addresses.models import PhoneNumber
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import NumberInput
from tests.integration.addresses.conftest import found, names, person


def test_a_stored_number_finds_its_owner(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", NumberInput("030 23125-100", "phone", "Zentrale"))
    matches = found("+493023125100")
    assert matches.grade == "exact"
    match = matches.matches[0]
    assert (match.grade, match.address_id, match.contact_id) == ("exact", address_id, None)
    assert (match.name, match.company, match.customer_number) == ("Rheinwerk", "Rheinwerk", "10000")
    assert (match.number, match.label, match.kind) == ("+493023125100", "Zentrale", "phone")
    assert (match.archived, match.path) == (False, f"/addresses/{address_id}")


def test_a_contacts_number_finds_the_contact_with_the_company(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max Mustermann", "030 23125 123")])
    match = found("+493023125123").matches[0]
    assert (match.name, match.company) == ("Max Mustermann", "Rheinwerk")
    assert match.path == f"/addresses/{address_id}?contact={match.contact_id}"


def test_a_person_has_no_company(make_address: Callable[..., int]) -> None:
    make_address("Sabine Krüger", "0171 3920010", kind="ms")
    assert found("+491713920010").matches[0].company is None


def test_behind_a_switchboard_the_company_is_found(make_address: Callable[..., int]) -> None:
    make_address("Rheinwerk", "030 23125 10-0", contacts=[person("Max", "030 23125 10-3")])
    assert (found("+493023125105").grade, names("+493023125105")) == ("switchboard", ["Rheinwerk"])
    assert (found("+493023125103").grade, names("+493023125103")) == ("exact", ["Max"])
    assert found("+493023125115").grade == "none"


def test_a_number_marked_by_hand_stands_for_all_that_begin_like_it(make_address: Callable[..., int]) -> None:
    make_address("Amt", NumberInput("030 23125 30", "phone", switchboard=True))
    assert names("+49302312530") == ["Amt"]
    assert found("+493023125301").grade == "switchboard"


def test_a_fax_is_no_switchboard(make_address: Callable[..., int]) -> None:
    make_address("Amt", NumberInput("030 23125 30-0", "fax"))
    assert found("+493023125305").grade == "none"
    assert found("+493023125300").grade == "exact"


def test_who_is_archived_is_found_only_where_nobody_else_is(make_address: Callable[..., int]) -> None:
    old = make_address("Alt", "030 23125 100")
    services.archive(old)
    assert (names("+493023125100"), found("+493023125100").matches[0].archived) == (["Alt"], True)
    make_address("Neu", "030 23125 100")
    assert names("+493023125100") == ["Neu"]


def test_several_people_share_a_number(make_address: Callable[..., int]) -> None:
    make_address("Annette Wächter", "030 23125 720", kind="ms")
    make_address("Uwe Wächter", "030 23125 720", kind="mr")
    assert names("+493023125720") == ["Annette Wächter", "Uwe Wächter"]


def test_the_limit_holds_and_the_best_come_first(make_address: Callable[..., int]) -> None:
    people = [person(f"Person {place:02}", "030 23125 720", "030 23125 720") for place in range(20)]
    services.archive(make_address("Alt", "030 23125 720"))
    make_address("Rheinwerk", "030 23125 720", contacts=people)
    with reading() as session:
        matches = find_by_number(session, "+493023125720", limit=5).matches
    assert [match.name for match in matches] == [f"Person {place:02}" for place in range(5)]


def test_the_lookup_is_one_query(make_address: Callable[..., int], kernel: Any) -> None:
    make_address("Rheinwerk", "030 23125 10-0", contacts=[person("Max", "030 23125 10-3")])
    statements: list[str] = []

    def count(*details: Any) -> None:
        statements.append(details[2])

    with reading() as session:
        event.listen(kernel.database.engine, "before_cursor_execute", count)
        find_by_number(session, "+493023125103")
        event.remove(kernel.database.engine, "before_cursor_execute", count)
    assert len([one for one in statements if one.startswith("SELECT")]) == 1
    assert " LIKE " not in statements[-1].upper()


def test_nothing_is_found_by_nothing(make_address: Callable[..., int]) -> None:
    make_address("Ohne Nummer", "unlesbar")
    for text in ("", "+", "100", "anonymous"):
        assert found(text).grade == "none"


def test_names_and_contacts_can_be_asked_for(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max")])
    address = get_address(address_id)
    assert address is not None
    with reading() as session:
        assert address_name(session, address_id) == "Rheinwerk"
        assert address_name(session, 99) is None
        assert contact_belongs(session, address_id, None)
        assert contact_belongs(session, address_id, address.contacts[0].id)
        assert not contact_belongs(session, address_id + 1, address.contacts[0].id)
        assert not contact_belongs(session, 99, None)


def test_rebuilding_restores_what_was_read_and_touches_nothing_else(
    app: Flask, make_address: Callable[..., int], heard: list[Any]
) -> None:
    address_id = make_address("Rheinwerk", "030 23125 10-0", contacts=[person("Max", "030 23125 123", "unlesbar")])
    with transaction() as session:
        session.execute(update(PhoneNumber).where(PhoneNumber.stem.is_not(None)).values(stem=None, e164="+4900000"))
    assert found("+493023125105").grade == "none"
    heard.clear()
    done = CliRunner().invoke(app.cli, ["addresses", "rebuild-numbers"])
    assert (done.exit_code, done.output) == (0, "Read 3 phone numbers again, 1 of them changed.\n")
    assert found("+493023125105").grade == "switchboard"
    assert [(event.address_id, event.e164s) for event in heard] == [(address_id, {"+4900000", "+493023125100"})]
    again = CliRunner().invoke(app.cli, ["addresses", "rebuild-numbers"])
    assert again.output == "Read 3 phone numbers again, 0 of them changed.\n"


def test_an_archived_contacts_number_stays_readable(make_address: Callable[..., int]) -> None:
    address = get_address(make_address("Rheinwerk", contacts=[person("Max", "030 23125 123")]))
    assert address is not None
    contact_services.archive_contact(address.contacts[0].id)
    assert found("+493023125123").matches[0].archived
    with reading() as session:
        assert session.execute(select(PhoneNumber.raw)).scalars().all() == ["030 23125 123"]
