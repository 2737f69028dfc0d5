from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.modules.addresses.matching import Candidate, Grade, grade

SWITCHBOARD = "+4922147100"
STEM = "+492214710"
EXTENSION = "+49221471042"


def candidate(
    address_id: int,
    contact_id: int | None = None,
    *,
    name: str = "Beispiel GmbH",
    number: str | None = EXTENSION,
    stem: str | None = None,
    label: str | None = None,
    archived: bool = False,
) -> Candidate:
    return Candidate(address_id, contact_id, name, "Beispiel GmbH", "10001", number, stem, label, archived)


def test_a_stored_number_is_an_exact_match() -> None:
    known = candidate(1)
    assert grade(EXTENSION, [known]) == (Grade.EXACT, (known,))


def test_an_extension_behind_a_switchboard_is_found_by_its_stem() -> None:
    company = candidate(1, number=SWITCHBOARD, stem=STEM)
    assert grade(EXTENSION, [company]) == (Grade.SWITCHBOARD, (company,))


def test_the_switchboard_itself_is_an_exact_match() -> None:
    company = candidate(1, number=SWITCHBOARD, stem=STEM)
    assert grade(SWITCHBOARD, [company]) == (Grade.EXACT, (company,))


def test_an_exact_match_comes_before_a_switchboard_and_alone() -> None:
    company = candidate(1, number=SWITCHBOARD, stem=STEM)
    person = candidate(1, 5, name="Anna Muster")
    assert grade(EXTENSION, [company, person]) == (Grade.EXACT, (person,))


def test_of_two_switchboards_the_longest_stem_wins() -> None:
    group = candidate(1, number="+49221470", stem="+4922147")
    branch = candidate(2, number=SWITCHBOARD, stem=STEM)
    assert grade(EXTENSION, [group, branch]) == (Grade.SWITCHBOARD, (branch,))


def test_two_companies_behind_one_switchboard_are_both_named() -> None:
    one = candidate(1, name="Zwei AG", number=SWITCHBOARD, stem=STEM)
    two = candidate(2, name="Eins AG", number=SWITCHBOARD, stem=STEM)
    assert grade(EXTENSION, [one, two]) == (Grade.SWITCHBOARD, (two, one))


def test_contacts_come_before_the_general_number_of_a_company() -> None:
    company = candidate(1, name="AAA Beispiel GmbH")
    person = candidate(1, 5, name="Zoe Muster")
    assert grade(EXTENSION, [company, person]) == (Grade.EXACT, (person, company))


def test_an_archived_address_is_named_only_when_nothing_else_fits() -> None:
    archived = candidate(1, archived=True)
    active = candidate(2)
    company = candidate(3, number=SWITCHBOARD, stem=STEM)
    assert grade(EXTENSION, [archived, active]) == (Grade.EXACT, (active,))
    assert grade(EXTENSION, [archived, company]) == (Grade.SWITCHBOARD, (company,))
    assert grade(EXTENSION, [archived]) == (Grade.EXACT, (archived,))


def test_a_person_with_the_number_in_two_fields_is_named_once() -> None:
    office = candidate(1, 5, name="Anna Muster", label="Büro")
    home = candidate(1, 5, name="Anna Muster", label="Zuhause")
    assert grade(EXTENSION, [home, office]) == (Grade.EXACT, (office,))


def test_an_unknown_number_has_no_match() -> None:
    assert grade(EXTENSION, []) == (Grade.NONE, ())
    assert grade(EXTENSION, [candidate(1, number="+4930231250", stem="+493023125")]) == (Grade.NONE, ())
    assert grade(EXTENSION, [candidate(1, number=None)]) == (Grade.NONE, ())


def test_no_number_matches_nobody_not_even_an_empty_stem() -> None:
    assert grade("", [candidate(1, number="", stem="")]) == (Grade.NONE, ())
    assert grade(EXTENSION, [candidate(1, number=None, stem="")]) == (Grade.NONE, ())


candidates = st.builds(
    Candidate,
    address_id=st.integers(1, 3),
    contact_id=st.none() | st.integers(1, 2),
    name=st.sampled_from(["Anna Muster", "anna muster", "Beispiel GmbH"]),
    company=st.sampled_from([None, "Beispiel GmbH"]),
    customer_number=st.sampled_from([None, "10001"]),
    number_e164=st.sampled_from([None, EXTENSION, SWITCHBOARD]),
    stem=st.sampled_from([None, STEM, "+4922147"]),
    label=st.sampled_from([None, "Büro"]),
    archived=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(candidates, max_size=8))
def test_the_order_of_the_candidates_changes_nothing(found: list[Candidate]) -> None:
    best, matches = grade(EXTENSION, found)
    assert grade(EXTENSION, reversed(found)) == (best, matches)
    assert (best is Grade.NONE) == (not matches)
    assert len({m.archived for m in matches}) <= 1
    assert len({(m.address_id, m.contact_id) for m in matches}) == len(matches)
    if best is Grade.EXACT:
        assert all(m.number_e164 == EXTENSION for m in matches)
    if best is Grade.SWITCHBOARD:
        assert len({m.stem for m in matches}) == 1
