"""The short way to the users whom a call concerns finds exactly those that asking everybody finds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.concerned import Concerned
from app.modules.callcenter.domain.recipients import Watcher, audience
from app.modules.callcenter.stored import StoredCall, call_of
from tests.conftest import NOW

ACCOUNTS = ["777a@fpbx.de", "777b@fpbx.de", "777c@fpbx.de"]
LINES = ["+493023125100", "+493023125200", "23"]

watchers = st.lists(
    st.builds(
        Watcher,
        user_id=st.integers(1, 8),
        permitted=st.booleans(),
        active=st.booleans(),
        notifications=st.booleans(),
        scope=st.sampled_from(["all", "lines", "mine"]),
        accounts=st.frozensets(st.sampled_from(ACCOUNTS)),
        lines=st.frozensets(st.sampled_from(LINES)),
    ),
    max_size=8,
    unique_by=lambda watcher: watcher.user_id,
)


def call(**values: Any) -> StoredCall:
    fields: dict[str, Any] = dict.fromkeys(StoredCall.__slots__)
    fields |= {"id": 1, "version": 1, "received_at": NOW, "matches": "[]", "grade": "none", "answered_by": "[]"}
    return StoredCall(**{**fields, **values})


calls = st.builds(
    lambda direction, state, line, peer, answered: call(
        direction=direction,
        phase=state[0],
        outcome=state[1],
        line_key=line,
        line_raw=line,
        peer=peer,
        answered_by=json.dumps(answered if direction == "in" else []),
    ),
    st.sampled_from(["in", "out", None]),
    st.sampled_from([("ringing", None), ("talking", None), ("ended", "accepted"), ("ended", "missed")]),
    st.sampled_from([*LINES, None]),
    st.sampled_from([*ACCOUNTS, None]),
    st.lists(st.sampled_from(ACCOUNTS), unique=True, max_size=2),
)


@given(row=calls, everybody=watchers)
def test_asking_the_few_gives_what_asking_everybody_gives(row: StoredCall, everybody: list[Watcher]) -> None:
    assert Concerned(everybody).forms(row) == audience(call_of(row), row.line_key, everybody)


@given(everybody=watchers)
def test_a_call_to_nobodys_line_asks_only_those_who_want_all(everybody: list[Watcher]) -> None:
    row = call(direction="in", phase="ringing", line_key="+4940669690")
    assert all(watcher.scope == "all" and watcher.may_see for watcher in Concerned(everybody).by(row))
