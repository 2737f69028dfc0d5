"""What an import stores is checked like what people type."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app.modules.addresses import hygiene
from app.modules.addresses.corrections import keep
from app.modules.addresses.records import NumberInput
from tests.integration.addresses.importing import Watcher, run


def test_imported_numbers_get_their_findings_and_repeated_ones_are_seen(
    app: Flask, make_address: Callable[..., int]
) -> None:
    make_address("Stammhaus", "0221 4710-500")
    numbers = ["0221 4710-500", "frag Erna", "0221 4710123 Zimmer 12", "030 23125-100", "03023125100"]
    rows = "".join(f"Firma {place};{number}\n" for place, number in enumerate(numbers))
    run(f"Name;Telefon\n{rows}", Watcher())
    assert [found.number.raw for found in hygiene.of_finding("unreadable")] == ["frag Erna"]
    assert [found.number.raw for found in hygiene.of_finding("remark")] == ["0221 4710123 Zimmer 12"]
    assert [(group.e164, group.addresses) for group in hygiene.of_reach("shared")] == [
        ("+492214710500", 2),
        ("+493023125100", 2),
    ]


def test_a_number_that_was_left_as_it_is_stays_so_when_an_import_changes_another(
    app: Flask, make_address: Callable[..., int]
) -> None:
    make_address("Rheinwerk", NumberInput("frag Erna"), customer_number="10000")
    (found,) = hygiene.of_finding("unreadable")
    keep(found.seen)
    run("Kundennummer;Name;Mobil\n10000;Rheinwerk;0171 39200 12\n", Watcher())
    assert hygiene.of_finding("unreadable") == []
    assert [one.number.raw for one in hygiene.of_finding("unreadable", kept=True)] == ["frag Erna"]
