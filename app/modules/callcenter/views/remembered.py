"""*Gemerkte Zuordnungen*: who is remembered for numbers that several have; changed, removed, and brought back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask import redirect as to
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.database import reading
from app.core.security import safe_next
from app.core.ui.paging import Paging, asked_page
from app.core.ui.undo import flash_with_undo
from app.modules.addresses import api as addresses
from app.modules.addresses.api import Match
from app.modules.callcenter import choices, remembered
from app.modules.callcenter.choices import NotAMatch
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.home import format_display
from app.modules.callcenter.labels import labels
from app.modules.callcenter.remembered import Kept
from app.modules.callcenter.views.choices import FOR_EVERYBODY, PERMISSION, asked_person, asked_scope

blueprint = Blueprint("callcenter_remembered", __name__, url_prefix="/callcenter")
#: Each row asks once, by index, who has its number now.
PER_PAGE = 25
_NUMBER = re.compile(r"\+[0-9]{5,17}")


@dataclass(frozen=True, slots=True)
class Line:
    """One remembered choice as pages show it."""

    kept: Kept
    display: str
    name: str
    company: str
    path: str | None
    """None where there is no such address any more."""
    scope: str
    by: str
    without_effect: str
    """Why it has none at present; empty where it has one."""
    candidates: Sequence[Match]
    """Among whom can be chosen now."""
    may_change: bool
    who: str
    """Its person, as the form sends it."""


@blueprint.get("/calls/remembered")
@requires(PERMISSION)
def index() -> str:
    """What is remembered for everybody and for the user himself, the latest first."""
    page = asked_page()
    with reading() as session:
        rows, total = remembered.listed(session, current_user.id, page, PER_PAGE)
        lines = [_line(session, row) for row in rows]
    paging = Paging(page, PER_PAGE, total, lambda one: url_for("callcenter_remembered.index", page=one))
    return render_template("callcenter/remembered.html", lines=lines, paging=paging)


@blueprint.post("/calls/remembered")
@requires(PERMISSION)
def save() -> BaseResponse:
    """Remember ``who`` for ``number`` and ``scope``, or forget it where ``who`` is empty. Can be undone."""
    number = request.form.get("number", "")
    scope = asked_scope("scope")
    if not _NUMBER.fullmatch(number) or scope is Scope.CALL:
        abort(400)
    person = asked_person() if request.form.get("who") else None
    try:
        before = choices.set_remembered(number, _for(scope), person, current_user.id)
    except NotAMatch:
        abort(404)
    back = safe_next(request.form.get("next")) or url_for("callcenter_remembered.index")
    fields = {"number": number, "scope": scope.value, "who": _who(before.person) if before else "", "next": back}
    said = _("The remembered choice is removed.") if person is None else _("The choice is remembered.")
    flash_with_undo(said, url_for("callcenter_remembered.save"), _("Undo"), **fields)
    return to(back)


def of_address(address_id: int) -> dict[str, Any]:
    """What the slot in the details of an address shows; without lines its place, for what somebody remembers later."""
    with reading() as session:
        lines = [_line(session, row) for row in remembered.of_address(session, address_id, current_user.id)]
    return {"lines": lines}


def _for(scope: Scope) -> int | None:
    return None if scope is Scope.ALL else int(current_user.id)


def _who(person: Person) -> str:
    return f"{person.address_id},{person.contact_id}" if person.contact_id is not None else str(person.address_id)


def _line(session: Session, row: Kept) -> Line:
    found = addresses.find_by_number(session, row.number).matches
    persons = {Person(match.address_id, match.contact_id): match for match in found}
    owner = addresses.owner_name(session, row.address_id, row.contact_id)
    mine = row.user_id is not None
    return Line(
        kept=row,
        display=format_display(row.number),
        name=owner.name if owner else row.name,
        company=owner.company if owner else row.company,
        path=addresses.address_path(row.address_id, row.contact_id) if owner else None,
        scope=Scope.MINE if mine else Scope.ALL,
        by=_("you") if row.chosen_by == current_user.id else labels().users.get(row.chosen_by or 0, _("somebody")),
        without_effect=_reason(row.person, set(persons), owner),
        candidates=list(persons.values()) if len(persons) > 1 else [],
        may_change=mine or may(FOR_EVERYBODY),
        who=_who(row.person),
    )


def _reason(person: Person, persons: set[Person], owner: addresses.OwnerName | None) -> str:
    if person in persons:
        return "" if len(persons) > 1 else str(_("nobody else has the number at present"))
    if owner is None:
        return str(_("there is no such address any more"))
    if owner.archived:
        return str(_("archived"))
    return str(_("the number belongs to somebody else now") if persons else _("the number is not stored any more"))
