"""The list of addresses, and the pick list for notes."""

from __future__ import annotations

from typing import Any, get_args

from flask import Blueprint, render_template, request, url_for

from app.core.accounts.access import requires
from app.core.database import reading
from app.core.ui.paging import Paging, Sorting, asked_page
from app.modules.addresses import picking
from app.modules.addresses.listing import PER_PAGE, SORTS, list_addresses
from app.modules.addresses.note_reading import count_without_address
from app.modules.addresses.reading import Archived
from app.modules.addresses.settings import ROLES

blueprint = Blueprint("addresses", __name__, url_prefix="/addresses")


@blueprint.get("/")
@requires("addresses.view")
def index() -> str:
    """The list; its table alone for htmx."""
    query = request.args.get("q", "").strip()
    role = _one_of(request.args.get("role", ""), ROLES, "")
    archived = _one_of(request.args.get("archived", ""), get_args(Archived), "active")
    sort = _one_of(request.args.get("sort", ""), SORTS, "name")
    descending = request.args.get("order") == "desc"
    page = asked_page()

    def link(**changes: Any) -> str:
        shown: dict[str, Any] = {
            "q": query,
            "role": role,
            "archived": "" if archived == "active" else archived,
            "sort": "" if sort == "name" else sort,
            "order": "desc" if descending else "",
        }
        shown.update(changes)
        return url_for("addresses.index", **{name: value for name, value in shown.items() if value})

    rows, total = list_addresses(query=query, role=role, archived=archived, sort=sort, descending=descending, page=page)
    if not rows and page > 1:
        page = 1
        rows, total = list_addresses(query=query, role=role, archived=archived, sort=sort, descending=descending)
    context = {
        "rows": rows,
        "query": query,
        "role": role,
        "archived": archived,
        "paging": Paging(page, PER_PAGE, total, lambda one: link(page=one if one > 1 else "")),
        "sorting": Sorting(
            sort,
            descending,
            lambda key, turned: link(sort="" if key == "name" else key, order="desc" if turned else ""),
        ),
    }
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return render_template("addresses/_list.html", **context)
    with reading() as session:
        context["loose_notes"] = count_without_address(session)
    return render_template("addresses/list.html", **context)


@blueprint.get("/pick")
@requires("addresses.view")
def pick() -> str:
    """What a picker finds, as markup for htmx."""
    query = request.args.get("pick", "").strip()
    return render_template("addresses/_pick.html", picks=picking.picks(query), query=query, owner="")


def _one_of(given: str, allowed: Any, default: Any) -> Any:
    return given if given in allowed else default
