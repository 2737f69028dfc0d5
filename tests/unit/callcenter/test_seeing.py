"""What of some calls each user may see, looked at in rows that were read for all."""

from __future__ import annotations

from collections import namedtuple
from types import MappingProxyType, SimpleNamespace
from typing import Any

from app.modules.callcenter.accounts import Assignments
from app.modules.callcenter.domain.visibility import Scope, Watcher
from app.modules.callcenter.seeing import Eyes

SALES, SUPPORT = "+4922147100", "+4922147200"
CHIEF, ANNA, BEN, EVA = 1, 2, 3, 4
TASK = namedtuple("TASK", "assigned_to created_by line_key kind")


def watcher(user_id: int, scope: Scope, *lines: str, own: tuple[str, ...] = ()) -> Watcher:
    return Watcher(user_id, True, True, True, scope, frozenset(), frozenset((*lines, *own)), frozenset(own))


def eyes(*others: Watcher) -> Eyes:
    accounts = MappingProxyType({"anna@pbx": ANNA, "ben@pbx": BEN})
    nothing: Any = MappingProxyType({})
    return Eyes(Assignments(accounts, nothing, (), nothing, frozenset(), nothing), frozenset({CHIEF}), others)


def call(line: str | None, user: int | None = None, answered: str = "[]", direction: str | None = "in") -> Any:
    return SimpleNamespace(line_key=line, user_id=user, answered_by=answered, direction=direction)


def task(assigned_to: int | None = None, line: str | None = None) -> Any:
    row = {"assigned_to": assigned_to, "created_by": None, "line_key": line, "kind": "missed"}
    return TASK(**row)


def test_where_everybody_sees_everything_there_is_one_number_for_all() -> None:
    assert eyes().of_calls([call(SALES), call(None)]) == [(2, None)]
    assert eyes().of_callbacks([task()])[0][1] is None


def test_each_counts_the_calls_on_his_lines_and_those_that_he_took() -> None:
    calls = [call(SALES), call(SALES, BEN), call(SUPPORT, ANNA), call(None, None, '["ben@pbx","anna@pbx"]')]
    found = eyes(watcher(ANNA, "lines", SALES), watcher(BEN, "mine", SALES)).of_calls(calls)
    assert found == [(4, frozenset({CHIEF})), (4, frozenset({ANNA})), (2, frozenset({BEN}))]


def test_what_a_colleague_dials_is_on_nobodys_line() -> None:
    dialled = call(SALES, BEN, direction="out")
    found = eyes(watcher(ANNA, "lines", SALES), watcher(BEN, "mine")).of_calls([dialled])
    assert found == [(1, frozenset({CHIEF})), (1, frozenset({BEN}))]


def test_a_call_of_no_told_direction_is_on_its_line_like_one_that_comes_in() -> None:
    assert eyes(watcher(ANNA, "lines", SALES)).of_calls([call(SALES, direction=None)])[1] == (1, frozenset({ANNA}))


def test_users_who_see_the_same_are_told_together_and_those_who_see_none_are_not_told() -> None:
    others = (watcher(ANNA, "lines", SALES), watcher(BEN, "lines", SALES), watcher(EVA, "lines", SUPPORT))
    assert eyes(*others).of_calls([call(SALES)])[1:] == [(1, frozenset({ANNA, BEN}))]


def test_call_backs_are_told_to_whoever_sees_them() -> None:
    hers, of_sales = task(ANNA), task(line=SALES)
    others = (watcher(ANNA, "lines", SALES), watcher(BEN, "mine", own=(SALES,)), watcher(EVA, "mine", SALES))
    found = eyes(*others).of_callbacks([hers, of_sales])
    assert found == [
        ([hers, of_sales], frozenset({CHIEF})),
        ([hers, of_sales], frozenset({ANNA})),
        ([of_sales], frozenset({BEN})),
    ]
