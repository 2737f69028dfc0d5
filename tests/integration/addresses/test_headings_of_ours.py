"""The headings of our own files are known again, whichever language they are in."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from app.modules.addresses.settings import NUMBER_KINDS
from app.modules.addresses.transfer.headings import is_ours, label_of, proposal
from app.modules.addresses.transfer.targets import ADDRESS_TARGETS, LABEL, OF_NUMBERS, SWITCHBOARD, contact_targets
from app.modules.addresses.transfer.words import heading

#: Parts that our own files put together into others.
PARTS = ("first_name", "last_name", "house_number", "postcode_city", "contact1.kind")


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_heading_of_ours_is_proposed_for_what_it_stands_over(app: Flask, language: str) -> None:
    targets = [one for one in (*ADDRESS_TARGETS, *contact_targets(1)) if one not in (*PARTS, *OF_NUMBERS)]
    targets = [one for one in targets if not one.startswith("contact1.f") or one == "contact1.fax"]
    targets = [one for one in targets if one != "contact1.last_name"]
    with force_locale(language):
        headings = [heading(target) for target in targets]
    assert dict(zip(headings, proposal(headings), strict=True)) == dict(zip(headings, targets, strict=True))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", [*NUMBER_KINDS, *(f"contact1.{kind}" for kind in NUMBER_KINDS)])
def test_so_are_those_of_further_numbers_their_labels_and_switchboards(app: Flask, language: str, kind: str) -> None:
    name = "contact1.name" if kind.startswith("contact1") else "name"
    with force_locale(language):
        headings = [heading(name)]
        for place in (1, 2, 11):
            headings += [heading(kind, place, said) for said in ("", LABEL, SWITCHBOARD)]
    assert proposal(headings) == (name, *(kind, LABEL, SWITCHBOARD) * 3)
    assert {label_of(one) for one in headings[1::3]} == {""}


@pytest.mark.parametrize("language", ["de", "en"])
def test_parts_are_known_by_the_names_under_which_they_are_offered(app: Flask, language: str) -> None:
    with force_locale(language):
        headings = [heading(part) for part in PARTS[:4]]
    assert proposal(headings) == PARTS[:4]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_columns_that_we_add_to_what_was_refused_are_left_out(app: Flask, language: str) -> None:
    from app.modules.addresses.transfer.failures import FailureTable

    with force_locale(language):
        line = FailureTable(["Name"], ["name"]).first_line()
    added = line.strip().split(";")[1:]
    assert len(added) == 3
    assert all(map(is_ours, added))
