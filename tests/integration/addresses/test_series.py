"""Customer and supplier numbers: given out once each, also when many ask at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.core.database import transaction
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import Invalid
from app.modules.addresses.services import create_address, update_address
from app.modules.addresses.settings import AddressSettings

THREADS = 8
EACH = 5


def _number(address_id: int, series: str = "customer_number") -> Any:
    address = get_address(address_id)
    return getattr(address, series)


def test_numbers_are_given_out_in_order(make_address: Callable[..., int]) -> None:
    assert [_number(make_address(f"Firma {place}")) for place in range(3)] == ["10000", "10001", "10002"]
    supplier = make_address("Lieferant", is_supplier=True)
    assert (_number(supplier), _number(supplier, "supplier_number")) == (None, "70000")


def test_a_number_typed_by_hand_is_kept_and_skipped_later(make_address: Callable[..., int]) -> None:
    assert _number(make_address("Von Hand", customer_number="10001")) == "10001"
    assert [_number(make_address(f"Firma {place}")) for place in range(2)] == ["10000", "10002"]


def test_many_numbers_typed_by_hand_are_skipped_too(make_address: Callable[..., int]) -> None:
    for number in range(10000, 10210):
        make_address(f"Import {number}", customer_number=str(number))
    assert _number(make_address("Die nächste")) == "10210"


def test_a_taken_number_is_refused(make_address: Callable[..., int]) -> None:
    first = make_address("Erste", customer_number="K-1")
    with pytest.raises(Invalid) as refused:
        make_address("Zweite", customer_number="K-1")
    assert refused.value.problems == {"customer_number": "taken"}
    second = make_address("Zweite")
    with pytest.raises(Invalid):
        update_address(second, None, {"customer_number": "K-1"})
    update_address(first, None, {"customer_number": "K-1", "city": "Bonn"})


def test_who_becomes_a_supplier_gets_a_number_then(make_address: Callable[..., int]) -> None:
    address_id = make_address("Erst Kunde")
    assert _number(address_id, "supplier_number") is None
    update_address(address_id, None, {"is_supplier": True})
    assert _number(address_id, "supplier_number") == "70000"


def test_a_number_stays_when_the_role_goes(make_address: Callable[..., int]) -> None:
    address_id = make_address("Kunde")
    update_address(address_id, None, {"is_customer": False})
    assert _number(address_id) == "10000"


def test_the_start_can_be_configured(kernel: Any, make_address: Callable[..., int]) -> None:
    with transaction() as session:
        kernel.settings.save(session, AddressSettings, {"customer_number_start": 50000})
    assert _number(make_address("Erste")) == "50000"
    with transaction() as session:
        kernel.settings.save(session, AddressSettings, {"customer_number_start": 100})
    assert _number(make_address("Zweite")) == "50001", "a lower start gives no number a second time"


def _at_once(app: Flask, work: Callable[[int], Any]) -> list[Any]:
    barrier = Barrier(THREADS)

    def run(place: int) -> list[Any]:
        with app.app_context():
            barrier.wait()
            return [work(place * EACH + step) for step in range(EACH)]

    with ThreadPoolExecutor(THREADS) as pool:
        return [one for results in pool.map(run, range(THREADS)) for one in results]


def test_many_at_once_get_different_numbers_without_a_gap(own_app: Flask) -> None:
    ids = _at_once(own_app, lambda place: create_address({"name": f"Firma {place}", "is_supplier": True,
                                                          "is_customer": True}))  # fmt: skip
    with own_app.app_context():
        customers = [_number(one) for one in ids]
        suppliers = [_number(one, "supplier_number") for one in ids]
    assert sorted(customers) == [str(10000 + place) for place in range(THREADS * EACH)]
    assert sorted(suppliers) == [str(70000 + place) for place in range(THREADS * EACH)]


def test_the_same_number_typed_by_many_at_once_is_taken_once_and_the_others_are_told(own_app: Flask) -> None:
    def type_it(place: int) -> str:
        try:
            create_address({"name": f"Firma {place}", "customer_number": "10003"})
        except Invalid as refused:
            return refused.problems["customer_number"]
        return "stored"

    results = _at_once(own_app, lambda place: type_it(place) if place % 2 else _given_out(place))
    typed = [result for result in results if result in ("stored", "taken")]
    given = [result for result in results if result not in typed]
    assert typed.count("stored") + given.count("10003") == 1
    assert len(set(given)) == len(given) == THREADS * EACH // 2


def _given_out(place: int) -> str:
    return str(_number(create_address({"name": f"Firma {place}"})))


def test_an_external_id_belongs_to_one_address_also_when_many_type_it_at_once(own_app: Flask) -> None:
    def type_it(place: int) -> str:
        try:
            create_address({"name": f"Firma {place}", "external_id": f"X-{place % EACH}"})
        except Invalid as refused:
            return refused.problems["external_id"]
        return "stored"

    results = _at_once(own_app, type_it)
    assert results.count("stored") == EACH
    assert results.count("taken") == (THREADS - 1) * EACH


def test_any_number_of_addresses_has_no_external_id(make_address: Callable[..., int]) -> None:
    first, second = make_address("Erste", external_id="X-1"), make_address("Zweite")
    update_address(first, None, {"external_id": ""})
    assert (_number(first, "external_id"), _number(second, "external_id")) == (None, None)
    update_address(second, None, {"external_id": "X-1"})
    assert _number(second, "external_id") == "X-1"
