"""Numbers that are stored more than once: compare who has one, keep it at one of them, drop what says nothing more."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import reading
from app.modules.addresses import bulk_corrections, corrections, hygiene
from app.modules.addresses.corrections import Changed, Replacement
from app.modules.addresses.hygiene import Found, Repeated
from app.modules.addresses.reading import details
from app.modules.addresses.repeated import SHARED, TWICE
from app.modules.addresses.views import hygiene_words as words
from app.modules.addresses.views.hygiene import blueprint as blueprint
from app.modules.addresses.views.hygiene import link, told, told_kept

#: Addresses that a page compares. More than these share a number of another kind, such as an agency's.
MOST_COMPARED = 20


@blueprint.route("/numbers/<int:number_id>/owners", methods=["GET", "POST"])
@requires("addresses.edit")
def compare(number_id: int) -> str | BaseResponse:
    """Everybody who has this number, side by side; by POST it is kept at one address and removed from the others."""
    group = hygiene.repeated_like(number_id) or abort(404)
    if request.method == "GET":
        return _compared(group, number_id)
    if _too_many(group):
        return _compared(group, number_id)
    at = request.form.get("at", "")
    if at not in {str(row.address_id) for row in group.rows}:
        return _compared(group, number_id, message=_("Please choose where the number is to stay."))
    if request.form.get("confirmed") != "y":
        return _compared(group, number_id, at=int(at), message=_("Please confirm that it is removed from the others."))
    if request.form.get("owners") != group.owners or _signs(group) != set(request.form.getlist("seen")):
        return _compared(group, number_id, at=int(at), message=_("Somebody has changed this in between. Look again."))
    gone = [row for row in group.rows if row.address_id != int(at)]
    batch = bulk_corrections.new_batch()
    try:
        replacements = [Replacement(row.seen, (), SHARED) for row in gone]
        corrections.correct_together(replacements, by=current_user.id, batch=batch)
    except Changed:
        return _compared(group, number_id, message=_("Somebody has changed this in between. Look again."))
    stays = next(row.address for row in group.rows if row.address_id == int(at))
    flash(_("The number stays at %(name)s. The history can undo it.", name=stays), "success")
    return redirect(link(SHARED))


@blueprint.post("/numbers/<int:number_id>/twice")
@requires("addresses.edit")
def drop_superfluous(number_id: int) -> str | BaseResponse:
    """Drop the rows of a number that say nothing more, if they are still those that were seen."""
    seen = set(request.form.getlist("seen")) or abort(400)
    group = hygiene.repeated_like(number_id)
    gone = group.superfluous if group is not None else ()
    batch = bulk_corrections.new_batch()
    try:
        if not gone or {sign(row) for row in gone} != seen:
            raise Changed
        corrections.correct_together(
            [Replacement(row.seen, (), TWICE) for row in gone], by=current_user.id, batch=batch
        )
    except Changed:
        return _is_another(TWICE)
    text = words.done_text(gone[0].number.raw, ())
    return told(text, TWICE, undo_url=url_for("addresses_hygiene.undo_batch"), batch=batch, kind=TWICE)


@blueprint.post("/numbers/<int:number_id>/share")
@requires("addresses.edit")
def share(number_id: int) -> str | BaseResponse:
    """These owners share the number rightly: it is no longer listed; or list it again."""
    owners = request.form.get("owners") or abort(400)
    group, kept = hygiene.repeated_like(number_id), request.form.get("kept") == "1"
    kind = TWICE if request.form.get("kind") == TWICE else SHARED
    try:
        if group is None:
            raise Changed
        corrections.keep_repeated(group.e164, owners, kept=kept)
    except Changed:
        return _is_another(kind)
    return told_kept(words.e164_shown(group.e164), kept, kind, owners=group.owners, kind=kind)


def _is_another(kind: str) -> str | BaseResponse:
    text = _("Somebody has changed this in between. Nothing was overwritten.")
    return told(text, kind, category="warning")


def sign(row: Found) -> str:
    """A row as it was seen, for a form."""
    return f"{row.number_id}-{row.seen.sign}"


def _signs(group: Repeated) -> set[str]:
    return {sign(row) for row in group.rows}


def _too_many(group: Repeated) -> bool:
    """Nobody sees them all on one page, so nobody removes them there."""
    return group.more or group.addresses > MOST_COMPARED


def _compared(group: Repeated, number_id: int, *, at: int | None = None, message: str = "") -> str:
    ids = list(dict.fromkeys(row.address_id for row in group.rows))
    with reading() as session:
        addresses = details(session, ids[:MOST_COMPARED])
    return render_template(
        "addresses/check_owners.html",
        group=group,
        number_id=number_id,
        addresses=addresses,
        too_many=_too_many(group),
        at=at,
        message=message,
        signs=sorted(_signs(group)),
    )
