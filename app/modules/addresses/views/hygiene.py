"""*Rufnummern prüfen*: numbers that need a person's eye, each with the proposed correction, before and after."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.ui.undo import flash_with_undo
from app.modules.addresses import bulk_corrections, corrections, hygiene
from app.modules.addresses.correction_log import history, made
from app.modules.addresses.corrections import Changed, Replacement, Seen
from app.modules.addresses.findings import FINDINGS
from app.modules.addresses.hygiene import PER_PAGE, Found, Repeated
from app.modules.addresses.records import Invalid, NumberInput
from app.modules.addresses.repeated import REACHES
from app.modules.addresses.views import hygiene_words as words
from app.modules.addresses.views.forms import NumberRow, number_rows, numbers_sent
from app.modules.addresses.views.texts import problem_text

blueprint = Blueprint("addresses_hygiene", __name__, url_prefix="/addresses/check")


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "kind_title": words.kind_title,
        "count_text": words.count_text,
        "problem_of": words.problem_of,
        "reason_of": words.reason_of,
        "shown": words.shown,
        "e164_shown": words.e164_shown,
    }


@blueprint.get("/")
@requires("addresses.edit")
def index() -> str:
    """A page of one kind; ``?after=`` continues, ``?kept=1`` lists those that were left as they are."""
    counts = hygiene.counts()
    kind = request.args.get("show", "")
    if kind not in words.KINDS:
        kind = next((one for one in words.KINDS if counts.get(one)), words.KINDS[0])
    kept = bool(request.args.get("kept"))
    after = request.args.get("after", "")
    rows = _rows(kind, after, kept)
    page, more = rows[:PER_PAGE], rows[PER_PAGE:]
    return render_template(
        "addresses/check.html",
        kind=kind,
        kinds=words.KINDS,
        counts=counts,
        intro=words.kind_intro(kind),
        empty=words.kind_empty(kind),
        kept=kept,
        after=after,
        rows=page,
        following=link(kind, after=_place(page[-1]), kept=kept) if more else None,
        in_bulk=kind in bulk_corrections.KINDS and not kept,
    )


def link(kind: str, *, after: object = "", kept: bool = False) -> str:
    """The address of a page of this kind."""
    return url_for("addresses_hygiene.index", show=kind, after=after or None, kept="1" if kept else None)


def _rows(kind: str, after: str, kept: bool) -> list[Any]:
    """The rows of a page, and one more where there are more."""
    if kind in FINDINGS:
        return list(hygiene.of_finding(kind, _number(after), PER_PAGE + 1, kept=kept))
    if kind in REACHES:
        return list(hygiene.of_reach(kind, hygiene.e164_of(_number(after)), PER_PAGE + 1, kept=kept))
    return list(history(_number(after) or None, PER_PAGE + 1))


def _place(row: Any) -> int:
    """Where the next page begins; the id of a row, for a number in an address would stand in logs."""
    if isinstance(row, Repeated):
        return row.rows[0].number_id
    found: int = row.number_id if isinstance(row, Found) else row.id
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# --------------------------------------------------------------------------------------------------------- one number


@blueprint.get("/numbers/<int:number_id>/edit")
@requires("addresses.edit")
def edit(number_id: int) -> str:
    """The editor of one number, beneath it in the list for htmx, else a page of its own."""
    found = hygiene.one(number_id) or abort(404)
    if is_part():
        rows = _editor_rows(found, [found.number])
        return render_template("addresses/_check_editor.html", found=found, editor_rows=rows)
    return _item(found, [found.number])


@blueprint.post("/numbers/<int:number_id>")
@requires("addresses.edit")
def correct(number_id: int) -> str | BaseResponse:
    """Put what was sent in the place of the number, if it is still as it was seen."""
    numbers, finding = numbers_sent(request.form), finding_sent()
    try:
        correction = corrections.correct(Replacement(seen_sent(number_id), tuple(numbers), finding), by=current_user.id)
    except Changed:
        return _is_another(number_id, numbers)
    except Invalid as refused:
        found = hygiene.one(number_id) or abort(404)
        return _item(found, numbers, message=problem_text(next(iter(refused.problems.values()))))
    text = words.done_text(_before(correction), numbers)
    return told(text, finding, undo_url=url_for("addresses_hygiene.undo", correction_id=correction))


@blueprint.post("/numbers/<int:number_id>/keep")
@requires("addresses.edit")
def keep(number_id: int) -> str | BaseResponse:
    """Leave the number as it is, or list it again."""
    seen, kept = seen_sent(number_id), request.form.get("kept") == "1"
    try:
        corrections.keep(seen, kept=kept)
    except Changed:
        return _is_another(number_id, [])
    found = hygiene.one(number_id)
    number, finding = found.number.raw if found else "", finding_sent()
    return told_kept(number, kept, finding, address_id=seen.address_id, sign=seen.sign, finding=finding)


@blueprint.post("/corrections/<int:correction_id>/undo")
@requires("addresses.edit")
def undo(correction_id: int) -> str | BaseResponse:
    """Put back what had been typed."""
    correction = made(correction_id) or abort(404)
    kind = words.HISTORY if request.form.get("next") == words.HISTORY else correction.finding
    try:
        corrections.undo(correction_id, by=current_user.id)
    except (Changed, Invalid):
        text = _("This cannot be undone any more: the numbers there were changed since.")
        return told(text, kind, category="warning")
    return told(_("Undone: %(number)s stands there again.", number=_before(correction_id)), kind)


def told(
    text: str, kind: str, /, *, category: str = "success", undo_url: str | None = None, **fields: object
) -> str | BaseResponse:
    """Says what was done: in the place of the number for htmx, else above the list. ``fields`` go with the undoing."""
    if is_part():
        return render_template(
            "addresses/_check_done.html",
            text=text,
            category=category,
            undo_url=undo_url,
            fields=fields,
            counts=hygiene.counts(),
        )
    if undo_url is None:
        flash(text, category)
    else:
        flash_with_undo(text, undo_url, _("Undo"), **fields)
    return redirect(link(kind))


def told_kept(number: str, kept: bool, kind: str, /, **fields: object) -> str | BaseResponse:
    """Says what was left as it is, or listed again; the same fields sent once more take it back."""
    text = _("Left as it is: %(number)s", number=number) if kept else _("Listed again: %(number)s", number=number)
    fields["kept"] = "" if kept else "1"
    return told(text, kind, category="success", undo_url=request.path, **fields)


def seen_sent(number_id: int) -> Seen:
    """The number as the page showed it."""
    address_id = request.form.get("address_id", "")
    if not (address_id.isascii() and address_id.isdigit() and len(address_id) < 11):
        abort(400)
    return Seen(number_id, int(address_id), request.form.get("sign", ""))


def finding_sent() -> str:
    """Why the number is looked at."""
    finding = request.form.get("finding", "")
    return finding if finding in FINDINGS else FINDINGS[0]


def is_part() -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(request.headers.get("HX-Request"))


def _before(correction_id: int) -> str:
    correction = made(correction_id)
    return ", ".join(number.raw for number in correction.before) if correction else ""


def _is_another(number_id: int, numbers: list[NumberInput]) -> str | BaseResponse:
    """Somebody changed it in between: say so, show it as it is now; what was typed stays in the editor."""
    found = hygiene.one(number_id)
    message = _("Somebody has changed this number in between. Nothing was overwritten.")
    if found is None:
        return told(message, finding_sent(), category="warning")
    return _item(found, numbers, message=message)


def _item(found: Found, numbers: list[NumberInput], *, message: str = "") -> str:
    """The number with an editor that holds these, in its place in the list or on a page of its own."""
    rows = _editor_rows(found, numbers) if numbers else []
    template = "addresses/_check_item.html" if is_part() else "addresses/check_number.html"
    return render_template(template, row=found, editor_rows=rows, message=message, counts=hygiene.counts())


def _editor_rows(found: Found, numbers: list[NumberInput]) -> list[NumberRow]:
    return number_rows(numbers, found.country)
