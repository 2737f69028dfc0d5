"""The columns of a file: how it is read, what each column is, how the first rows come out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import reading
from app.modules.addresses.fields import countries
from app.modules.addresses.imports import services
from app.modules.addresses.imports.preview import preview
from app.modules.addresses.imports.states import OPEN, NoSuchImport, NotNow
from app.modules.addresses.imports.stored import Planned, StoredImport, load
from app.modules.addresses.transfer.formats import ENCODINGS, SEPARATORS, Format, NoTable
from app.modules.addresses.transfer.options import EXISTING, NEW_ROLES, Options
from app.modules.addresses.transfer.targets import highest_contact, target_of
from app.modules.addresses.views.import_words import file_problem, not_now, plan_problem
from app.modules.addresses.views.imports import blueprint as blueprint
from app.modules.addresses.views.texts import country_choices


def found(import_id: int) -> StoredImport:
    """The import; 404 when there is none."""
    try:
        return load(import_id)
    except NoSuchImport:
        abort(404)


@blueprint.get("/<int:import_id>/columns")
@requires("addresses.import")
def columns(import_id: int) -> str | BaseResponse:
    """How the file is read; leads on where the import is under way."""
    stored = found(import_id)
    if stored.state not in OPEN:
        return redirect(url_for("addresses_imports.show", import_id=import_id))
    return draft_page(stored)


@blueprint.post("/<int:import_id>/columns")
@requires("addresses.import")
def choose(import_id: int) -> BaseResponse | tuple[str, int]:
    """Keep what was chosen, show how the rows come out then; or have them checked."""
    stored = found(import_id)
    planned = stored.plan or abort(404)
    if stored.state not in OPEN:
        return _refused(import_id, stored.state)
    try:
        chosen = _chosen(stored, planned)
    except NoTable as error:
        return draft_page(stored, problem=file_problem(error.code)), 422
    try:
        services.save_plan(import_id, chosen)
        problem = services.missing(chosen)
        # Whoever has chosen another format sees first what came of it.
        if request.form.get("action") == "check" and problem is None and chosen.format == planned.format:
            services.check(import_id, current_user.id)
            return redirect(url_for("addresses_imports.show", import_id=import_id))
    except NotNow as error:
        return _refused(import_id, error.state)
    except NoSuchImport:
        abort(404)
    said = plan_problem(problem, chosen) if problem and request.form.get("action") == "check" else ""
    anew = chosen.format != planned.format or request.form.get("action") == "propose"
    fewer = highest_contact(chosen.assignment) != highest_contact(planned.assignment)
    whole = anew or fewer or not part()
    answer = make_response(draft_page(found(import_id), problem=said, whole=whole), 422 if said else 200)
    if not whole:
        answer.headers["HX-Reswap"] = "none"  # each part of it says itself where it belongs
    return answer


def draft_page(stored: StoredImport, problem: str = "", *, whole: bool = True) -> str:
    """The page. For htmx the form, or what changes beside the lists to choose from where those stay as they are."""
    planned = stored.plan or abort(404)
    with reading() as session:
        shown = preview(session, stored, planned)
    template = ("_import_draft" if whole else "_import_cells") if part() else "import_draft"
    return render_template(
        f"addresses/{template}.html",
        stored=stored,
        planned=planned,
        preview=shown,
        problem=problem,
        missing=services.missing(planned),
        countries=country_choices(),
    )


def part() -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def _chosen(stored: StoredImport, planned: Planned) -> Planned:
    if request.form.get("action") == "propose":
        return services.propose_again(stored, planned)
    chosen = replace(planned, assignment=_assignment(planned), options=_options(planned.options))
    form = _format(planned.format)
    return chosen if form == planned.format else services.reformat(stored, form, chosen)


def _assignment(planned: Planned) -> tuple[str, ...]:
    """The targets that were chosen; what was not sent, or is none, stays as it was."""
    given = [request.form.get(f"column-{place}") for place in range(len(planned.assignment))]
    pairs = zip(given, planned.assignment, strict=True)
    return tuple(old if new is None or (new and target_of(new) is None) else new for new, old in pairs)


def _format(old: Format) -> Format:
    """The format that was chosen."""
    header = request.form.get("header")
    return Format(
        _one_of("encoding", tuple(ENCODINGS), old.encoding),
        _one_of("separator", SEPARATORS, old.separator),
        old.header if header is None else header == "1",
    )


def _options(old: Options) -> Options:
    country = request.form.get("country", "")
    return Options(
        country=country if country in countries() else old.country,
        role=_one_of("role", NEW_ROLES, old.role),
        existing=_one_of("existing", EXISTING, old.existing),
        clear_empty="clear_empty" in request.form if "country" in request.form else old.clear_empty,
    )


def _one_of(name: str, allowed: tuple[str, ...], default: Any) -> Any:
    given = request.form.get(name)
    return given if given in allowed else default


def _refused(import_id: int, state: str) -> BaseResponse:
    flash(not_now(state, "state"), "warning")
    answer = redirect(url_for("addresses_imports.show", import_id=import_id))
    if request.headers.get("HX-Request"):
        answer.status_code = 200
        answer.headers["HX-Redirect"] = answer.headers.pop("Location")
    return answer
