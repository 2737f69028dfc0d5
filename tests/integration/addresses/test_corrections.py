"""A stored number is corrected, left as it is, corrected back: never over what somebody else has done meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.core.database import reading
from app.modules.addresses import bulk_corrections, hygiene, services
from app.modules.addresses.contacts import archive_contact, update_contact
from app.modules.addresses.correction_log import history, made
from app.modules.addresses.corrections import (
    Changed,
    Replacement,
    Seen,
    correct,
    correct_together,
    keep,
    sign_of,
    undo,
)
from app.modules.addresses.events import NumbersChanged
from app.modules.addresses.models import PhoneNumber
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, ContactInput, Invalid, NumberInput, Stale
from tests.integration.addresses.conftest import names, person

SEVERAL = "0221 4710-610 oder 0221 4710-611"


def _address(address_id: int) -> AddressDetail:
    address = get_address(address_id)
    assert address is not None
    return address


def _raws(address_id: int) -> list[str]:
    return [number.raw for number in _address(address_id).numbers]


def _listed(finding: str) -> list[str]:
    return [found.number.raw for found in hygiene.of_finding(finding)]


def _replacement(finding: str) -> Replacement:
    (found,) = hygiene.of_finding(finding)
    assert found.replacement is not None
    return found.replacement


def test_several_numbers_in_a_field_get_rows_of_their_own_in_its_place(
    make_address: Callable[..., int], heard: list[Any]
) -> None:
    address_id = make_address("Rheinwerk", "0221 4710-500", NumberInput(SEVERAL, "phone", "Büro"), "0171 3920012")
    before = _address(address_id)
    heard.clear()
    user = None
    correction = correct(_replacement("several"), by=user)
    assert [(n.raw, n.label, n.e164) for n in _address(address_id).numbers] == [
        ("0221 4710-500", "", "+492214710500"),
        ("0221 4710-610", "Büro", "+492214710610"),
        ("0221 4710-611", "Büro", "+492214710611"),
        ("0171 3920012", "", "+491713920012"),
    ]
    assert _address(address_id).version == before.version + 1
    assert names("+492214710611") == ["Rheinwerk"]
    assert [event.e164s for event in heard if isinstance(event, NumbersChanged)] == [
        frozenset(["+492214710610", "+492214710611"])
    ]
    assert _listed("several") == []
    (made_,) = history()
    assert (made_.id, made_.finding, made_.address) == (correction, "several", "Rheinwerk")
    assert [number.raw for number in made_.before] == [SEVERAL]
    assert [number.raw for number in made_.after] == ["0221 4710-610", "0221 4710-611"]


def test_a_correction_is_undone_with_what_had_been_typed(make_address: Callable[..., int], make_user: Any) -> None:
    user = make_user("anna", name="Anna Schmidt")
    address_id = make_address("Rheinwerk", "0221 4710-500", NumberInput(SEVERAL, "phone", "Büro"), "0171 3920012")
    correction = correct(_replacement("several"), by=user)
    undo(correction, by=user)
    assert _raws(address_id) == ["0221 4710-500", SEVERAL, "0171 3920012"]
    assert _address(address_id).numbers[1].label == "Büro"
    assert names("+492214710611") == []
    assert _listed("several") == [SEVERAL]
    found = made(correction)
    assert found is not None
    assert (found.made_by, found.undone_by) == ("Anna Schmidt", "Anna Schmidt")
    with pytest.raises(Changed):
        undo(correction)


def test_what_was_changed_since_is_not_undone(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", SEVERAL)
    correction = correct(_replacement("several"))
    services.update_address(address_id, None, {}, [NumberInput("0221 4710-610")])
    with pytest.raises(Changed):
        undo(correction)
    assert _raws(address_id) == ["0221 4710-610"]


def test_nothing_is_corrected_that_is_another_by_now(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", SEVERAL)
    replacement = _replacement("several")
    services.update_address(address_id, None, {}, [NumberInput("0221 4710-777")])
    with pytest.raises(Changed):
        correct(replacement)
    assert _raws(address_id) == ["0221 4710-777"]
    assert history() == []


@pytest.mark.parametrize("number_id", [0, -1, 10**6, 10**30])
def test_what_does_not_exist_is_another(make_address: Callable[..., int], number_id: int) -> None:
    address_id = make_address("Rheinwerk", SEVERAL)
    with pytest.raises(Changed):
        correct(Replacement(Seen(number_id, address_id, sign_of(SEVERAL)), (), "several"))
    with pytest.raises(Changed):
        keep(Seen(number_id, address_id, sign_of(SEVERAL)))


def test_of_several_corrections_together_all_are_made_or_none(make_address: Callable[..., int]) -> None:
    first = make_address("Erste", SEVERAL)
    second = make_address("Zweite", "4710-777 oder so")
    good = _replacement("several")
    (found,) = (one for one in hygiene.of_finding("doubtful") if one.address_id == second)
    bad = Replacement(Seen(found.number_id, second, sign_of("something else")), (), "doubtful")
    with pytest.raises(Changed):
        correct_together([good, bad])
    assert (_raws(first), history()) == ([SEVERAL], [])


def test_a_contacts_number_is_corrected_at_the_contact(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", contacts=[person("Max Muster", "0221 4710123 Zimmer 12")])
    contact = _address(address_id).contacts[0]
    correct(_replacement("remark"))
    changed = _address(address_id)
    assert [(n.raw, n.label) for n in changed.contacts[0].numbers] == [("0221 4710123", "Zimmer 12")]
    assert (changed.contacts[0].version, changed.version) == (contact.version + 1, 1)
    with pytest.raises(Stale):
        update_contact(contact.id, contact.version, ContactInput("Max Muster"))


def test_who_edits_the_address_at_the_same_time_is_told(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", SEVERAL)
    opened = _address(address_id).version
    correct(_replacement("several"))
    with pytest.raises(Stale):
        services.update_address(address_id, opened, {}, [NumberInput(SEVERAL)])


def test_a_number_may_be_removed_and_comes_back_to_its_place(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", "0221 4710-500", "frag Erna", "0171 3920012")
    (found,) = hygiene.of_finding("unreadable")
    correction = correct(Replacement(found.seen, (), "unreadable"))
    assert _raws(address_id) == ["0221 4710-500", "0171 3920012"]
    undo(correction)
    assert _raws(address_id) == ["0221 4710-500", "frag Erna", "0171 3920012"]


def test_too_many_numbers_are_refused(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", *[f"0221 4710 {place:03}" for place in range(49)], SEVERAL)
    with pytest.raises(Invalid, match="too_many"):
        correct(_replacement("several"))
    assert _raws(address_id)[-1] == SEVERAL


def test_a_number_that_is_left_as_it_is_stays_so_until_it_is_typed_anew(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", "frag Erna")
    (found,) = hygiene.of_finding("unreadable")
    keep(found.seen)
    assert _listed("unreadable") == []
    assert [one.number.raw for one in hygiene.of_finding("unreadable", kept=True)] == ["frag Erna"]
    services.update_address(address_id, None, {}, [NumberInput("0221 4710-500"), NumberInput("frag Erna")])
    assert _listed("unreadable") == []
    services.update_address(address_id, None, {}, [NumberInput("frag Otto")])
    assert _listed("unreadable") == ["frag Otto"]
    (found,) = hygiene.of_finding("unreadable")
    keep(found.seen)
    keep(found.seen, kept=False)
    assert _listed("unreadable") == ["frag Otto"]


def test_other_rows_keep_their_ids_so_that_a_list_that_is_open_stays_right(make_address: Callable[..., int]) -> None:
    make_address("Rheinwerk", SEVERAL, "frag Erna", "0221 4710123 Zimmer 12")
    (erna,) = hygiene.of_finding("unreadable")
    (remark,) = hygiene.of_finding("remark")
    correct(_replacement("several"))
    correct(Replacement(erna.seen, (NumberInput("0221 4710-700"),), "unreadable"))
    assert remark.replacement is not None
    correct(remark.replacement)
    with reading() as session:
        rows = session.execute(select(PhoneNumber.raw, PhoneNumber.sort).order_by(PhoneNumber.sort)).all()
    assert [tuple(row) for row in rows] == [
        ("0221 4710-610", 0),
        ("0221 4710-611", 1),
        ("0221 4710-700", 2),
        ("0221 4710123", 3),
    ]


def test_archived_addresses_and_former_contacts_are_left_alone(make_address: Callable[..., int]) -> None:
    services.archive(make_address("Archiv", "frag Erna"))
    address_id = make_address("Aktiv", contacts=[person("Max", "frag Otto")])
    archive_contact(_address(address_id).contacts[0].id)
    assert _listed("unreadable") == []
    assert hygiene.counts()["unreadable"] == 0


# ------------------------------------------------------------------------------------------------------- all at once


def _run(kind: str, *reasons: str, until: str | None = None) -> tuple[str, int, int, int]:
    """Apply all proposals of a kind; the batch, and how many were done, skipped, and in how many pieces."""
    preview = bulk_corrections.preview(kind)
    batch, after, done, skipped, pieces = bulk_corrections.new_batch(), "", 0, 0, 0
    while True:
        piece = bulk_corrections.apply_piece(
            kind, reasons or list(preview.by_reason), after, preview.until if until is None else until, batch
        )
        done, skipped, pieces, after = done + piece.done, skipped + piece.skipped, pieces + 1, piece.after
        if not after:
            return batch, done, skipped, pieces


def test_all_proposals_of_a_kind_are_applied_in_pieces_and_undone_together(
    make_address: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_corrections, "PIECE", 3)
    made_ = [make_address(f"Firma {place}", f"030 23125 {place:03} Zimmer {place}") for place in range(10)]
    preview = bulk_corrections.preview("remark")
    assert (preview.by_reason, preview.more, len(preview.examples)) == ({"remark": 10}, False, 10)
    assert bulk_corrections.count("remark", preview.until) == 10
    batch, done, skipped, pieces = _run("remark")
    assert (done, skipped, pieces) == (10, 0, 4)
    assert [_address(one).numbers[0].label for one in made_] == [f"Zimmer {place}" for place in range(10)]
    assert _listed("remark") == []
    assert bulk_corrections.count_batch(batch) == 10
    services.update_address(made_[4], None, {}, [NumberInput("030 23125 999")])
    after, undone, left = "", 0, 0
    while True:
        piece = bulk_corrections.undo_piece(batch, after)
        undone, left, after = undone + piece.done, left + piece.skipped, piece.after
        if not after:
            break
    assert (undone, left) == (9, 1)
    assert _raws(made_[4]) == ["030 23125 999"]
    assert len(_listed("remark")) == 9


def test_only_the_chosen_reasons_are_applied(make_address: Callable[..., int]) -> None:
    guess = make_address("Ratlos", "41446681800")
    local = make_address("Köln", "0221 4710-500", "4710-123")
    preview = bulk_corrections.preview("doubtful")
    assert preview.by_reason == {"suggestion": 1, "area_code": 1}
    _run("doubtful", "area_code")
    assert _raws(guess) == ["41446681800"]
    assert _raws(local) == ["0221 4710-500", "0221 4710-123"]


def test_what_comes_after_the_preview_is_not_applied_with_it(make_address: Callable[..., int]) -> None:
    make_address("Vorher", "030 23125 100 Zimmer 1")
    until = bulk_corrections.preview("remark").until
    later = make_address("Nachher", "030 23125 101 Zimmer 2")
    _batch, done, _skipped, _pieces = _run("remark", "remark", until=until)
    assert done == 1
    assert _raws(later) == ["030 23125 101 Zimmer 2"]


def test_two_fields_with_the_same_numbers_do_not_become_double(make_address: Callable[..., int]) -> None:
    address_id = make_address("Rheinwerk", SEVERAL, "0221 4710611 / 0221 4710610")
    _batch, done, skipped, pieces = _run("several")
    assert (done, skipped, pieces) == (2, 0, 2)
    assert _raws(address_id) == ["0221 4710-610", "0221 4710-611"]


def test_a_preview_stops_at_its_limit_and_says_so(
    make_address: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_corrections, "PIECE", 2)
    monkeypatch.setattr(bulk_corrections, "MOST_PREVIEWED", 4)
    for place in range(5):
        make_address(f"Firma {place}", f"030 23125 {place:03} Zimmer {place}")
    preview = bulk_corrections.preview("remark")
    assert (preview.total, preview.more) == (4, True)
    assert bulk_corrections.count("remark", preview.until) == 5
    empty = bulk_corrections.preview("several")
    assert (empty.total, empty.more, empty.until) == (0, False, "")
