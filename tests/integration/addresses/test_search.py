from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core.clock import FixedClock
from app.core.database import reading
from app.core.ui.leaves import Asked
from app.modules.addresses import contacts, services
from app.modules.addresses.api import phone_book, phone_book_all, search
from app.modules.addresses.listing import count_addresses, list_addresses
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import NumberInput
from tests.integration.addresses.conftest import person


@pytest.fixture
def some(make_address: Callable[..., int], clock: FixedClock) -> dict[str, int]:
    made = {
        "rheinwerk": make_address(
            "Rheinwerk Maschinenbau GmbH",
            "030 23125-100",
            NumberInput("030 23125-199", "fax"),
            contacts=[person("Max Mustermann", "030 23125-123", "0171 3920023", email="max@rheinwerk.example")],
            postcode="10115",
            city="Berlin",
            email="info@rheinwerk.example",
        ),
        "mueller": make_address("Müller & Söhne", "069 90009 100", postcode="60327", city="Frankfurt", is_supplier=True,
                                is_customer=True),
        "krueger": make_address("Sabine Krüger", "0171 3920010", kind="ms", postcode="50667", city="Köln",
                                contact_person="100 % zuverlässig"),
    }  # fmt: skip
    clock.advance(60)
    return made


def _found(some: dict[str, int], **more: Any) -> set[str]:
    rows = list_addresses(**more).rows
    assert count_addresses(**more) == len(rows)
    return {name for name, address_id in some.items() if address_id in {row.id for row in rows}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"rheinwerk", "mueller", "krueger"}),
        ("rhein", {"rheinwerk"}),
        ("MUELLER", {"mueller"}),
        ("muller soehne", {"mueller"}),
        ("Müller Köln", set()),
        ("krüger köln", {"krueger"}),
        ("mustermann", {"rheinwerk"}),
        ("max@rheinwerk", {"rheinwerk"}),
        ("info@rheinwerk.example", {"rheinwerk"}),
        ("60327", {"mueller"}),
        ("Berlin", {"rheinwerk"}),
        ("10001", {"mueller"}),
        ("030 23125", {"rheinwerk"}),
        ("+49 30 23125-123", {"rheinwerk"}),
        ("0049302312512", {"rheinwerk"}),
        ("(030) 23125 / 100", {"rheinwerk"}),
        ("0171 39200", {"rheinwerk", "krueger"}),
        ("01713920023", {"rheinwerk"}),
        ("rhein 030", {"rheinwerk"}),
        ("100 %", {"krueger"}),
        ("%", set()),
        ("31251", {"rheinwerk"}),
        ("23125-12", {"rheinwerk"}),
        ("125 Mustermann", {"rheinwerk"}),
        ("berlin max rheinwerk", {"rheinwerk"}),
        ("aschin", {"rheinwerk"}),
        ("s", {"krueger"}),
        ("kr", {"krueger"}),
        ("r b", {"rheinwerk"}),
        ("_", set()),
        ("';--", set()),
    ],
)
def test_an_address_is_found_by(some: dict[str, int], query: str, expected: set[str]) -> None:
    assert _found(some, query=query) == expected


def test_the_contact_that_was_searched_for_is_named(some: dict[str, int]) -> None:
    for query, number in (("mustermann", "+493023125123"), ("0171 3920023", "+491713920023")):
        rows = list_addresses(query=query).rows
        assert [(hit.name, hit.number.e164 if hit.number else "") for hit in rows[0].hits] == [
            ("Max Mustermann", number)
        ]


def test_archived_ones_have_a_filter_of_their_own(some: dict[str, int]) -> None:
    services.archive(some["mueller"])
    assert _found(some) == {"rheinwerk", "krueger"}
    assert _found(some, archived="archived") == {"mueller"}
    assert _found(some, archived="all", query="müller") == {"mueller"}
    with reading() as session:
        assert search(session, "müller") == []


def test_roles_filter(some: dict[str, int]) -> None:
    assert _found(some, role="supplier") == {"mueller"}
    assert _found(some, role="customer") == {"rheinwerk", "mueller", "krueger"}
    assert _found(some, role="employee") == set()


def test_an_archived_contact_is_no_longer_found(some: dict[str, int]) -> None:
    address = get_address(some["rheinwerk"])
    assert address is not None
    contacts.archive_contact(address.contacts[0].id)
    assert _found(some, query="mustermann") == set()


def test_lists_are_sorted_as_in_a_phone_book(make_address: Callable[..., int]) -> None:
    for name, city in (("Zander", "Aachen"), ("Ärger", "Bonn"), ("Arbeit", "Celle")):
        make_address(name, city=city)
    assert [row.name for row in list_addresses().rows] == ["Arbeit", "Ärger", "Zander"]
    assert [row.name for row in list_addresses(descending=True).rows] == ["Zander", "Ärger", "Arbeit"]
    assert [row.city for row in list_addresses(sort="city").rows] == ["Aachen", "Bonn", "Celle"]


def test_customer_numbers_are_sorted_as_numbers_and_none_comes_last(make_address: Callable[..., int]) -> None:
    make_address("Keine", is_customer=False)
    for number in ("10000", "9999", "100001"):
        make_address(f"Nummer {number}", customer_number=number)
    assert [row.customer_number for row in list_addresses(sort="customer_number").rows] == [
        "9999", "10000", "100001", None,
    ]  # fmt: skip
    assert [row.customer_number for row in list_addresses(sort="customer_number", descending=True).rows] == [
        "100001", "10000", "9999", None,
    ]  # fmt: skip


def test_the_best_come_first(make_address: Callable[..., int]) -> None:
    for name, values in (
        ("Zum Adler", {}),
        ("Adlerhof", {}),
        ("Adler", {"customer_number": "1"}),
        ("Bergadler", {}),
        ("Haus Adlerstein", {}),
        ("Café", {"customer_number": "adler"}),
    ):
        make_address(name, **values)
    with reading() as session:
        assert [hit.name for hit in search(session, "adler")] == [
            "Café", "Adler", "Adlerhof", "Haus Adlerstein", "Zum Adler", "Bergadler",
        ]  # fmt: skip
        assert [hit.name for hit in search(session, "adler", 2)] == ["Café", "Adler"]


def test_frequent_words_are_ranked_as_rare_ones_are(
    make_address: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(8):
        make_address(f"Adler {place}")
        make_address(f"Zum Adler {place}")
        make_address(f"Bergadler {place}", "0221 4710 1" if place == 5 else "")
    with reading() as session:
        for query, limit in (("adler", 30), ("adler", 12), ("adl", 20), ("zum adl", 5), ("0221 47", 5), ("dler", 7)):
            ranked = [hit.id for hit in search(session, query, limit)]
            assert ranked
            with monkeypatch.context() as patch:
                patch.setattr("app.modules.addresses.ranking.RANKED", 2)
                assert [hit.id for hit in search(session, query, limit)] == ranked
                patch.setattr("app.modules.addresses.walking.WALKED", 3)
                assert [hit.id for hit in search(session, query, limit)] == ranked


def test_the_pick_list_gives_town_and_customer_number(some: dict[str, int]) -> None:
    with reading() as session:
        hits = search(session, "rhein")
        assert [(hit.id, hit.name, hit.town, hit.customer_number) for hit in hits] == [
            (some["rheinwerk"], "Rheinwerk Maschinenbau GmbH", "10115 Berlin", "10000")
        ]
        assert search(session, " ") == []


def _book(text: str = "", sort: Any = "company", descending: bool = False) -> list[tuple[str, str, str]]:
    with reading() as session:
        page = phone_book(session, search=text, sort=sort, descending=descending, asked=Asked(), per_page=50)
        everything = list(phone_book_all(session, search=text, sort=sort, descending=descending))
    rows = list(page.rows)
    assert (rows, page.following) == (everything, None)
    return [(row.company, row.contact, row.e164) for row in rows]


RHEINWERK = "Rheinwerk Maschinenbau GmbH"


def test_the_phone_book_has_a_row_for_every_number_that_can_be_dialled(some: dict[str, int]) -> None:
    assert _book() == [
        ("Müller & Söhne", "", "+4969900091" + "00"),
        (RHEINWERK, "", "+493023125100"),
        (RHEINWERK, "Max Mustermann", "+491713920023"),
        (RHEINWERK, "Max Mustermann", "+493023125123"),
        ("Sabine Krüger", "", "+491713920010"),
    ]


def test_the_phone_book_is_sorted_by_each_column(some: dict[str, int]) -> None:
    assert [row[2] for row in _book(sort="number")] == sorted(row[2] for row in _book())
    assert [row[1] for row in _book(sort="contact", descending=True)][:2] == ["Max Mustermann"] * 2
    assert _book(descending=True)[0][0] == "Sabine Krüger"


def test_the_phone_book_is_searched_by_name_and_number(some: dict[str, int]) -> None:
    assert [row[2] for row in _book("mustermann")] == ["+491713920023", "+493023125123"]
    assert [row[2] for row in _book("030 23125")] == ["+493023125100", "+493023125123"]
    assert [row[2] for row in _book("rhein 0171")] == ["+491713920023"]
    assert _book("gibt es nicht") == []


def test_archived_ones_are_not_in_the_phone_book(some: dict[str, int]) -> None:
    services.archive(some["mueller"])
    address = get_address(some["rheinwerk"])
    assert address is not None
    contacts.archive_contact(address.contacts[0].id)
    assert [row[0] for row in _book()] == [RHEINWERK, "Sabine Krüger"]
