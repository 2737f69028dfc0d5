"""Reports about one call, as short as a test wants to write them. All numbers are reserved for fiction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.core.values import Dialable, Internal, Party, SipUser, Withheld
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

CALLER = Dialable("03023125042", "+493023125042")
OTHER_CALLER = Dialable("01713920011", "+491713920011")
LINE = Dialable("02214710100", "+492214710100")
EXTENSION = Internal("23")
HIDDEN = Withheld("anonymous")
ANNA = "7770000001@fpbx.de"
BERND = "7770000002@fpbx.de"
ANNAS_SIP = SipUser(ANNA)
BERNDS_SIP = SipUser(BERND)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def incoming(second: float = 0, remote: Party | None = CALLER, line: Party | None = LINE) -> CallEvent:
    return CallEvent(EventKind.STARTED, at(second), Direction.IN, remote, line)


def outgoing(
    second: float = 0, remote: Party | None = CALLER, line: Party | None = LINE, peer: str | None = ANNA
) -> CallEvent:
    return CallEvent(EventKind.STARTED, at(second), Direction.OUT, remote, line, peer)


def accepted_by(peer: str | None, second: float = 8) -> CallEvent:
    return CallEvent(EventKind.ANSWERED, at(second), Direction.IN, CALLER, LINE, peer)


def hung_up(
    outcome: Outcome | None,
    talk_seconds: int | None = None,
    second: float = 50,
    *,
    direction: Direction = Direction.IN,
    remote: Party | None = CALLER,
    line: Party | None = LINE,
) -> CallEvent:
    return CallEvent(EventKind.ENDED, at(second), direction, remote, line, outcome=outcome, talk_seconds=talk_seconds)


def hung_up_without_direction(
    outcome: Outcome, first: Party, second_party: Party, talk_seconds: int = 0, second: float = 50
) -> CallEvent:
    return CallEvent(
        EventKind.ENDED,
        at(second),
        outcome=outcome,
        talk_seconds=talk_seconds,
        first=first,
        second=second_party,
    )


def assumed_end(second: float) -> CallEvent:
    return CallEvent(EventKind.ENDED, at(second), outcome=Outcome.UNKNOWN, provisional=True)
