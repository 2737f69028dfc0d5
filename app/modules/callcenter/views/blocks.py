"""*Sperrliste*: whose calls do not get through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import may, requires
from app.core.database import MAX_ID, storable
from app.core.i18n import local
from app.modules.callcenter import blocking, control_rules, home, journal
from app.modules.callcenter.blocking import AlreadyListed, Full, NotANumber, Numbers, Terms
from app.modules.callcenter.control_models import BlockEntry
from app.modules.callcenter.domain.block_list import EntryKind
from app.modules.callcenter.labels import labels
from app.modules.callcenter.stored import StoredCall

blueprint = Blueprint("callcenter_blocks", __name__, url_prefix="/callcenter/blocks")
PERMISSION = "callcenter.block"
ROWS = 60


@dataclass(slots=True)
class BlockForm:
    """What was typed; ``faults`` by field, in words."""

    numbers: str = ""
    busy: bool = False
    until: str = ""
    """A day: it is the last on which the entry holds."""
    note: str = ""
    faults: dict[str, str] = field(default_factory=dict)


@blueprint.get("")
@requires(PERMISSION)
def index() -> str:
    """The list, or those of its entries that hold a number."""
    return _page(BlockForm())


@blueprint.post("")
@requires(PERMISSION)
def add() -> BaseResponse | tuple[str, int]:
    """Put numbers on the list."""
    sent = _sent()
    terms = _terms(sent)
    try:
        numbers = blocking.numbers_of(sent.numbers)
        if terms is not None:
            blocking.add(numbers, terms, by=current_user.id)
            flash(_("%(number)s is blocked from now on.", number=blocking.written(numbers)), "success")
            return redirect(url_for("callcenter_blocks.index"))
    except NotANumber as refused:
        sent.faults["numbers"] = _number_fault(refused.code)
    except AlreadyListed:
        sent.faults["numbers"] = _("This is on the list already.")
    except Full:
        sent.faults["numbers"] = _full()
    return _page(sent), 422


@blueprint.route("/<int:block_id>", methods=["GET", "POST"])
@requires(PERMISSION)
def edit(block_id: int) -> str | BaseResponse | tuple[str, int]:
    """Change note, answer and end of an entry."""
    entry = (blocking.find(block_id) if block_id <= MAX_ID else None) or abort(404)
    if request.method == "GET":
        return _entry(entry, _stored(entry))
    sent = _sent()
    terms = _terms(sent)
    if terms is None:
        return _entry(entry, sent), 422
    try:
        blocking.change(block_id, terms, by=current_user.id)
    except LookupError:
        abort(404)
    flash(_("Saved. It holds from now on."), "success")
    return redirect(url_for("callcenter_blocks.index"))


@blueprint.post("/<int:block_id>/remove")
@requires(PERMISSION)
def remove(block_id: int) -> BaseResponse:
    """Take an entry off the list."""
    entry = (blocking.find(block_id) if block_id <= MAX_ID else None) or abort(404)
    try:
        blocking.remove(block_id, by=current_user.id)
    except LookupError:
        abort(404)
    flash(_("%(number)s gets through again.", number=blocking.written(entry)), "success")
    return redirect(url_for("callcenter_blocks.index"))


@blueprint.post("/calls/<int:call_id>")
@requires(PERMISSION)
def block_caller(call_id: int) -> BaseResponse:
    """Block the number of a call that the user may see: at once, to be refused."""
    seen = may("callcenter.calls") and call_id <= MAX_ID
    found = journal.find(call_id, current_user.id) if seen else None
    numbers = numbers_of_call(found.entry.call) if found is not None else None
    if found is None or numbers is None:
        abort(404)
    said, blocked = _("Blocked. The next call is refused."), True
    try:
        block_id = blocking.add(numbers, Terms(), by=current_user.id)
    except AlreadyListed as same:
        block_id, said = same.entry_id, _("This is on the list already.")
    except Full:
        block_id, said, blocked = 0, _full(), False
    if request.accept_mimetypes.best == "application/json":
        path = url_for("callcenter_blocks.edit", block_id=block_id) if blocked else url_for("callcenter_blocks.index")
        return jsonify({"blocked": blocked, "said": str(said), "path": path})
    flash(said, "success" if blocked else "error")
    return redirect(url_for("callcenter_calls.call", call_id=call_id))


def numbers_of_call(call: StoredCall) -> Numbers | None:
    """What is blocked with the caller of a call; None where he has no number, or it is one of ours."""
    key = home.number_key(call.remote) if call.direction == "in" and call.remote is not None else None
    return Numbers(EntryKind.EXACT, key, key) if key is not None else None


def _page(sent: BlockForm) -> str:
    typed = storable(request.args.get("number", "")).strip()[:200]
    key = blocking.key_of(typed) if typed else None
    before = request.args.get("before", type=int)
    page = blocking.listed(ROWS, before if before is not None and 0 < before <= MAX_ID else None)
    entries = blocking.of_number(key) if key is not None else [] if typed else list(page.entries)
    return render_template(
        "callcenter/blocks.html",
        sent=sent,
        entries=entries,
        typed=typed,
        is_number=not typed or key is not None,
        older=page.older if not typed else None,
        total=page.total,
        now=_now(),
        written=blocking.written,
        last_day=_last_day,
        names=labels().users,
        holds=control_rules.holds_block_list(),
    )


def _entry(entry: BlockEntry, sent: BlockForm) -> str:
    return render_template("callcenter/block.html", entry=entry, sent=sent, title=blocking.written(entry))


def _stored(entry: BlockEntry) -> BlockForm:
    until = _last_day(entry)
    return BlockForm(busy=entry.busy, until=until.isoformat() if until else "", note=entry.note)


def _last_day(entry: BlockEntry) -> date | None:
    """The last day on which an entry holds; None for one without an end."""
    return (local(entry.expires_at) - timedelta(seconds=1)).date() if entry.expires_at else None


def _sent() -> BlockForm:
    def text(name: str) -> str:
        return storable(request.form.get(name, "")).strip()

    return BlockForm(text("numbers")[:200], text("busy") == "1", text("until"), text("note"))


def _terms(sent: BlockForm) -> Terms | None:
    """What the form says of an entry; None where something is wrong, which is told in its faults."""
    expires_at = None
    if sent.until:
        try:
            day = datetime.combine(date.fromisoformat(sent.until), time(), local(_now()).tzinfo)
            expires_at = (day + timedelta(days=1)).astimezone(UTC)
        except (ValueError, OverflowError):
            sent.faults["until"] = _("Please enter a day, such as 2026-12-31.")
        else:
            if expires_at <= _now():
                sent.faults["until"] = _("This day is over already.")
    if len(sent.note) > blocking.MAX_NOTE:
        sent.faults["note"] = _("Please enter at most %(most)s characters.", most=blocking.MAX_NOTE)
    return Terms(sent.busy, sent.note, expires_at) if not sent.faults else None


def _full() -> str:
    return str(_("The list is full. Please remove what is no longer needed, or block a beginning."))


def _number_fault(code: str) -> str:
    words = {
        "number": _("This is no phone number. Please enter one with its area code."),
        "beginning": _("This is no beginning of numbers. Write it with its area code, such as 0900*."),
        "home": _("This would block the whole country. Please enter more of the number."),
        "range": _("This is no range: both numbers must be complete, of the same length, the smaller one first."),
    }
    return str(words[code])


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now
