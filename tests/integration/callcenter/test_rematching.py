"""Later knowledge: calls are looked at again when numbers, names and owners change; what was shown stays told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from app.core.database import reading
from app.modules.addresses import contacts
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import archive, create_address, restore, update_address
from app.modules.callcenter import choices, history, recognition, rematching
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.rematching import RECENT, REMATCH
from app.modules.callcenter.stored import number_begins
from tests.conftest import NOW
from tests.integration.callcenter.phone_system import CUSTOMER, PhoneSystem, call_id, matches_of, the_call

SWITCHBOARD = NumberInput("030 23125-0")


def customer(name: str = "Muster GmbH", number: str = "0171 3920001", **more: Any) -> int:
    return create_address({"name": name}, [NumberInput(number)], **more)


def shown(call: str) -> list[str]:
    return [match["name"] for match in matches_of(the_call(call))]


@pytest.fixture
def past(phones: PhoneSystem, clock: Any) -> Callable[..., str]:
    """``past(3)``: a call of three days ago."""

    def make(days: float = 1, caller: str = CUSTOMER) -> str:
        call = call_id()
        clock.at = NOW - timedelta(days=days)
        phones.incoming(call, caller)
        phones.hung_up(call, **{"from": caller})
        clock.at = NOW
        return call

    return make


def test_a_call_on_the_screen_is_known_at_once(phones: PhoneSystem, browser: Any) -> None:
    anna = browser()
    phones.incoming(call_id())
    customer()
    assert [told["certainty"] for told in anna.heard()] == ["unknown", "known"]


def test_a_call_of_the_last_days_is_known_after_the_job(past: Any) -> None:
    yesterday, last_month = past(1), past(29)
    customer()
    assert shown(yesterday) == shown(last_month) == []
    rematching.work_off()
    assert shown(yesterday) == shown(last_month) == ["Muster GmbH"]


def test_a_call_of_long_ago_keeps_what_it_showed(past: Any) -> None:
    call = past(RECENT.days + 1)
    customer()
    rematching.work_off()
    assert (shown(call), the_call(call).version) == ([], 2)


def test_a_call_of_yesterday_makes_no_card(past: Any, browser: Any) -> None:
    past()
    anna = browser()
    customer()
    rematching.work_off()
    assert anna.heard() == []


def change_number(address_id: int) -> None:
    update_address(address_id, None, {}, [NumberInput("030 23125678")])


def to_a_contact(address_id: int) -> None:
    eva = ContactInput("Eva Muster", numbers=(NumberInput("0171 3920001"),))
    update_address(address_id, None, {}, [], [eva])


def move(address_id: int) -> None:
    update_address(address_id, None, {}, [])
    customer("Andere AG")


def rename(address_id: int) -> None:
    update_address(address_id, None, {"name": "Muster SE"})


def archive_and_restore(address_id: int) -> None:
    archive(address_id)
    customer("Andere AG")
    restore(address_id)


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (change_number, []),
        (to_a_contact, ["Eva Muster"]),
        (move, ["Andere AG"]),
        (rename, ["Muster SE"]),
        (archive_and_restore, ["Andere AG", "Muster GmbH"]),
    ],
)
def test_whatever_changes_who_has_the_number_is_shown_on_screen_and_in_the_journal(
    phones: PhoneSystem, past: Any, change: Callable[[int], None], after: list[str]
) -> None:
    address_id = customer()
    old, current = past(), call_id()
    phones.incoming(current)
    change(address_id)
    assert shown(current) == after
    rematching.work_off()
    assert shown(old) == after


def test_a_contact_who_leaves_and_comes_back_is_taken_away_and_shown_again(phones: PhoneSystem) -> None:
    address_id = customer(number="030 23125678")
    eva = contacts.add_contact(address_id, ContactInput("Eva", numbers=(NumberInput("0171 3920001"),)))
    call = call_id()
    phones.incoming(call)
    assert [match["archived"] for match in matches_of(the_call(call))] == [False]
    contacts.archive_contact(eva)
    assert [match["archived"] for match in matches_of(the_call(call))] == [True]
    contacts.restore_contact(eva)
    assert [match["archived"] for match in matches_of(the_call(call))] == [False]


def test_a_switchboard_is_found_for_all_numbers_behind_it_and_no_other(past: Any) -> None:
    behind, itself, five, six, other = (
        past(1, caller) for caller in ("03023125677", "030231250", "0302312512345", "03023125123456", "03023126677")
    )
    before = the_call(other)
    create_address({"name": "Kontor AG"}, [SWITCHBOARD])
    rematching.work_off()
    assert shown(behind) == shown(itself) == shown(five) == ["Kontor AG"]
    assert shown(six) == []
    assert the_call(other) == before


def test_the_number_of_the_switchboard_that_goes_takes_the_company_from_all_behind_it(phones: PhoneSystem) -> None:
    address_id = create_address({"name": "Kontor AG"}, [SWITCHBOARD])
    call = call_id()
    phones.incoming(call, "03023125677")
    update_address(address_id, None, {}, [])
    assert shown(call) == []


def test_what_somebody_assigned_by_hand_is_not_looked_at_again(past: Any, make_user: Any) -> None:
    first = customer("Erste")
    customer("Zweite")
    call = past()
    user = make_user()
    choices.choose(the_call(call).id, Person(first), user, Scope.CALL)
    version = the_call(call).version
    update_address(first, None, {}, [])
    rematching.work_off()
    assert (the_call(call).address_id, the_call(call).assigned_by, the_call(call).version) == (first, user, version)


def test_calls_of_the_past_follow_what_is_remembered_and_undone(past: Any, phones: PhoneSystem, browser: Any) -> None:
    first = customer("Erste")
    customer("Zweite")
    old, anna = past(), browser()
    phones.incoming(now := call_id())
    change = choices.choose(the_call(now).id, Person(first), anna.user_id, Scope.ALL).chosen[0].change_id
    rematching.work_off()
    assert the_call(old).address_id == first
    assert change is not None
    choices.undo(the_call(now).id, change, anna.user_id)
    rematching.work_off()
    assert the_call(old).address_id is None


# ------------------------------------------------------------------------------------------------------------- the job


def waiting() -> int:
    with reading() as session:
        return len(session.execute(select(REMATCH.c.id)).all())


def test_many_calls_are_worked_off_a_few_at_a_time_and_each_once(past: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [past(1) for _ in range(11)]
    monkeypatch.setattr(rematching, "BATCH", 3)
    monkeypatch.setattr(rematching, "MOST_PER_RUN", 4)
    customer()
    done = []
    while waiting():
        rematching.work_off()
        done.append(sum(1 for call in calls if shown(call)))
    assert done == [6, 11]
    assert {the_call(call).version for call in calls} == {3}


def test_a_number_that_changes_while_its_calls_are_worked_off_begins_anew(
    past: Any, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    calls = [past(1) for _ in range(5)]
    monkeypatch.setattr(rematching, "BATCH", 2)
    monkeypatch.setattr(rematching, "MOST_PER_RUN", 2)
    address_id = customer()
    rematching.work_off()
    clock.advance(1)
    update_address(address_id, None, {"name": "Muster SE"})
    while waiting():
        rematching.work_off()
    assert {name for call in calls for name in shown(call)} == {"Muster SE"}


def test_a_number_without_calls_costs_one_query_and_leaves_nothing_to_do(app: Flask, phones: PhoneSystem) -> None:
    phones.incoming(call_id())
    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "callcenter" in statement:
            statements.append(statement)

    engine = app.extensions["durchwahl"].database.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        customer(number="030 23125-0")
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(statements) == 1
    assert waiting() == 0


def test_the_calls_of_a_number_are_found_by_the_index(app: Flask, past: Any, database_kind: str) -> None:
    if database_kind == "postgresql":
        plan = "EXPLAIN "
        prepare = "SET LOCAL enable_seqscan = off"
    else:
        plan, prepare = "EXPLAIN QUERY PLAN ", "SELECT 1"
    past()
    seen: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        seen.append((statement, parameters))

    engine = app.extensions["durchwahl"].database.engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        rematching._newest([("+491713920001", False), ("+493023125", True)])
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    (found,) = [one for one in seen if "callcenter_call" in one[0]]
    with reading() as session:
        session.connection().exec_driver_sql(prepare)
        lines = session.connection().exec_driver_sql(plan + found[0], found[1]).all()
    told = "\n".join(str(line) for line in lines)
    # Among a handful of calls PostgreSQL may take the index of their times: it never reads the table from end to end.
    assert "ix_callcenter_call_remote" in told or (database_kind == "postgresql" and "Index Scan" in told), told
    assert "LIKE" not in found[0].upper()


def test_what_changed_while_the_app_was_off_is_made_up_for(app: Flask, past: Any) -> None:
    call = past()
    states = app.extensions["durchwahl"].states
    states.set_active("callcenter", False)
    customer()
    states.set_active("callcenter", True)
    rematching.work_off()
    assert shown(call) == ["Muster GmbH"]


def test_a_change_that_a_call_missed_is_seen_at_the_second_look(
    phones: PhoneSystem, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = call_id()
    phones.incoming(call)
    # As when the number was saved in the moment in which the call came.
    monkeypatch.setattr(rematching, "_newest", lambda _meant: [])
    customer()
    assert shown(call) == []
    clock.advance(60)
    rematching.second_look()
    assert shown(call) == ["Muster GmbH"]


def test_a_change_by_a_command_is_told_to_the_browsers_of_the_server(
    app: Flask, phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.realtime import Realtime
    from app.core.versions import Version

    def number() -> int:
        with reading() as session:
            query = select(Version.value).where(Version.name == "callcenter.cards")
            return session.execute(query).scalar_one_or_none() or 0

    # A command's process holds no browser's socket.
    monkeypatch.setattr(Realtime, "open_sockets", 0)
    phones.incoming(call_id())
    before = number()
    customer()
    assert number() == before + 1


@given(st.text("0123456789", min_size=1, max_size=6), st.text("0123456789", min_size=1, max_size=8))
def test_a_range_holds_exactly_the_numbers_that_begin_so(start: str, number: str) -> None:
    condition = number_begins(f"+{start}").compile(compile_kwargs={"literal_binds": True})
    python = str(condition).replace("callcenter_call.remote_e164", repr(f"+{number}")).replace(" AND ", " and ")
    assert eval(python) == number.startswith(start)


def test_a_rematch_of_a_call_that_is_none_changes_nothing(app: Flask) -> None:
    assert recognition.rematch(4711, history.NUMBERS) is False
