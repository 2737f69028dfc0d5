"""The list of addresses, and the pick list for notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.core.accounts.access import may, requires
from app.core.database import reading
from app.core.spreadsheets import SEPARATORS
from app.core.ui.paging import Sorting, asked_leaf, asked_page, leafing
from app.modules.addresses import hygiene, picking
from app.modules.addresses.listing import (
    MOST_COUNTED,
    MOST_FOUND,
    SORTS,
    asked_by_number,
    count_addresses,
    list_addresses,
    matching_ids,
    meant_addresses,
    shapes,
)
from app.modules.addresses.note_reading import count_without_address
from app.modules.addresses.reading import Archived
from app.modules.addresses.settings import ROLES
from app.modules.addresses.transfer.exporting import export_lines

blueprint = Blueprint("addresses", __name__, url_prefix="/addresses")
#: Numbers to be checked that the button counts; more are shown as more.
MOST_SHOWN = 99


@blueprint.get("/")
@requires("addresses.view")
def index() -> str:
    """The list; its table alone for htmx."""
    query = request.args.get("q", "").strip()
    role = _one_of(request.args.get("role", ""), ROLES, "")
    archived = _one_of(request.args.get("archived", ""), get_args(Archived), "active")
    best = "rank" if query else "name"
    sort = _one_of(request.args.get("sort", ""), SORTS, best)
    descending = request.args.get("order") == "desc" and sort != "rank"
    filters: dict[str, Any] = {"query": query, "role": role, "archived": archived}
    order: dict[str, Any] = {"sort": sort, "descending": descending}

    def link(to: str = "addresses.index", **changes: Any) -> str:
        shown: dict[str, Any] = {
            "q": query,
            "role": role,
            "archived": "" if archived == "active" else archived,
            "sort": "" if sort == best else sort,
            "order": "desc" if descending else "",
        }
        shown.update(changes)
        return url_for(to, **{name: value for name, value in shown.items() if value})

    asked = asked_by_number(asked_page(), **filters, **order) if "page" in request.args else asked_leaf(shapes(sort))
    page = list_addresses(**filters, **order, asked=asked)
    # Further pages of a search do without: to count is to look for all of them again.
    is_counted = bool(page.following and not page.previous) or not query
    meant = meant_addresses(query, page.rows, role=role, archived=archived) if query and not page.previous else None
    context = {
        "rows": page.rows,
        "corrected": meant[0] if meant else "",
        "meant": meant[1].rows if meant else (),
        "meant_url": link(q=meant[0]) if meant else "",
        "query": query,
        "role": role,
        "archived": archived,
        "export_url": lambda separator: link("addresses.export", separator=separator),
        "pages": leafing(
            page,
            count_addresses(**filters) if is_counted else None,
            MOST_FOUND if query else MOST_COUNTED,
            link,
            has_last=not query,
        ),
        "sorting": Sorting(
            sort,
            descending,
            lambda key, turned: link(sort="" if key == best else key, order="desc" if turned else ""),
        ),
    }
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return render_template("addresses/_list.html", **context)
    with reading() as session:
        context["loose_notes"] = count_without_address(session)
    context["to_check"] = sum(hygiene.counts(MOST_SHOWN).values()) if may("addresses.edit") else 0
    context["most_to_check"] = MOST_SHOWN
    return render_template("addresses/list.html", **context)


@blueprint.get("/addresses.csv")
@requires("addresses.export")
def export() -> Response:
    """The addresses of the list, all pages of it, as a table for a spreadsheet."""
    ids = matching_ids(
        query=request.args.get("q", "").strip(),
        role=_one_of(request.args.get("role", ""), ROLES, ""),
        archived=_one_of(request.args.get("archived", ""), get_args(Archived), "active"),
        sort=_one_of(request.args.get("sort", ""), SORTS, "name"),
        descending=request.args.get("order") == "desc",
    )
    separator = SEPARATORS[_one_of(request.args.get("separator", ""), SEPARATORS, "semicolon")]
    response = Response(in_our_language(export_lines(ids, separator)), mimetype="text/csv")
    name = _("addresses")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@blueprint.get("/pick")
@requires("addresses.view")
def pick() -> str:
    """What a picker finds, as markup for htmx."""
    query = request.args.get("pick", "").strip()
    return render_template("addresses/_pick.html", picks=picking.picks(query), query=query, owner="")


def in_our_language(lines: Iterator[str]) -> Iterator[str]:
    """Each piece is made as this request would make it, and no context is held while the browser reads."""
    app, language = current_app._get_current_object(), str(get_locale())  # type: ignore[attr-defined] # the proxy's own

    def pieces() -> Iterator[str]:
        while True:
            with app.app_context(), force_locale(language):
                piece = next(lines, None)
            if piece is None:
                return
            yield piece

    return pieces()


def _one_of(given: str, allowed: Any, default: Any) -> Any:
    return given if given in allowed else default
