"""*Übersicht*: the box *Anrufen* and the phone book, which can be saved as a table."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Literal, TypedDict, cast

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from app.core.accounts.access import requires
from app.core.database import reading
from app.core.spreadsheets import BOM, csv_line
from app.core.ui.paging import Sorting, asked_leaf, asked_page, leafing
from app.modules.addresses import api as addresses
from app.modules.callcenter import audit, configuring, home
from app.modules.callcenter.audit import Wanted
from app.modules.callcenter.views.audit import Line, line_of
from app.modules.callcenter.views.dial import own_accounts

blueprint = Blueprint("callcenter_phonebook", __name__, url_prefix="/callcenter")
PER_PAGE = 50
MOST_OWN_ORDERS = 6
Sort = Literal["rank", "company", "contact", "number"]
_SORTS = ("company", "contact", "number")


class _Asked(TypedDict):
    search: str
    sort: Sort
    descending: bool


@blueprint.get("/")
@requires("callcenter.dial")
def overview() -> str:
    """Box *Anrufen* and the phone book, 50 numbers a page."""
    asked = _asked()
    with reading() as session:
        place = asked_leaf(addresses.phone_book_shapes(asked["sort"]))
        if "page" in request.args:
            place = addresses.phone_book_by_number(session, asked_page(), **asked, per_page=PER_PAGE)
        page = addresses.phone_book(session, **asked, asked=place, per_page=PER_PAGE)
        searches = asked["search"] and not page.rows
        meant = addresses.phone_book_meant(session, asked["search"], PER_PAGE) if searches else None
        # Nobody counts the hits of a search: that would be to look for all of them.
        count = None if asked["search"] else addresses.phone_book_count(session)
    descending = "1" if asked["descending"] else ""
    return render_template(
        "callcenter/overview.html",
        rows=page.rows,
        corrected=meant[0] if meant else "",
        meant=meant[1].rows if meant else (),
        meant_url=url_for("callcenter_phonebook.overview", q=meant[0]) if meant else "",
        search=asked["search"],
        pages=leafing(
            page,
            count,
            addresses.MOST_OF_PHONE_BOOK,
            lambda **place: _url("overview", sort=asked["sort"], desc=descending, **place),
            has_last=not asked["search"],
        ),
        sorting=Sorting(
            asked["sort"],
            asked["descending"],
            lambda key, turned: _url("overview", sort=key, desc="1" if turned else ""),
        ),
        csv_url=_url("save", sort=asked["sort"], desc=descending),
        telephones=_telephones(),
        orders=_own_orders(),
        key=secrets.token_urlsafe(16),
        format_display=home.format_display,
    )


def _own_orders() -> list[tuple[Line, str]]:
    """What the user himself ordered last, whatever came of it, each with whose number it is, where one alone has it."""
    found = audit.listed(Wanted(user_id=current_user.id, orders=True), MOST_OWN_ORDERS)
    with reading() as session:
        return [
            (line_of(entry, found.results.get(entry.order_id or 0), in_full=True), _owner(session, entry.number or ""))
            for entry in found.entries
        ]


def _owner(session: Session, number: str) -> str:
    grade, matches = addresses.find_by_number(session, number, limit=2)
    return matches[0].name if grade == "exact" and len(matches) == 1 else ""


@blueprint.get("/phonebook.csv")
@requires("callcenter.dial")
def save() -> Response:
    """All numbers that match, as a table: semicolons and a byte order mark, as a German Excel wants it."""
    asked = _asked()
    heading = [_("Company"), _("Contact"), _("Label"), _("Phone")]
    name = _("phone-book")

    def lines() -> Iterator[str]:
        yield BOM + csv_line(heading)
        with reading() as session:
            for row in addresses.phone_book_all(session, **asked):
                # 0041 for +41: a plus would be the beginning of a formula.
                number = home.format_display(row.e164).replace("+", "00", 1)
                yield csv_line([row.company, row.contact, row.label, number])

    # Whole, not bit by bit: a list of 100 000 numbers is some 6 MB, and a download that nobody reads to its end would
    # keep its request and its connection open.
    response = Response("".join(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _asked() -> _Asked:
    search = request.args.get("q", "").strip()[:100]
    sort = request.args.get("sort", "")
    if sort not in _SORTS:
        sort = _best(search)
    return {
        "search": search,
        "sort": cast(Sort, sort),
        "descending": sort != "rank" and request.args.get("desc") == "1",
    }


def _best(search: str) -> Sort:
    """What comes first unless somebody sorts: the best hits of a search."""
    return "rank" if search else "company"


def _url(view: str, **query: str) -> str:
    query["q"] = request.args.get("q", "").strip()
    if query.get("sort") == _best(query["q"]):
        query["sort"] = ""
    return url_for(f"{blueprint.name}.{view}", **{name: value for name, value in query.items() if value})  # type: ignore[arg-type] # url_for's other parameters have other types


def _telephones() -> list[tuple[str, str]]:
    """The user's accounts with the names that the PBX gives them; the one that dials comes first."""
    names = {user.uid: user.name for user in configuring.listed().users} if len(own_accounts()) > 1 else {}
    return [(uid, f"{names[uid]} ({uid})" if names.get(uid) else uid) for uid in own_accounts()]
