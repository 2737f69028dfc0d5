"""The form that gives a number to an address: as it is asked for, as it was sent, and with what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import abort, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.database import reading
from app.modules.addresses.api import (
    NUMBER_KINDS,
    Added,
    Holder,
    NotAdded,
    OnChoice,
    Owner,
    OwnerKey,
    People,
    Seen,
    guessed_kind,
    holders,
    number_kind_name,
    people_at,
    picker,
    problem_text,
)
from app.modules.callcenter.snapshots import remote_of
from app.modules.callcenter.storable import Storable, extension_at, storable
from app.modules.callcenter.stored import StoredCall
from app.modules.callcenter.views.assign_words import Message, conflict, names_of, title_of

#: An address, or a contact there.
_OWNER = re.compile(r"([0-9]{1,9}):([0-9]{0,9})")
_NOTE = re.compile(r"([0-9]{1,9}):([0-9]{1,9})")
NEW = "new"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address behind whose switchboard the call came."""

    owner: str
    name: str
    extension: str


@dataclass(frozen=True, slots=True)
class AssignForm:
    """Everything that the form shows. Fields are as typed, or as proposed."""

    call: StoredCall
    storable: Storable | None
    dialog: bool
    query: str
    picked: str
    """Who was chosen in the search: ``7:`` an address, ``7:12`` a contact there."""
    people: People | None
    """Everybody at the chosen address."""
    who: str
    """The contact's id, ``new``, or empty for the address itself; ``-`` for nobody yet."""
    name: str
    kind: str
    label: str
    others: tuple[Holder, ...] = ()
    """Who has the number already."""
    seen_name: str = ""
    seen_others: frozenset[OwnerKey] = frozenset()
    messages: tuple[Message, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The heading."""
        return title_of(self.storable)

    @property
    def id(self) -> str:
        """Begins every id: the dialog may lie over the page with the same form."""
        return "assign-dialog" if self.dialog else "assign"

    @property
    def display(self) -> str:
        """The number for the eye."""
        return str(remote_of(self.call)["display"])

    @property
    def candidates(self) -> list[Candidate]:
        """The addresses behind whose switchboard it is."""
        if self.call.grade != "switchboard":
            return []
        found = {
            match["address_id"]: Candidate(
                f"{match['address_id']}:", match["company"] or match["name"], match.get("extension") or ""
            )
            for match in self.call.known
            if not match["archived"]
        }
        return list(found.values())

    @property
    def picker(self) -> Markup:
        """The search."""
        return picker(f"{self.id}-pick", self.query, self.picked, self.on_choice)

    @property
    def on_choice(self) -> OnChoice:
        """What is fetched when somebody is chosen."""
        url = url_for("callcenter_assigning.owner", call_id=self.call.id, dialog="1" if self.dialog else None)
        return OnChoice(url, f"#{self.id}-owner")

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The kinds of a number with their words."""
        return [(kind, number_kind_name(kind)) for kind in NUMBER_KINDS]

    @property
    def names_of_others(self) -> str:
        """Who has the number already, in one line."""
        return names_of(self.others)

    def owner(self) -> Owner:
        """Who is to get the number; a new contact without a name is the address itself."""
        address_id = self.people.id if self.people else int(self.picked.partition(":")[0])
        if self.who == NEW:
            return Owner(address_id, new_contact=self.name)
        return Owner(address_id, int(self.who) if self.who else None)

    def seen(self) -> Seen:
        """What the user knew."""
        return Seen(self.seen_name, self.seen_others)


def form_as_asked(call: StoredCall, *, dialog: bool) -> AssignForm:
    """A form that begins: with what was searched and chosen, or with the one switchboard that it may be."""
    picked = request.args.get("owner", "")
    found = _OWNER.fullmatch(picked)
    begun = _blank(call, dialog)
    if found is None:
        own = [one.owner for one in begun.candidates if one.owner == f"{call.address_id}:"]
        picked = own[0] if own else ""
        found = _OWNER.fullmatch(picked)
    people = people_at(int(found[1])) if found else None
    who = found[2] if found and people and any(str(one.id) == found[2] for one in people.contacts) else ""
    if not who and people and extension_at(call, people.id):
        who = NEW
    return replace(begun, query=request.args.get("pick", "").strip()[:100], picked=picked, people=people, who=who)


def form_as_sent(call: StoredCall, *, dialog: bool) -> AssignForm:
    """The form as it came; 400 for what it cannot have sent."""
    sent = request.form
    who = sent.get("who", "-")
    if not re.fullmatch(r"-|new|[0-9]{0,9}", who) or not re.fullmatch(r"[0-9]{1,9}", sent.get("address", "")):
        abort(400)
    keys = (_OWNER.fullmatch(text) for text in sent.getlist("holder"))
    form = replace(
        _blank(call, dialog),
        query=sent.get("pick", "").strip()[:100],
        picked=f"{int(sent['address'])}:{who if who.isdigit() else ''}",
        people=people_at(int(sent["address"])),
        who=who,
        name=sent.get("name", ""),
        kind=sent.get("kind", ""),
        label=sent.get("label", ""),
        seen_name=sent.get(f"seen-{who}" if who.isdigit() else "seen-address", ""),
        seen_others=frozenset((int(key[1]), int(key[2]) if key[2] else None) for key in keys if key),
    )
    return replace(form, problems={"who": _("Please choose who has this number.")}) if who == "-" else form


def show_problems(form: AssignForm, problems: Mapping[str, str]) -> AssignForm:
    """The form with what cannot be stored beside its fields."""
    texts = {name: problem_text(code) for name, code in problems.items()}
    if "number" in texts:
        texts["who"] = str(_("There are too many numbers already. Please choose somebody else."))
    return replace(form, problems=texts)


def show_conflict(form: AssignForm, refused: NotAdded) -> AssignForm:
    """The form with what others have done meanwhile; sent again it is sent with that knowledge."""
    address_id = int(form.picked.partition(":")[0])
    told = conflict(refused, address_id, form.seen_name)
    if refused.reason == "contact_exists":
        return replace(form, messages=(told,), who=str(refused.contact_id))
    if refused.reason == "contact_gone":
        return replace(form, messages=(told,), who="-")
    if refused.reason in ("gone", "archived"):
        return replace(form, messages=(told,), people=None, picked="")
    return replace(form, messages=(told,))


def fields_of_added(added: Added) -> dict[str, str]:
    """What was stored, as hidden fields of the button that takes it back."""
    return {
        "address": str(added.address_id),
        "contact": str(added.contact_id or ""),
        "contact_version": str(added.contact_version),
        "number": added.raw,
        "number_kind": added.kind,
        "number_label": added.label,
        "notes": ",".join(f"{note_id}:{version}" for note_id, version in added.notes),
        "name": added.name,
    }


def added_of_fields(sent: Mapping[str, str]) -> Added | None:
    """The same as it came back; None for what was not made by us."""
    ids = [sent.get(name, "") for name in ("address", "contact", "contact_version")]
    if not all(re.fullmatch(r"[0-9]{0,9}", text) for text in ids) or not ids[0]:
        return None
    notes = [_NOTE.fullmatch(text) for text in sent.get("notes", "").split(",") if text]
    return Added(
        address_id=int(ids[0]),
        contact_id=int(ids[1]) if ids[1] else None,
        raw=sent.get("number", ""),
        kind=sent.get("number_kind", ""),
        label=sent.get("number_label", ""),
        contact_version=int(ids[2] or 0),
        notes=tuple((int(note[1]), int(note[2])) for note in notes if note),
        name=sent.get("name", ""),
    )


def _blank(call: StoredCall, dialog: bool) -> AssignForm:
    with reading() as session:
        others = tuple(holders(session, call.remote_e164))
    return AssignForm(
        call=call,
        storable=storable(call),
        dialog=dialog,
        query="",
        picked="",
        people=None,
        who="",
        name="",
        kind=guessed_kind(call.remote_e164 or call.remote_raw or "", "DE"),
        label="",
        others=others,
    )
