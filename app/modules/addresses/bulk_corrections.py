"""All proposals of a kind at once: looked at beforehand, applied piece by piece, undone together.

Each piece is a short transaction: nobody who saves an address, and no call, waits for the whole. Whoever stops in
between has lost nothing; what is left is listed as before.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.core.database import reading
from app.modules.addresses import hygiene
from app.modules.addresses.corrections import Replacement, correct_each, undo_each
from app.modules.addresses.findings import DOUBTFUL, REMARK, SEVERAL
from app.modules.addresses.hygiene import Found, Repeated
from app.modules.addresses.models import Correction, PhoneNumber, RepeatedNumber
from app.modules.addresses.repeated import TWICE

#: Numbers that are looked at in one piece.
PIECE = 100
#: Numbers that a preview looks at; beyond them it says that there are more.
MOST_PREVIEWED = 1000
EXAMPLES = 10
#: Of which kinds all can be applied at once. Who keeps a number that several addresses share, only a person knows,
#: and for what cannot be read at all nothing is proposed.
KINDS = (SEVERAL, DOUBTFUL, REMARK, TWICE)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be applied. ``more``: beyond what was looked at there is more; ``until``: how far the list reaches."""

    by_reason: dict[str, int]
    examples: tuple[Found, ...]
    repeated: tuple[Repeated, ...]
    more: bool
    until: str

    @property
    def total(self) -> int:
        """How many proposals were seen."""
        return sum(self.by_reason.values())


@dataclass(frozen=True, slots=True)
class Piece:
    """What was done in one piece. ``after`` is where the next one begins, empty at the end."""

    looked_at: int
    done: int
    skipped: int
    """Changed by somebody else in between: left alone."""
    after: str


def new_batch() -> str:
    """A name for what is applied at once."""
    return secrets.token_hex(16)


def preview(kind: str) -> Preview:
    """The proposals of a kind: a finding, or ``TWICE``."""
    reasons: Counter[str] = Counter()
    examples: list[Found] = []
    repeated: list[Repeated] = []
    looked_at, after = 0, ""
    while looked_at < MOST_PREVIEWED:
        page = _next(kind, after, PIECE)
        if not page:
            break
        looked_at += len(page)
        after = _place(page[-1])
        for found in page:
            if isinstance(found, Repeated):
                reasons[TWICE] += len(found.superfluous)
                if found.superfluous:
                    repeated.append(found)
            elif found.proposal is not None:
                reasons[found.proposal.reason] += 1
                examples.append(found)
    more = bool(after) and bool(_next(kind, after, 1))
    return Preview(
        dict(+reasons), tuple(examples[:EXAMPLES]), tuple(repeated[:EXAMPLES]), more, _last(kind) if after else ""
    )


def count(kind: str, until: str) -> int:
    """How many numbers of a kind there are to go through, all of them."""
    with reading() as session:
        if kind == TWICE:
            query = select(func.count()).where(RepeatedNumber.reach == TWICE, RepeatedNumber.kept.is_(False))
            return session.execute(query.where(RepeatedNumber.e164 <= until)).scalar_one()
        query = select(func.count()).where(PhoneNumber.finding == kind, PhoneNumber.kept.is_(False))
        return session.execute(query.where(PhoneNumber.id <= _number(until))).scalar_one()


def apply_piece(
    kind: str, reasons: Collection[str], after: str, until: str, batch: str, *, by: int | None = None
) -> Piece:
    """Apply the proposals for these reasons among the next numbers of a kind, as far as ``until``."""
    page = _next(kind, after, PIECE)
    chosen: list[Replacement] = []
    looked_at, last = 0, after
    owners: set[tuple[int, int | None]] = set()
    for found in page:
        if _is_beyond(kind, found, until):
            last = ""
            break
        if isinstance(found, Repeated):
            chosen += [Replacement(row.seen, (), TWICE) for row in found.superfluous] if TWICE in reasons else []
        elif found.proposal is not None and _chosen(found.proposal.reason, reasons):
            owner = (found.address_id, found.contact_id)
            if owner in owners and found.proposal.reason != "remark":
                break  # a proposal depends on the owner's other numbers: the next piece sees them as they are then
            owners.add(owner)
            chosen += [found.replacement] if found.replacement else []
        looked_at += 1
        last = _place(found)
    else:
        last = last if len(page) == PIECE else ""
    done, skipped = correct_each(chosen, by=by, batch=batch)
    return Piece(looked_at, done, skipped, last)


def _chosen(reason: str, reasons: Collection[str]) -> bool:
    # By the piece before, all numbers of a field that was to be split may have got their rows.
    return reason in reasons or (reason == "stored_already" and "split" in reasons)


def count_batch(batch: str) -> int:
    """How many corrections of a batch are not undone."""
    with reading() as session:
        query = select(func.count()).where(Correction.batch == batch, Correction.undone_at.is_(None))
        return session.execute(query).scalar_one()


def undo_piece(batch: str, after: str, *, by: int | None = None) -> Piece:
    """Undo the next corrections of a batch, the newest first."""
    with reading() as session:
        query = select(Correction.id).where(Correction.batch == batch, Correction.undone_at.is_(None))
        if after:
            query = query.where(Correction.id < _number(after))
        ids = session.execute(query.order_by(Correction.id.desc()).limit(PIECE)).scalars().all()
    done, skipped = undo_each(ids, by=by)
    return Piece(len(ids), done, skipped, str(ids[-1]) if len(ids) == PIECE else "")


def _next(kind: str, after: str, limit: int) -> Sequence[Found | Repeated]:
    if kind == TWICE:
        return hygiene.of_reach(TWICE, after, limit)
    return hygiene.of_finding(kind, _number(after), limit)


def _last(kind: str) -> str:
    """The last number of a kind that there is now: what comes later was not in the preview."""
    with reading() as session:
        if kind == TWICE:
            last = select(func.max(RepeatedNumber.e164)).where(RepeatedNumber.reach == TWICE)
            return session.execute(last.where(RepeatedNumber.kept.is_(False))).scalar() or ""
        latest = select(func.max(PhoneNumber.id)).where(PhoneNumber.finding == kind, PhoneNumber.kept.is_(False))
        return str(session.execute(latest).scalar() or 0)


def _place(found: Found | Repeated) -> str:
    return found.e164 if isinstance(found, Repeated) else str(found.number_id)


def _is_beyond(kind: str, found: Found | Repeated, until: str) -> bool:
    return found.e164 > until if isinstance(found, Repeated) else found.number_id > _number(until)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
