"""Pages of the list of addresses and of the phone book: by place, in every order, forwards and backwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from itertools import product
from typing import Any, get_args

import pytest
from flask.testing import FlaskClient

from app.core.clock import FixedClock
from app.core.cursors import cursor_text
from app.core.database import reading
from app.core.ui.leaves import Asked, Leaf
from app.modules.addresses import services
from app.modules.addresses.listing import Sort, count_addresses, list_addresses
from app.modules.addresses.phonebook import Sort as BookSort
from app.modules.addresses.phonebook import phone_book, phone_book_all, phone_book_count
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import NumberInput
from tests.integration.addresses.conftest import person


@pytest.fixture
def book(make_address: Callable[..., int], clock: FixedClock) -> list[int]:
    """Same names, same towns, same numbers, several numbers at one, none at another."""
    made = []
    for place in range(17):
        own = [f"0221 4710 1{place % 5}0"] if place % 4 else []
        people = [
            person(f"Mia {chr(90 - place)}", f"030 23125 1{place:02}", f"0171 39200{place:02}"),
            person("Max Muster", "0221 4710 555"),
        ]
        made.append(
            make_address(
                ("Adler", "Zum Adler", "Bergadler")[place % 3],
                *own,
                NumberInput("0221 4710 999", "fax"),
                contacts=people if place % 3 == 0 else [],
                city=("Köln", "Bonn")[place % 2],
                is_customer=place % 5 != 0,
                is_supplier=place % 2 == 0,
            )
        )
        clock.advance(60 if place % 3 else 0)
    services.archive(made[7])
    return made


def _walked(page_of: Callable[[Asked], Leaf[Any]]) -> list[Any]:
    """All rows, page by page; going back on the way shows the same."""
    page = page_of(Asked())
    rows, pages = list(page.rows), [page]
    while page.following is not None:
        page = page_of(Asked(page.following))
        assert len(pages) < 100, "the pages do not end"
        rows += page.rows
        pages.append(page)
    for earlier in reversed(pages[:-1]):
        page = page_of(Asked(page.previous, backwards=True))
        assert page.rows == earlier.rows
    assert page.previous is None
    return rows


def test_the_pages_of_the_list_are_the_whole_list(book: list[int]) -> None:
    for sort, descending, query in product(get_args(Sort), (False, True), ("", "adler", "a", "köln adl")):

        def page_of(asked: Asked, per_page: int = 5, sort: Sort = sort, down: bool = descending, q: str = query) -> Any:
            return list_addresses(query=q, sort=sort, descending=down, asked=asked, per_page=per_page)

        whole = page_of(Asked(), 50).rows
        assert whole
        assert _walked(page_of) == list(whole), (sort, descending, query)
        assert page_of(Asked(backwards=True)).rows == whole[-5:]
        if not query:
            assert {row.id for row in whole} == set(book) - {book[7]}


@pytest.mark.parametrize("search", ["", "max", "adler", "a", "0221 47"])
def test_the_pages_of_the_phone_book_are_the_whole_phone_book(book: list[int], search: str) -> None:
    with reading() as session:
        whole: Sequence[Any] = ()
        for sort, descending in product(get_args(BookSort), (False, True)):
            kind: dict[str, Any] = {"search": search, "sort": sort, "descending": descending}

            def page_of(asked: Asked, per_page: int = 4, kind: dict[str, Any] = kind) -> Leaf[Any]:
                return phone_book(session, **kind, asked=asked, per_page=per_page)

            whole = page_of(Asked(), 100).rows
            assert len(whole) > 4
            assert _walked(page_of) == list(whole), kind
            assert page_of(Asked(backwards=True)).rows == whole[-4:]
            assert list(phone_book_all(session, **kind)) == list(whole)
        if not search:
            assert phone_book_count(session) == len(whole)


def test_pages_of_frequent_words_are_those_of_rare_ones(book: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def pages(query: str) -> list[int]:
        return [
            row.id for row in _walked(lambda asked: list_addresses(query=query, sort="rank", asked=asked, per_page=4))
        ]

    for query in ("adler", "zum adler", "köln adler", "gadl", "0221 47", "23125"):
        rare = pages(query)
        with monkeypatch.context() as patch:
            patch.setattr("app.modules.addresses.ranking.RANKED", 2)
            assert pages(query) == rare
            patch.setattr("app.modules.addresses.walking.WALKED", 3)
            assert pages(query) == rare


def test_numbers_that_are_saved_anew_while_somebody_leafs_are_not_left_out(book: list[int]) -> None:
    with reading() as session:
        first = phone_book(session, search="", sort="company", descending=False, asked=Asked(), per_page=3)
        everything = list(phone_book_all(session, search="", sort="company", descending=False))
    last = first.rows[-1]
    address = get_address(last.address_id)
    assert address is not None
    services.update_address(last.address_id, None, {}, [NumberInput(one.raw, one.kind) for one in address.numbers])
    with reading() as session:
        second = phone_book(
            session, search="", sort="company", descending=False, asked=Asked(first.following), per_page=100
        )
    assert [row.e164 for row in second.rows][-len(everything) + 3 :] == [row.e164 for row in everything[3:]]


def test_counts_stop_at_a_limit(book: list[int]) -> None:
    assert count_addresses() == 16
    assert count_addresses(5) == 6
    assert count_addresses(query="adler") == 16
    assert count_addresses(5, query="adler") == 6
    assert count_addresses(role="supplier", archived="all") == 9


def _names(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.findall(r'class="address-name"[^>]*>([^<]+)<', unescape(answer.get_data(as_text=True)))


@pytest.fixture
def many(make_address: Callable[..., int]) -> list[str]:
    for place in range(120):
        make_address(f"Firma {place:03}", f"0221 4710 {place:03}")
    return [f"Firma {place:03}" for place in range(120)]


def test_old_links_to_a_page_lead_to_it(staff: FlaskClient, many: list[str]) -> None:
    assert _names(staff, "/addresses/?page=2") == many[50:100]
    assert _names(staff, "/addresses/?page=3") == many[100:]
    for odd in ("0", "1", "4", "-1", "x", "9999999"):
        assert _names(staff, f"/addresses/?page={odd}") == many[:50]
    assert "Firma 050" in staff.get("/callcenter/?page=2").get_data(as_text=True)


def test_the_ends_of_the_list_are_a_click_away(staff: FlaskClient, many: list[str]) -> None:
    assert _names(staff, "/addresses/?before=end") == many[-50:]
    page = staff.get("/addresses/").get_data(as_text=True)
    assert "1–50 von 120" in page
    assert 'href="/addresses/?before=end"' in page
    last = staff.get("/addresses/?before=end").get_data(as_text=True)
    assert "insgesamt 120" in last
    assert 'rel="next"' not in last


def test_what_is_no_place_shows_the_first_page(staff: FlaskClient, many: list[str]) -> None:
    for odd in ("x", "end", cursor_text(0, "x"), cursor_text(0, "\x00", 1), cursor_text(7, "a", 1)):
        assert _names(staff, f"/addresses/?after={odd}") == many[:50]
        assert staff.get(f"/callcenter/?after={odd}&before={odd}&sort=number").status_code == 200


def test_more_than_are_counted_is_said_so(staff: FlaskClient, many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.modules.addresses.views.listing.MOST_FOUND", 60)
    monkeypatch.setattr("app.modules.addresses.listing.MOST_FOUND", 60)
    page = staff.get("/addresses/?q=firma").get_data(as_text=True)
    assert "1–50 von mehr als 60" in page
