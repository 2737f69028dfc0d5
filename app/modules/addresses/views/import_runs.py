"""An import on its way: checked, started, watched, ended; and what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.modules.addresses.imports import services
from app.modules.addresses.imports.states import AT_WORK, NoSuchImport, NotNow
from app.modules.addresses.imports.stored import StoredImport, ahead_of, failures_of, kept_failures
from app.modules.addresses.transfer.failures import FailureTable
from app.modules.addresses.views.import_draft import blueprint as blueprint
from app.modules.addresses.views.import_draft import draft_page, found
from app.modules.addresses.views.import_words import not_now
from app.modules.addresses.views.listing import in_our_language

#: Refused rows that the page names; all of them are in the file.
NAMED = 20
#: Refused rows that are written in one piece.
PIECE = 200


@blueprint.get("/<int:import_id>")
@requires("addresses.import")
def show(import_id: int) -> str:
    """What there is to see of the import now: its columns, how far it is, or what came of it."""
    stored = found(import_id)
    if stored.state == "draft":
        return draft_page(stored)
    return render_template("addresses/import_run.html", **_context(stored))


@blueprint.get("/<int:import_id>/progress")
@requires("addresses.import")
def progress(import_id: int) -> str | BaseResponse:
    """The part of the page that moves. A check that was ended leads back to the columns."""
    stored = found(import_id)
    if stored.state == "draft":
        response = Response("")
        response.headers["HX-Redirect"] = url_for("addresses_imports.show", import_id=import_id)
        return response
    return render_template("addresses/_import_run.html", **_context(stored))


@blueprint.post("/<int:import_id>/start")
@requires("addresses.import")
def start(import_id: int) -> BaseResponse:
    """Import what was checked."""
    version = request.form.get("version", 0, int)
    return _do(import_id, lambda: services.start(import_id, current_user.id, version))


@blueprint.post("/<int:import_id>/continue")
@requires("addresses.import")
def go_on(import_id: int) -> BaseResponse:
    """Take up an import that was interrupted by an error."""
    return _do(import_id, lambda: services.go_on(import_id, current_user.id))


@blueprint.post("/<int:import_id>/cancel")
@requires("addresses.import")
def cancel(import_id: int) -> BaseResponse:
    """End it; what is done stays."""
    return _do(import_id, lambda: services.cancel(import_id))


@blueprint.post("/<int:import_id>/discard")
@requires("addresses.import")
def discard(import_id: int) -> BaseResponse:
    """Forget a file that was not imported."""
    return _do(import_id, lambda: services.discard(import_id), url_for("addresses_imports.index"))


@blueprint.get("/<int:import_id>/failures.csv")
@requires("addresses.import")
def failures(import_id: int) -> Response:
    """The rows that were refused, with line, value and reason, to correct and import again."""
    stored = found(import_id)
    if not kept_failures([import_id]):
        abort(404)
    response = Response(in_our_language(_lines(stored)), mimetype="text/csv")
    name = _("refused-rows")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{import_id}.csv"'
    return response


def _lines(stored: StoredImport) -> Iterator[str]:
    table = _table(stored)
    yield table.first_line()
    rows = failures_of(stored.id)
    while piece := "".join(map(table.line, islice(rows, PIECE))):
        yield piece


def _table(stored: StoredImport) -> FailureTable:
    planned = stored.plan or abort(404)
    return FailureTable(planned.headings, planned.assignment)


def _context(stored: StoredImport) -> dict[str, object]:
    table = _table(stored)
    named = [] if stored.state in AT_WORK else list(failures_of(stored.id, NAMED))
    return {
        "stored": stored,
        "at_work": stored.state in AT_WORK,
        "ahead": ahead_of(stored) if stored.state in AT_WORK and not stored.begun else None,
        "refused": [(failure.line, *table.told(failure)) for failure in named],
    }


def _do(import_id: int, work: Callable[[], None], then: str = "") -> BaseResponse:
    found(import_id)
    page = url_for("addresses_imports.show", import_id=import_id)
    try:
        work()
    except NoSuchImport:
        abort(404)
    except NotNow as error:
        flash(not_now(error.state, error.code), "warning")
        return redirect(page)
    return redirect(then or page)
