from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from app.core.database import reading, transaction
from app.modules.addresses import contacts as contact_services
from app.modules.addresses import lookup, services
from app.modules.addresses.api import address_name, contact_belongs, find_by_number
from app.modules.addresses.models import PhoneNumber
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import NumberInput
from tests import watching
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


def test_the_durchwahl_behind_a_switchboard_is_told(make_address: Callable[..., int]) -> None:
    make_address("Rheinwerk", "030 23125 10-0", contacts=[person("Max", "030 23125 10-3")])
    assert [(match.number, match.extension) for match in found("+493023125105").matches] == [("+493023125100", "5")]
    assert [match.extension for match in found("+493023125103").matches] == [""]


def test_the_stem_itself_is_the_company_without_a_durchwahl(make_address: Callable[..., int]) -> None:
    make_address("Rheinwerk", "0221 4710-0")
    matches = found("+492214710")
    assert (matches.grade, [match.extension for match in matches.matches]) == ("switchboard", [""])


def test_a_company_number_without_a_final_0_is_a_switchboard_when_marked(make_address: Callable[..., int]) -> None:
    make_address("Amt", NumberInput("0221 29191", switchboard=True))
    make_address("Kanzlei", NumberInput("0221 29192 (Zentrale)"))
    make_address("Laden", NumberInput("0221 29193"))
    assert [(one.name, one.extension) for one in found("+4922129191999").matches] == [("Amt", "999")]
    assert [(one.name, one.extension) for one in found("+4922129192999").matches] == [("Kanzlei", "999")]
    assert found("+4922129193999").grade == "none"


def test_a_mobile_number_is_no_switchboard_whatever_is_said_of_it(make_address: Callable[..., int]) -> None:
    make_address(
        "Handy", NumberInput("0171 39200 10", "mobile", switchboard=True), NumberInput("0171 39200 11 Zentrale")
    )
    make_address("Hotline", NumberInput("0800 1234560", switchboard=True))
    for caller in ("+4917139200101", "+4917139200115", "+4980012345601"):
        assert found(caller).grade == "none"
    assert found("+491713920010").grade == "exact"


def test_a_short_stem_swallows_no_subscriber_of_its_town(make_address: Callable[..., int]) -> None:
    make_address("Kurz", "0221 47-0", "089 21-0")
    assert found("+49221471234").matches[0].extension == "1234"
    assert found("+492214710123").grade == "none"
    assert found("+498921123").grade == "none"


def test_the_next_longer_stem_counts_where_the_longest_is_no_switchboard_of_the_caller(
    make_address: Callable[..., int],
) -> None:
    make_address("Konzern", "0221 4710-0")
    make_address("Niederlassung", NumberInput("0221 4710-50", switchboard=True))
    assert [(one.name, one.extension) for one in found("+492214710507").matches] == [("Niederlassung", "7")]
    assert [(one.name, one.extension) for one in found("+492214710407").matches] == [("Konzern", "407")]


def test_in_austria_too(make_address: Callable[..., int]) -> None:
    make_address("Wien", "01 58858-0", country="AT")
    make_address("Ministerium", "+43 1 711 00-0")
    assert [(one.name, one.extension) for one in found("+4315885812").matches] == [("Wien", "12")]
    assert [(one.name, one.extension) for one in found("+4317110060614").matches] == [("Ministerium", "60614")]
    assert found("+43171100606145").grade == "none"


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


def test_whoever_has_more_numbers_than_are_read_in_no_order_is_answered_alike(
    make_address: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    services.archive(make_address("Alt", "030 23125 10-0", "030 23125 10-3"))
    make_address(
        "Rheinwerk", "030 23125 10-0", contacts=[person("Max", "030 23125 10-3"), person("Eva", "030 23125 103")]
    )
    make_address("Amt", NumberInput("030 23125 10", switchboard=True), NumberInput("030 23125 103", "mobile"))
    callers = [f"+49302312510{end}" for end in ("", "0", "3", "4", "34", "03")]
    in_no_order = [found(caller) for caller in callers]
    for few in range(1, 5):
        monkeypatch.setattr(lookup, "UNSORTED", few)
        assert [found(caller) for caller in callers] == in_no_order
    assert len({matches.grade for matches in in_no_order}) == 2


def test_the_lookup_is_one_query(make_address: Callable[..., int], kernel: Any) -> None:
    make_address("Rheinwerk", "030 23125 10-0", contacts=[person("Max", "030 23125 10-3")])
    with watching.statements(kernel.database) as heard, reading() as session:
        find_by_number(session, "+493023125103")
    asked = [one for one in heard if one.startswith("SELECT")]
    assert len(asked) == 1
    assert " LIKE " not in asked[0].upper()


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
