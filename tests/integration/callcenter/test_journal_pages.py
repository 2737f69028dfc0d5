"""Every page of the journal holds what filtering all calls one by one would leave: any calls, rights and filters."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core.accounts import personal
from app.core.database import MAX_ID, reading, transaction
from app.modules.addresses.services import create_address
from app.modules.callcenter import accounts, journal, journal_branches, journal_filters
from app.modules.callcenter.domain.visibility import SCOPES, Watcher
from app.modules.callcenter.journal import Filters
from app.modules.callcenter.models import RememberedRow
from app.modules.callcenter.stored import CALL, StoredCall, stored
from app.modules.callcenter.visibility import TAKER
from tests.conftest import NOW
from tests.integration.callcenter.phone_system import LINE_E164, give_line

CALLS = 160
OWN, SHARED, ELSEWHERE = LINE_E164, "+493023125200", "+493023125900"
LINES = (OWN, SHARED, ELSEWHERE, "anonymous", None)
FIRST, SECOND = "Erste AG", "Zweite AG"
#: Many numbers that begin alike, some that end early, and one that two addresses have.
NUMBERS = (
    *(f"+493023125{end:03}" for end in range(0, 60, 3)),
    *(f"+4930231257{end}" for end in range(4)),
    "+493023",
    "+41445556677",
    "+491713920001",
    "+491713920099",
)
CHOSEN = "+491713920099"
SEARCHED = ("", "030 2", "030 23", "030 231", "030 23125", "030 231250", "030 2312", "0171 3920001", "0171 39200",
            "+41", "+4", "+493", "030", "030 9", FIRST, SECOND, "Niemand heißt so")  # fmt: skip


class Office:
    """Three users, three lines, two addresses, and calls by chance, often several at one moment."""

    def __init__(self, app: Flask, make_user: Any) -> None:
        self.users = [make_user(name) for name in ("anna", "ben", "clara")]
        give_line(app, self.users[0], number=OWN, key=OWN)
        give_line(app, self.users[0], self.users[1], number=SHARED, key=SHARED)
        self.addresses = {name: create_address({"name": name}, []) for name in (FIRST, SECOND)}
        chance = random.Random(4711)
        with transaction() as session:
            last = session.execute(select(func.coalesce(func.max(CALL.c.id), 0))).scalar_one()
            rows = [self._call(chance, last + 1 + place) for place in range(CALLS)]
            takers = [taker for row in rows for taker in self._takers(chance, row)]
            several = {row["call_id"] for row in takers}
            session.execute(CALL.insert(), [{**row, "passed_on": row["id"] in several} for row in rows])
            session.execute(TAKER.insert(), takers)
            session.add(
                RememberedRow(
                    number=CHOSEN, user_id=self.users[0], address_id=self.addresses[FIRST], name=FIRST, chosen_at=NOW
                )
            )
        with reading() as session:
            query = select(CALL).order_by(CALL.c.received_at.desc(), CALL.c.id.desc())
            self.calls = [stored(row) for row in session.execute(query).mappings()]
        self.taken = {(row["user_id"], row["call_id"]) for row in takers}

    def _takers(self, chance: random.Random, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Two or three who took it, where it was passed on."""
        if row["direction"] == "out" or row["missed"] or chance.random() >= 0.25:
            return []
        users = {*chance.sample(self.users, 2), *([row["user_id"]] if row["user_id"] else [])}
        of_call = {"call_id": row["id"], "received_at": row["received_at"], "line_key": row["line_key"]}
        return [
            {"user_id": user, "other_id": next(iter(users - {user})) if len(users) == 2 else 0, **of_call}
            for user in users
        ]

    def _call(self, chance: random.Random, call_id: int) -> dict[str, Any]:
        direction = chance.choice(("in", "in", "out", None))
        kind = chance.choice(("dialable", "dialable", "dialable", "unverified", "withheld", "internal", None))
        known = chance.random() < 0.5
        missed = direction == "in" and chance.random() < 0.4
        return {
            "id": call_id, "connection": "placetel", "provider": "placetel", "external_id": str(call_id),
            "version": 1, "phase": "ended", "provisional": False, "answered_by": "[]", "matches": "[]",
            "choices": "[]", "direction": direction, "missed": missed,
            "line_key": chance.choice(LINES), "user_id": None if missed else chance.choice((*self.users, None)),
            "received_at": NOW - timedelta(minutes=chance.randrange(90)), "remote_kind": kind,
            "remote_e164": chance.choice(NUMBERS) if kind == "dialable" else None,
            "grade": "exact" if known else "none",
            "address_id": chance.choice(list(self.addresses.values())) if known else None,
        }  # fmt: skip

    def fits(self, row: StoredCall, filters: Filters, watcher: Watcher) -> bool:
        """What each filter means, and what the reader may see, in plain words."""
        reader = watcher.user_id
        took = row.user_id == reader or (reader, row.id) in self.taken
        on_line = row.direction != "out"
        return (
            (watcher.scope == "all" or took or (on_line and row.line_key in watcher.seen_lines))
            and (not filters.mine or took or (on_line and row.line_key in watcher.lines))
            and (not filters.direction or row.direction == filters.direction)
            and (not filters.missed or row.missed)
            and (not filters.unknown or (row.grade == "none" and row.remote_kind in ("dialable", "unverified")))
            and (not filters.line or row.line_key == filters.line)
            and (filters.user is None or row.user_id == filters.user or (filters.user, row.id) in self.taken)
            and (filters.since is None or row.received_at >= filters.since)
            and (filters.until is None or row.received_at < filters.until)
            and (not filters.search or self._found(row, filters.search, reader))
        )

    def _found(self, row: StoredCall, text: str, reader: int) -> bool:
        if text in self.addresses:
            chosen = text == FIRST and reader == self.users[0] and row.remote_e164 == CHOSEN
            return chosen or row.address_id == self.addresses[text]
        if not any(sign.isdigit() for sign in text):
            return False
        start = text if text.startswith("+") else f"+49{text.removeprefix('0')}"
        return (row.remote_e164 or "").startswith(start.replace(" ", ""))


@pytest.fixture
def office(app: Flask, make_user: Any) -> Office:
    return Office(app, make_user)


@pytest.fixture(params=["as they are", "so small that each way is gone"])
def bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the journal changes its way of finding calls."""
    if request.param != "as they are":
        for name, value in {"MOST_BRANCHES": 4, "MOST_NUMBERS": 1}.items():
            monkeypatch.setattr(journal_filters, name, value)
        for name, value in {"MOST_NUMBERS": 2, "FEW_CALLS": 15}.items():
            monkeypatch.setattr(journal_branches, name, value)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.fixed_dictionaries(
        {
            "direction": st.sampled_from(("", "", "in", "out")),
            "missed": st.booleans(),
            "mine": st.booleans(),
            "unknown": st.booleans(),
            "search": st.sampled_from(("",) * 6 + SEARCHED),
            "line": st.sampled_from(("", "", "", OWN, SHARED, ELSEWHERE)),
        }
    ),
    colleague=st.sampled_from((None, None, 0, 1, 2, 4711)),
    period=st.tuples(st.none() | st.integers(0, 100), st.none() | st.integers(0, 100)),
    reader=st.integers(0, 2),
    scope=st.sampled_from(SCOPES),
    per_page=st.sampled_from((5, 40)),
    beside=st.integers(0, CALLS - 1),
)
def test_a_page_holds_what_filtering_one_by_one_leaves(
    office: Office,
    bounds: None,
    asked: Mapping[str, Any],
    colleague: int | None,
    period: tuple[int | None, int | None],
    reader: int,
    scope: str,
    per_page: int,
    beside: int,
) -> None:
    since, until = (None if ago is None else NOW - timedelta(minutes=ago) for ago in period)
    user = office.users[colleague] if colleague is not None and colleague < 3 else colleague
    filters = Filters(**asked, user=user, since=since, until=until)
    viewer = office.users[reader]
    personal.save(viewer, {("callcenter", "scope"): scope})
    watcher = accounts.watcher(viewer)
    assert watcher is not None
    expected = [row.id for row in office.calls if office.fits(row, filters, watcher)]

    forward: list[list[int]] = []
    page = journal.page(filters, per_page=per_page, viewer=viewer)
    while True:
        forward.append([entry.call.id for entry in page.entries])
        if page.before is None:
            break
        page = journal.page(filters, page.before, per_page, viewer=viewer)
    assert [one for part in forward for one in part] == expected
    if len(forward) > 2:
        # From the last page back.
        back = journal.page(filters, None, per_page, viewer=viewer, after=page.after)
        assert [entry.call.id for entry in back.entries] == forward[-2]
    # From any call on, also one that does not fit, or lies beyond the period.
    edge = office.calls[beside]
    fitting = set(expected)
    older, younger = office.calls[beside + 1 :], office.calls[:beside]
    assert _ids(journal.page(filters, edge.id, per_page, viewer=viewer)) == _first(older, fitting)[:per_page]
    before_it = _first(younger, fitting)
    newer = before_it[-per_page:] if len(before_it) > per_page else expected[:per_page]
    assert _ids(journal.page(filters, None, per_page, viewer=viewer, after=edge.id)) == newer
    for where in ({"before": MAX_ID}, {"after": MAX_ID}):
        assert _ids(journal.page(filters, per_page=per_page, viewer=viewer, **where)) == expected[:per_page]
    chosen = [row.id for row in office.calls[::3]]
    assert [entry.call.id for entry in journal.those(filters, viewer, chosen)] == [
        call for call in expected if call in set(chosen)
    ]


def _ids(page: journal.Page) -> list[int]:
    return [entry.call.id for entry in page.entries]


def _first(calls: Sequence[StoredCall], fitting: set[int]) -> list[int]:
    return [call.id for call in calls if call.id in fitting]
