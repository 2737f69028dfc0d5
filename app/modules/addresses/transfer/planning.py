"""What a row does: which address it means, what becomes of it, and why it cannot be. Free of the database.

All or nothing: a row changes a copy, which takes the address's place only when nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from app.core.phones import read_number
from app.modules.addresses.fields import FLAGS, KEYS, MAX_CONTACTS, SERIES
from app.modules.addresses.folding import sort_key
from app.modules.addresses.numbers import Columns
from app.modules.addresses.transfer.merging import TooMany, merged
from app.modules.addresses.transfer.options import Options
from app.modules.addresses.transfer.row_reading import RowReader
from app.modules.addresses.transfer.rows import ContactRow, Numbers, Row
from app.modules.addresses.transfer.states import NEW, AddressState, contact_state, shown
from app.modules.addresses.transfer.targets import MATCHED, OWN_ID

Action = Literal["create", "update", "same", "leave", "fail"]
_ROLE_FLAGS = FLAGS[:3]
#: Cannot be emptied: an address is found by them, or is nothing without.
_NEVER_EMPTIED = frozenset(("name", "kind", "country", *KEYS))


class Index:
    """The addresses that the rows of a batch may mean, by everything that finds them."""

    def __init__(self, states: Iterable[AddressState] = ()) -> None:
        self.states: list[AddressState] = []
        self._places: dict[AddressState, int] = {}
        self._by: dict[str, dict[Any, AddressState]] = {key: {} for key in (OWN_ID, *KEYS)}
        for state in states:
            self.put(state)

    def put(self, state: AddressState, instead_of: AddressState | None = None) -> None:
        """Have this one found from now on."""
        if instead_of is None:
            self._places[state] = len(self.states)
            self.states.append(state)
        else:
            place = self._places[state] = self._places.pop(instead_of)
            self.states[place] = state
            for key in KEYS:
                if instead_of.values[key] != state.values[key]:
                    self._by[key].pop(instead_of.values[key], None)
        if state.id is not None:
            self._by[OWN_ID][state.id] = state
        for key in KEYS:
            if state.values[key]:
                self._by[key][state.values[key]] = state

    def find(self, key: str, value: Any) -> AddressState | None:
        """The address with this value of ``own_id`` or a key."""
        return self._by[key].get(value) if value else None


class Planner:
    """Applies rows, one after the other, to an index. ``shared`` tells rows of which others name the same address."""

    def __init__(self, reader: RowReader, options: Options) -> None:
        self.reader = reader
        self.options = options

    def apply(self, row: Row, index: Index, *, shared: bool = False) -> tuple[Action, AddressState | None]:
        """Change the index as the row says. With ``fail`` nothing has changed, and the row has the problems."""
        if row.problems:
            return "fail", None
        found = self._meant(row, index)
        if row.problems:
            return "fail", None
        if found is None:
            return self._create(row, index, shared)
        # An address that this very file has made is no address that was there.
        if self.options.existing == "leave" and found.stored is not None and not found.given:
            return "leave", found
        return self._change(row, index, found, shared)

    # ------------------------------------------------------------------------------------------ which address is meant

    def _meant(self, row: Row, index: Index) -> AddressState | None:
        found = None
        for key in MATCHED:
            value = row.key(key)
            if not value or (key == "supplier_number" and any(row.key(other) for other in MATCHED[:3])):
                continue
            other = index.find(key, value)
            if other is None and key == OWN_ID:
                row.fail("foreign_id", OWN_ID, row.record.cells[row.columns[OWN_ID]])
            if found is not None and other is not None and other is not found:
                row.fail("taken", key, str(value))
            found = found or other
        supplier = index.find("supplier_number", row.values.get("supplier_number"))
        if supplier is not None and supplier is not found:
            row.fail("taken", "supplier_number", supplier.values["supplier_number"])
        if found is not None and not row.own_id:
            has, given = found.values["external_id"], row.values.get("external_id")
            if has and given and has != given:
                row.fail("other_external_id", "external_id", given, has)
        return found

    # -------------------------------------------------------------------------------------------------- a new address

    def _create(self, row: Row, index: Index, shared: bool) -> tuple[Action, AddressState | None]:
        values = {**NEW, "country": self.options.country, **row.values}
        if row.country != values["country"]:
            self.reader.read_numbers(row, values["country"])
        contacts = row.contacts
        numbers = row.numbers
        if not values["name"] and contacts:
            # No company is named: the person is the address.
            person, contacts = contacts[0], contacts[1:]
            values["name"] = person.name
            values["kind"] = row.values.get("kind") or person.kind or "other"
            for name in ("department", "email"):
                values[name] = values[name] or person.texts.get(name, "")
            numbers = _both(numbers, person.numbers)
        elif row.person and "kind" not in row.values:
            values["kind"] = "other"
        if not values["name"]:
            row.fail("required", "name")
            return "fail", None
        if not any(flag in row.values or flag in row.empty for flag in _ROLE_FLAGS):
            self._give_role(values)
        state = AddressState(values, archived=bool(row.archived))
        try:
            state.numbers = merged((), numbers, {}, values["country"])
            for contact in contacts:
                self._put_contact(row, state, contact)
        except TooMany:
            row.fail("too_many")
        if row.problems:
            return "fail", None
        if shared:
            state.shared = True
            _remember(state, row)
        index.put(state)
        return "create", state

    def _give_role(self, values: dict[str, Any]) -> None:
        for series, role in SERIES.items():
            if values[series]:
                values[role] = True
        if self.options.role and not any(values[role] for role in SERIES.values()):
            values[f"is_{self.options.role}"] = True

    # --------------------------------------------------------------------------------------- an address that is there

    def _change(self, row: Row, index: Index, found: AddressState, shared: bool) -> tuple[Action, AddressState | None]:
        state = found.copy()
        if shared:
            _refuse_contradictions(found, row)
        values = row.values
        country = values.get("country", state.values["country"])
        if country != row.country and row.number_cells:
            self.reader.read_numbers(row, country)
        if country != state.values["country"]:
            state.read_again(country)
        if self.options.clear_empty:
            values = {**{name: NEW[name] for name in row.empty - _NEVER_EMPTIED}, **values}
        state.values.update(values)
        if row.archived is not None:
            state.archived = row.archived
        try:
            state.numbers = self._merged(state, row.numbers)
            for contact in row.contacts:
                self._put_contact(row, state, contact)
        except TooMany:
            row.fail("too_many")
        if row.problems:
            return "fail", None
        changed = state.differs(found)
        if shared:
            state.shared = True
            _remember(state, row)
        index.put(state, found)
        return ("update" if changed else "same"), state

    def _merged(self, state: AddressState, numbers: Numbers) -> list[Columns]:
        return merged(
            state.numbers,
            numbers,
            self.reader.number_columns.get(0, {}),
            state.values["country"],
            clear=self.options.clear_empty,
            from_headings=self.reader.from_headings,
        )

    def _put_contact(self, row: Row, state: AddressState, given: ContactRow) -> None:
        """Change the contact of this name, or add one. Raises TooMany."""
        place = _contact_meant(state, given)
        named = place is not None and _said_of(place, "name") in state.given
        if place is None:
            contact = contact_state(given.texts)
            contact.sort = max((other.sort for other in state.contacts), default=-1) + 1
            place = len(state.contacts)
            state.contacts.append(contact)
            if len(state.contacts) > MAX_CONTACTS:
                raise TooMany
        else:
            contact = state.contacts[place]
            for name, value in given.texts.items():
                line, earlier = state.given.get(_said_of(place, name), (0, value))
                if earlier != value:
                    row.fail("contradicts", f"contact{given.place}.{name}", value, str(line))
            if self.options.clear_empty:
                contact.values.update(dict.fromkeys(given.empty, ""))
            contact.values.update(given.texts)
        for name, value in given.texts.items():
            state.given.setdefault(_said_of(place, name), (row.line, value))
        contact.numbers = merged(
            contact.numbers,
            given.numbers,
            self.reader.number_columns.get(given.place, {}),
            state.values["country"],
            clear=self.options.clear_empty,
            # What an earlier row of the file said is not taken back by a later one.
            add_only=named,
            from_headings=self.reader.from_headings,
        )


def _contact_meant(state: AddressState, given: ContactRow) -> int | None:
    """The place of the contact with this name; None where it is a new one.

    Rather one with the same e-mail address, rather one of which no row has spoken yet. Where every one has been spoken
    of, another e-mail address makes another person.
    """
    key, email = sort_key(given.name), given.texts.get("email", "").casefold()
    ranked = []
    for place, contact in enumerate(state.contacts):
        if contact.key == key:
            other_email = bool(email) and contact.values["email"].casefold() != email
            # False sorts first.
            ranked.append((other_email, _said_of(place, "name") in state.given, contact.archived, place))
    if not ranked:
        return None
    other_email, named, _archived, place = min(ranked)
    return None if named and other_email and state.contacts[place].values["email"] else place


def _said_of(place: int, name: str) -> str:
    return f"contact:{place}:{name}"


def _both(first: Numbers, second: Numbers) -> Numbers:
    return {kind: [*first.get(kind, ()), *second.get(kind, ())] for kind in dict.fromkeys((*first, *second))}


# ------------------------------------------------------------------------------------------ several rows of one address


def _said(row: Row) -> Mapping[str, Any]:
    """What a row says of the address itself, in a form that can be compared and kept."""
    said: dict[str, Any] = {name: shown(value) for name, value in row.values.items()}
    for kind, numbers in row.numbers.items():
        if numbers:
            said[kind] = " / ".join(sorted(read_number(n.raw, row.country).e164 or n.raw for n in numbers))
    return said


def _remember(state: AddressState, row: Row) -> None:
    for name, value in _said(row).items():
        state.given.setdefault(name, (row.line, value))


def _refuse_contradictions(found: AddressState, row: Row) -> None:
    """Two rows that say different things of one address: nobody knows which is right, so the later one is refused."""
    for name, value in _said(row).items():
        line, earlier = found.given.get(name, (0, value))
        if earlier != value:
            row.fail("contradicts", name, value, str(line))
