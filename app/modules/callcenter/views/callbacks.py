"""*Rückrufe*: the list of tasks, one task, and a new one by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.core.accounts.access import requires
from app.core.database import MAX_ID, reading, storable
from app.core.i18n import local
from app.core.values import e164_of
from app.modules.addresses import api as addresses
from app.modules.callcenter import callback_messages, callback_tasks, journal
from app.modules.callcenter.callback_messages import PERMISSION
from app.modules.callcenter.callback_tasks import Changed, Task, Written
from app.modules.callcenter.callbacks import name_of
from app.modules.callcenter.concerned import concerned
from app.modules.callcenter.home import classify, format_party
from app.modules.callcenter.labels import labels, line_name

blueprint = Blueprint("callcenter_callbacks", __name__, url_prefix="/callcenter/callbacks")
SHOWS = ("mine", "open", "done")
MOST_MARKED = 500


class CallbackForm(FlaskForm):
    """What a person writes into a task; ``number`` only into a new one."""

    number = StringField(_l("Phone number"), [Length(max=200)])
    name = StringField(_l("Caller"), [Length(max=400)])
    reason = StringField(_l("Reason"), [Length(max=300)])
    comment = TextAreaField(_l("Comment"), [Length(max=10_000)])
    assigned_to = SelectField(_l("To be done by"), validate_choice=False)
    due_at = DateTimeLocalField(_l("Due"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])

    def __init__(self, chosen: int | None = None, **more: Any) -> None:
        super().__init__(**more)
        with reading() as session:
            people = callback_tasks.people(session)
        self.assigned_to.choices = [("", _("nobody yet")), *((str(user), name) for user, name in people)]
        if not self.is_submitted():
            self.assigned_to.data = str(chosen or "")

    @property
    def assignee(self) -> int | None:
        """Whom it is given to; a choice that is none counts as nobody."""
        known = {value for value, _name in self.assigned_to.choices}
        return int(self.assigned_to.data) if self.assigned_to.data and self.assigned_to.data in known else None

    @property
    def due(self) -> datetime | None:
        """Aware, as the user's clock shows it."""
        typed: datetime | None = self.due_at.data
        return typed.replace(tzinfo=ZoneInfo(current_user.timezone)) if typed else None


class NewForm(CallbackForm):
    """A task made by hand."""

    number = StringField(_l("Phone number"), [DataRequired(_l("Please enter a number.")), Length(max=200)])


@blueprint.get("")
@requires(PERMISSION)
def index() -> str:
    """The tasks: mine, all open ones, or the done ones. For htmx only the list."""
    show = request.args.get("show", "")
    show = show if show in SHOWS else "open"
    before = request.args.get("before", type=int)
    watcher = concerned().by_id.get(current_user.id)
    tasks, older = callback_tasks.listed(
        show,  # type: ignore[arg-type] # checked against SHOWS
        watcher,
        before if before is not None and 0 < before <= MAX_ID else None,
    )
    mine, everybodys = callback_messages.counts_of(current_user.id)
    with reading() as session:
        people = callback_tasks.people(session)
    template = "callcenter/_callbacks.html" if request.headers.get("HX-Request") else "callcenter/callbacks.html"
    return render_template(
        template, tasks=tasks, show=show, older=older, mine=mine, everybodys=everybodys, people=people, **_words()
    )


@blueprint.post("")
@requires(PERMISSION)
def many() -> BaseResponse:
    """One action on all marked tasks."""
    ids = [int(text) for text in request.form.getlist("ids")[:MOST_MARKED] if text.isascii() and text.isdigit()]
    ids = [callback_id for callback_id in ids if 0 < callback_id <= MAX_ID]
    action = request.form.get("action", "")
    if action == "claim":
        count = callback_tasks.assign(ids, current_user.id, current_user.id)
    elif action == "assign":
        with reading() as session:
            known = {str(user): user for user, _name in callback_tasks.people(session)}
        count = callback_tasks.assign(ids, known.get(request.form.get("user", "")), current_user.id)
    elif action == "finish":
        count = callback_tasks.finish(ids, current_user.id)
    elif action == "reopen":
        count = callback_tasks.reopen(ids, current_user.id)
    else:
        abort(400)
    if count:
        flash(ngettext("%(num)s call-back changed.", "%(num)s call-backs changed.", count), "success")
    else:
        flash(_("Nothing was changed: mark call-backs first, or somebody else was faster."), "warning")
    show = request.form.get("show", "")
    return redirect(url_for("callcenter_callbacks.index", show=show if show in SHOWS else None))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(PERMISSION)
def new() -> str | BaseResponse | tuple[str, int]:
    """A call-back for a colleague, or for oneself; from a call with its number and name."""
    form = NewForm()
    entry = _call_asked_for()
    if request.method == "GET":
        number = request.args.get("number", "")[:200]
        if entry is not None:
            number, form.name.data = entry.remote["display"], name_of(entry.call)
        form.number.data = number
    if form.validate_on_submit():
        callback_tasks.create(_written(form, entry), current_user.id)
        flash(_("The call-back is entered."), "success")
        return redirect(url_for("callcenter_callbacks.index"))
    page = render_template("callcenter/callback.html", form=form, task=None, **_words())
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/<int:callback_id>", methods=["GET", "POST"])
@requires(PERMISSION)
def one(callback_id: int) -> str | BaseResponse | tuple[str, int]:
    """One task with its calls; reason, comment, due time and assignee can be changed."""
    task = callback_tasks.find(callback_id, current_user.id) or abort(404)
    form = CallbackForm(chosen=task.row["assigned_to"])
    version = request.form.get("version", type=int)
    if form.validate_on_submit():
        values = {
            "reason": storable(form.reason.data or "").strip(),
            "comment": storable(form.comment.data or "").strip(),
            "due_at": form.due,
            "assigned_to": form.assignee,
        }
        try:
            callback_tasks.rewrite(callback_id, version or 0, values, current_user.id)
        except Changed:
            flash(
                _("Somebody has changed this call-back meanwhile. Your text is still here: look and save again."),
                "warning",
            )
            task = callback_tasks.find(callback_id, current_user.id) or abort(404)
            return _page_of(task, form), 409
        flash(_("Saved."), "success")
        return redirect(url_for("callcenter_callbacks.one", callback_id=callback_id))
    if not form.is_submitted():
        form.reason.data, form.comment.data = task.row["reason"], task.row["comment"]
        due = task.row["due_at"]
        form.due_at.data = local(due).replace(tzinfo=None) if due else None
    page = _page_of(task, form)
    return (page, 422) if form.is_submitted() else page


def counter() -> dict[str, Any]:
    """What the header shows."""
    mine, everybodys = callback_messages.counts_of(current_user.id)
    return {"mine": mine, "everybodys": everybodys}


def on_address(address_id: int) -> dict[str, Any]:
    """The box in an address's CRM tab; where no task is open its place, for one that comes later."""
    with reading() as session:
        tasks = callback_tasks.of_address(session, address_id, current_user.id)
    return {"tasks": tasks, **_words()}


def _page_of(task: Task, form: CallbackForm) -> str:
    calls = callback_tasks.calls_of(task.row["id"], current_user.id)
    return render_template("callcenter/callback.html", form=form, task=task, calls=calls, **_words())


def _words() -> dict[str, Any]:
    now = current_app.extensions["durchwahl"].clock.now()
    return {
        "users": labels().users,
        "lines": labels().lines,
        "line_name": line_name,
        "shown_number": lambda raw: format_party(classify(raw)) or raw,
        "is_late": lambda row: row["state"] == "open" and row["due_at"] is not None and row["due_at"] <= now,
        "closed_words": {
            "by_hand": _("done"),
            "got_through": _("got through later"),
            "called_back": _("called back"),
            "withdrawn": _("was answered after all"),
        },
    }


def _call_asked_for() -> journal.Entry | None:
    call_id = request.values.get("call", type=int)
    found = journal.find(call_id, current_user.id) if call_id is not None and 0 < call_id <= MAX_ID else None
    return found.entry if found else None


def _written(form: NewForm, entry: journal.Entry | None) -> Written:
    number = storable(form.number.data or "").strip()
    # The call's party belongs to the task only while its number was left as it was.
    same = entry is not None and e164_of(classify(number)) == entry.call.remote_e164
    call = entry.call if same and entry is not None else None
    if call is None and (e164 := e164_of(classify(number))):
        with reading() as session:
            found = addresses.find_by_number(session, e164).matches
        match = found[0] if len(found) == 1 else None
        address_id, contact_id = (match.address_id, match.contact_id) if match else (None, None)
        name = match.name if match else ""
    else:
        address_id, contact_id = (entry.who.address_id, entry.who.contact_id) if call and entry else (None, None)
        name = name_of(call) if call else ""
    return Written(
        number=number,
        name=storable(form.name.data or "").strip() or name,
        reason=storable(form.reason.data or "").strip(),
        comment=storable(form.comment.data or "").strip(),
        assigned_to=form.assignee,
        due_at=form.due,
        address_id=address_id,
        contact_id=contact_id,
    )
