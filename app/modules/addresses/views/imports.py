"""Imports: bring a file; those that were, and those that are being made."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.ui.paging import Paging, asked_page
from app.core.uploads import takes_file
from app.modules.addresses.imports import services, stored
from app.modules.addresses.imports.files import Received
from app.modules.addresses.imports.services import MAX_FILE_BYTES
from app.modules.addresses.transfer.formats import NoTable
from app.modules.addresses.views import import_words

blueprint = Blueprint("addresses_imports", __name__, url_prefix="/addresses/import")
PER_PAGE = 20


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": import_words}


@blueprint.get("/")
@requires("addresses.import")
def index() -> str:
    """The form for a file, and all imports."""
    return _page()


@blueprint.post("/")
@requires("addresses.import")
@takes_file(MAX_FILE_BYTES)
def upload() -> BaseResponse | tuple[str, int]:
    """Keep a file, and go on to its columns."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _page("missing"), 422
    received = Received(given.stream)  # type: ignore[arg-type] # werkzeug's stream is a binary file
    if received.stream.seek(0, 2) > MAX_FILE_BYTES:
        return _page("too_large"), 413
    try:
        import_id = services.receive(received, given.filename, current_user.id)
    except NoTable as error:
        return _page(error.code), 422
    return redirect(url_for("addresses_imports.show", import_id=import_id))


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
    """Refused before it was read; nothing of the page is shown to those who may not import."""
    if not may("addresses.import"):
        return render_template("core/error.html", status=413, text=import_words.file_problem("too_large")), 413
    return _page("too_large"), 413


def _page(problem: str = "") -> str:
    page = asked_page()
    rows, total = stored.latest(PER_PAGE, page)
    return render_template(
        "addresses/imports.html",
        rows=rows,
        kept=stored.kept_failures([row.id for row in rows]),
        paging=Paging(page, PER_PAGE, total, lambda one: url_for("addresses_imports.index", page=one)),
        problem=import_words.file_problem(problem) if problem else "",
        most_bytes=MAX_FILE_BYTES,
    )
