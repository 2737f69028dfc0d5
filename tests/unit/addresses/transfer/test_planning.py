from __future__ import annotations

from typing import Any

from app.modules.addresses.numbers import as_read
from app.modules.addresses.records import NumberInput
from app.modules.addresses.transfer.options import Options
from app.modules.addresses.transfer.planning import Action, Index, Planner
from app.modules.addresses.transfer.row_reading import RowReader
from app.modules.addresses.transfer.rows import Row
from app.modules.addresses.transfer.source import Record
from app.modules.addresses.transfer.states import NEW, AddressState, ContactState


def address(one: int, *numbers: str, contacts: tuple[ContactState, ...] = (), **values: Any) -> AddressState:
    state = AddressState(
        {**NEW, "name": f"Adresse {one}", "country": "DE", **values},
        [as_read(NumberInput(raw), "DE") for raw in numbers],
        list(contacts),
        one,
        version=1,
    )
    state.stored = state.copy()
    return state


def contact(name: str, one: int = 1, **values: str) -> ContactState:
    return ContactState({"name": name, "position": "", "department": "", "email": "", **values}, id=one, sort=one)


class File:
    """Applies rows of one file to addresses."""

    def __init__(self, assignment: str, *states: AddressState, shared: bool = False, **options: Any) -> None:
        targets = assignment.split(";")
        self.reader = RowReader(targets, targets, country="DE", users={}, own_id=int)
        self.planner = Planner(self.reader, Options(**options))
        self.index = Index(states)
        self.shared = shared
        self.line = 1
        self.row = Row(Record(0, []))

    def apply(self, *cells: str) -> tuple[Action, Any]:
        self.line += 1
        self.row = self.reader.read(Record(self.line, list(cells)))
        action, state = self.planner.apply(self.row, self.index, shared=self.shared)
        return action, state

    @property
    def codes(self) -> list[tuple[str, str]]:
        return [(problem.code, problem.told) for problem in self.row.problems]


def raws(owner: Any) -> list[str]:
    return [number["raw"] for number in owner.numbers]


class TestANewAddress:
    def test_has_what_the_row_says_and_else_what_every_new_one_has(self) -> None:
        action, state = File("name;city;phone", country="AT").apply("Rheinwerk", "Wien", "01 4710")
        assert action == "create"
        assert (state.values["kind"], state.values["country"], state.values["is_customer"]) == ("company", "AT", True)
        assert raws(state) == ["01 4710"]
        assert state.id is None

    def test_has_the_role_that_its_number_is_for_else_the_chosen_one(self) -> None:
        def roles(assignment: str, *cells: str, **options: Any) -> list[str]:
            _action, state = File(assignment, **options).apply(*cells)
            return [role for role in ("is_customer", "is_supplier", "is_employee") if state.values[role]]

        assert roles("name;supplier_number", "A", "70001") == ["is_supplier"]
        assert roles("name;customer_number;supplier_number", "A", "1", "70001") == ["is_customer", "is_supplier"]
        assert roles("name", "A", role="employee") == ["is_employee"]
        assert roles("name", "A", role="") == []
        assert roles("name;is_customer", "A", "") == []
        assert roles("name;customer_number;is_supplier", "A", "1", "x") == ["is_supplier"]

    def test_is_the_person_where_no_company_is_named(self) -> None:
        file = File("name;phone;contact1.kind;contact1.name;contact1.phone;contact1.email")
        _action, state = file.apply("", "0221 4710-1", "Frau", "Eva Weiß", "0221 4710-2", "eva@weiss.example")
        assert (state.values["name"], state.values["kind"], state.values["email"]) == (
            "Eva Weiß",
            "ms",
            "eva@weiss.example",
        )
        assert (raws(state), state.contacts) == (["0221 4710-1", "0221 4710-2"], [])

    def test_with_a_name_of_two_parts_is_no_company(self) -> None:
        assert File("first_name;last_name").apply("Eva", "Weiß")[1].values["kind"] == "other"

    def test_without_any_name_is_refused(self) -> None:
        file = File("name;city")
        assert file.apply("", "Bonn")[0] == "fail"
        assert file.codes == [("required", "")]
        assert file.index.states == []


class TestAnAddressThatIsThere:
    def test_is_found_by_each_key(self) -> None:
        there = address(5, external_id="X", customer_number="K", supplier_number="L")
        for key, value in (("own_id", "5"), ("external_id", "X"), ("customer_number", "K"), ("supplier_number", "L")):
            action, state = File(f"{key};city", there).apply(value, "Bonn")
            assert (action, state.id, state.values["city"]) == ("update", 5, "Bonn"), key

    def test_keeps_what_the_file_does_not_speak_of(self) -> None:
        there = address(5, "0221 4710-1", customer_number="K", city="Köln", email="a@b.example")
        _action, state = File("customer_number;city;email", there).apply("K", "", "c@d.example")
        assert (state.values["city"], state.values["email"], raws(state)) == ("Köln", "c@d.example", ["0221 4710-1"])

    def test_is_emptied_where_the_cell_is_empty_and_that_is_asked_for(self) -> None:
        there = address(5, "0221 4710-1", customer_number="K", city="Köln", is_customer=True, supplier_number="L")
        file = File("customer_number;name;city;is_customer;supplier_number;country;phone", there, clear_empty=True)
        _action, state = file.apply("K", "", "", "", "", "", "")
        assert (state.values["city"], state.values["is_customer"], raws(state)) == ("", False, [])
        assert (state.values["name"], state.values["country"], state.values["supplier_number"]) == (
            "Adresse 5",
            "DE",
            "L",
        )

    def test_is_the_same_where_nothing_differs(self) -> None:
        there = address(5, "0221 4710-1", customer_number="K", city="Köln", contacts=(contact("Max"),))
        file = File("customer_number;city;phone;contact1.name", there)
        assert file.apply("K", "Köln", "+49 221 47101", "max")[0] == "update"  # 'max' is another spelling
        assert File("customer_number;city;phone", there).apply("K", "Köln", "+49 221 47101")[0] == "same"

    def test_is_left_alone_where_only_new_ones_are_wanted(self) -> None:
        there = address(5, customer_number="K", city="Köln")
        file = File("customer_number;name;city", there, existing="leave", shared=True)
        assert file.apply("K", "A", "Bonn")[0] == "leave"
        assert file.apply("N", "Neu", "Bonn")[0] == "create"
        assert file.apply("N", "", "")[0] == "same"

    def test_has_its_numbers_read_anew_by_another_country(self) -> None:
        there = address(5, "044 668 18 00", customer_number="K")
        assert there.numbers[0]["e164"] != "+41446681800"
        _action, state = File("customer_number;country", there).apply("K", "CH")
        assert state.numbers[0]["e164"] == "+41446681800"

    def test_has_new_numbers_read_by_its_own_country(self) -> None:
        there = address(5, customer_number="K", country="CH")
        _action, state = File("customer_number;phone", there).apply("K", "044 668 18 00")
        assert state.numbers[0]["e164"] == "+41446681800"

    def test_that_two_keys_name_differently_is_refused(self) -> None:
        file = File("customer_number;external_id", address(1, customer_number="K"), address(2, external_id="X"))
        assert file.apply("K", "X")[0] == "fail"
        assert file.codes == [("taken", "")]

    def test_never_loses_its_external_id_to_another(self) -> None:
        file = File("customer_number;external_id", address(1, customer_number="K", external_id="X"))
        assert file.apply("K", "Y")[0] == "fail"
        assert file.codes == [("other_external_id", "X")]

    def test_gets_the_external_id_that_it_lacks_and_another_customer_number(self) -> None:
        there = address(1, customer_number="K")
        _action, state = File("customer_number;external_id", there).apply("K", "X")
        assert state.values["external_id"] == "X"
        _action, state = File("customer_number;external_id", address(1, customer_number="K", external_id="X")).apply(
            "N", "X"
        )
        assert state.values["customer_number"] == "N"

    def test_never_takes_the_supplier_number_of_another(self) -> None:
        file = File("customer_number;supplier_number", address(1, customer_number="K"), address(2, supplier_number="L"))
        assert file.apply("K", "L")[0] == "fail"
        assert file.codes == [("taken", "")]

    def test_by_an_id_that_is_not_there_is_refused(self) -> None:
        file = File("own_id;name", address(1))
        assert file.apply("2", "A")[0] == "fail"
        assert file.codes == [("foreign_id", "")]


class TestContacts:
    FILE = "customer_number;contact1.name;contact1.position;contact1.phone;contact1.email"

    def test_of_several_rows_are_added(self) -> None:
        file = File(self.FILE, address(1, customer_number="K"), shared=True)
        file.apply("K", "Max", "", "0221 4710-1")
        _action, state = file.apply("K", "Eva", "", "0221 4710-2")
        assert [(one.values["name"], raws(one), one.sort) for one in state.contacts] == [
            ("Max", ["0221 4710-1"], 0),
            ("Eva", ["0221 4710-2"], 1),
        ]

    def test_are_known_by_their_name(self) -> None:
        file = File(
            self.FILE, address(1, customer_number="K", contacts=(contact("Jörg Müller", 7, position="Einkauf"),))
        )
        _action, state = file.apply("K", "Jörg MÜLLER", "", "0221 4710-1")
        assert [(one.id, one.values["position"], raws(one)) for one in state.contacts] == [
            (7, "Einkauf", ["0221 4710-1"])
        ]

    def test_of_the_same_name_are_told_apart_by_their_e_mail_address(self) -> None:
        both = (contact("Max", 1, email="a@x.example"), contact("Max", 2, email="b@x.example"))
        file = File(self.FILE, address(1, customer_number="K", contacts=both), shared=True)
        _action, state = file.apply("K", "Max", "Lager", "", "b@x.example")
        assert [one.values["position"] for one in state.contacts] == ["", "Lager"]
        _action, state = file.apply("K", "Max", "Versand", "", "c@x.example")
        assert [one.values["email"] for one in state.contacts] == ["c@x.example", "b@x.example"]
        _action, state = file.apply("K", "Max", "", "", "d@x.example")
        assert len(state.contacts) == 3

    def test_that_have_left_are_not_brought_back(self) -> None:
        gone = contact("Max")
        gone.archived = True
        _action, state = File(self.FILE, address(1, customer_number="K", contacts=(gone,))).apply("K", "Max", "Einkauf")
        assert [(one.archived, one.values["position"]) for one in state.contacts] == [(True, "Einkauf")]


class TestSeveralRowsOfOneAddress:
    def test_may_say_the_same_and_say_more(self) -> None:
        file = File("customer_number;name;city;phone", shared=True)
        assert file.apply("K", "Rheinwerk", "", "0221 4710-1")[0] == "create"
        assert file.apply("K", "Rheinwerk", "Köln", "0221/47101")[0] == "update"
        assert file.apply("K", "", "", "")[0] == "same"
        assert len(file.index.states) == 1
        assert file.index.states[0].values["city"] == "Köln"

    def test_that_contradict_each_other_are_refused_with_the_earlier_line(self) -> None:
        file = File("customer_number;name;city;phone", shared=True)
        file.apply("K", "Rheinwerk", "Köln", "0221 4710-1")
        for cells in (("K", "Rheinland", "", ""), ("K", "", "Bonn", ""), ("K", "", "", "0221 4710-2")):
            assert file.apply(*cells)[0] == "fail", cells
            assert file.codes == [("contradicts", "2")]
        assert file.index.states[0].values["name"] == "Rheinwerk"

    def test_never_take_back_what_an_earlier_one_said_of_a_contact(self) -> None:
        file = File("customer_number;name;contact1.name;contact1.position;contact1.phone", shared=True)
        file.apply("K", "A", "Max", "Einkauf", "0221 4710-1")
        assert file.apply("K", "A", "Max", "Verkauf", "")[0] == "fail"
        assert file.codes == [("contradicts", "2")]
        _action, state = file.apply("K", "A", "Max", "", "0221 4710-2")
        assert raws(state.contacts[0]) == ["0221 4710-1", "0221 4710-2"]


def test_a_row_that_is_refused_changes_nothing_at_all() -> None:
    there = address(1, *(f"0221 4710-{place}" for place in range(100, 149)), customer_number="K", city="Köln")
    file = File("customer_number;city;contact1.name;mobile;mobile", there)
    assert file.apply("K", "Bonn", "Max", "0171 3920010", "0171 3920011")[0] == "fail"
    assert file.codes == [("too_many", "")]
    assert file.index.states == [there]
    assert (there.values["city"], there.contacts, len(there.numbers)) == ("Köln", [], 49)
