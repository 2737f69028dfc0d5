"""*Administration → Datenschutz*: for how long each kind of personal data is kept, and what would go today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import storable, transaction
from app.core.modules import Permission
from app.core.privacy import running
from app.core.privacy.kinds import FOR_EVER, RetentionKind

PERMISSION = Permission(
    "core.privacy",
    _l("Set for how long personal data are kept, and tell persons what is stored about them"),
    staff=False,
)
blueprint = Blueprint("privacy", __name__, url_prefix="/privacy")


@dataclass(frozen=True, slots=True)
class Row:
    """A kind as the form shows it."""

    kind: RetentionKind
    typed: str
    fault: str
    count: int | None


@blueprint.get("")
@requires("core.privacy")
def show() -> str:
    """What is set."""
    return _page({kind.key: _written(running.days_of(kind)) for kind in _kinds()})


@blueprint.post("")
@requires("core.privacy")
def save() -> BaseResponse | tuple[str, int]:
    """Store the days, all or none; each change is in the audit log."""
    typed = _typed()
    days, faults = _read(typed)
    if faults:
        flash(_("Nothing was saved. What is marked below is kept here as you typed it."), "error")
        return _page(typed, faults), 422
    kernel = current_app.extensions["durchwahl"]
    with transaction() as session:
        before, after = {}, {}
        for kind in _kinds():
            now: int = getattr(kernel.settings.load(kind.settings, session), kind.field)
            if now != days[kind.key]:
                before[kind.field], after[kind.field] = now, days[kind.key]
                kernel.settings.save(session, kind.settings, {kind.field: days[kind.key]})
        kernel.privacy.audit(session, current_user.id, current_user.name, before, after)
    flash(_("Saved."), "success")
    return redirect(url_for("privacy.show"))


@blueprint.post("/preview")
@requires("core.privacy")
def preview() -> str | tuple[str, int]:
    """What would go today with the days as they stand in the form, saved or not. Nothing is changed."""
    typed = _typed()
    days, faults = _read(typed)
    if faults:
        return _page(typed, faults), 422
    return _page(typed, counts=running.preview(days))


@blueprint.post("/run")
@requires("core.privacy")
def run() -> BaseResponse:
    """Begin a run now, with what is saved."""
    last = running.last_run()
    if last is not None and last.under_way:
        flash(_("A run is under way already."), "warning")
    else:
        current_app.extensions["durchwahl"].jobs.apart(_run)
        flash(_("The run has begun. What it did is shown below once it is over."), "success")
    return redirect(url_for("privacy.show"))


def _run() -> None:
    try:
        running.run()
    except running.Busy:
        # Two pressed the button at once: one run is enough.
        return


def _typed() -> dict[str, str]:
    return {kind.key: storable(request.form.get(kind.name, "")).strip()[:20] for kind in _kinds()}


def _read(typed: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    days: dict[str, int] = {}
    faults: dict[str, str] = {}
    for kind in _kinds():
        text, (fewest, most) = typed[kind.key], kind.bounds
        if not text and kind.endless:
            days[kind.key] = FOR_EVER
        elif text.isascii() and text.isdigit() and len(text) < 9 and fewest <= int(text) <= most:
            days[kind.key] = int(text)
        elif kind.endless:
            said = _(
                "Please enter a whole number of days from %(first)s to %(last)s, or nothing to keep them for ever."
            )
            faults[kind.key] = said % {"first": fewest, "last": most}
        else:
            said = _("Please enter a whole number of days from %(first)s to %(last)s.")
            faults[kind.key] = said % {"first": fewest, "last": most}
    return days, faults


def _written(days: int) -> str:
    return "" if days == FOR_EVER else str(days)


def _page(
    typed: Mapping[str, str], faults: Mapping[str, str] | None = None, counts: Mapping[str, int] | None = None
) -> str:
    rows = [
        Row(kind, typed[kind.key], (faults or {}).get(kind.key, ""), counts[kind.key] if counts is not None else None)
        for kind in _kinds()
    ]
    last = running.last_run()
    done = [(row.kind, last.counts.get(row.kind.key, 0)) for row in rows] if last is not None else []
    return render_template("core/privacy.html", rows=rows, previewed=counts is not None, last=last, done=done)


def _kinds() -> Any:
    return current_app.extensions["durchwahl"].privacy.kinds
