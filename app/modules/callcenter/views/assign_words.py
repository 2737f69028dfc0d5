"""What is said when a number is given to an address: where it stands now, or what stood in the way."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.i18n import once_a_language
from app.modules.addresses.api import Added, Holder, NotAdded, Reason, address_path
from app.modules.callcenter.snapshots import remote_of
from app.modules.callcenter.storable import Storable
from app.modules.callcenter.stored import StoredCall


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence, with a link that helps on where there is one."""

    text: str
    path: str = ""
    link: str = ""


@once_a_language
def title_of(what: Storable | None) -> str:
    """What the form is for."""
    return str(_("Save extension") if what == "extension" else _("Assign number"))


def stored_where(call: StoredCall, added: Added) -> str:
    """The number is stored: with whom."""
    values = {"number": remote_of(call)["display"], "name": added.name, "company": added.company}
    if added.contact_version:
        done = _("%(name)s is now a contact of %(company)s, with the number %(number)s.", **values)
    elif added.contact_id is not None:
        done = _("%(number)s is now stored with %(name)s (%(company)s).", **values)
    else:
        done = _("%(number)s is now stored with %(name)s.", **values)
    if call.remote_e164 is not None:
        return str(done)
    unread = _("Calls cannot be recognised by it.")
    return f"{done} {unread}"


def already_there(name: str) -> str:
    """Pressed twice, or somebody was faster: the same thing is stored once."""
    return str(_("%(name)s has this number already; nothing was stored twice.", name=name))


def taken_back(added: Added) -> str:
    """The undo was done."""
    return str(_("The number is no longer stored with %(name)s.", name=added.name))


def nothing_to_undo(reason: Reason) -> str:
    """The undo was not done."""
    if reason == "gone":
        return str(_("It is gone already; there was nothing to undo."))
    return str(_("Somebody has changed the number meanwhile, so it was left as it is."))


def conflict(refused: NotAdded, address_id: int, seen: str) -> Message:
    """Why the number was not stored, and what to do. ``seen``: the name by which the owner was chosen."""
    name, path = refused.name, address_path(address_id)
    told: dict[Reason, Message] = {
        "gone": Message(_("This address no longer exists. Please choose another one.")),
        "archived": Message(
            _("%(name)s has been archived meanwhile. Choose another address, or restore it first.", name=name),
            path,
            _("Open address"),
        ),
        "contact_gone": Message(
            _("The contact that you chose is no longer at this address. Please choose again below.")
        ),
        "renamed": Message(_("%(old)s is called %(new)s meanwhile. If that is right, save again.", old=seen, new=name)),
        "contact_exists": Message(
            _(
                "%(name)s is a contact there already and is chosen below now. If it is the same person, save again.",
                name=name,
            )
        ),
        "elsewhere": Message(
            _(
                "The number now also belongs to: %(names)s. To store it here as well, save again.",
                names=names_of(refused.owners),
            )
        ),
        "misread": Message(
            _(
                "In the country of this address this would be somebody else's number. "
                "Please enter it there by hand, with its country code."
            ),
            path,
            _("Open address"),
        ),
    }
    return told.get(refused.reason) or Message(_("The number could not be stored. Please try again."))


def names_of(holders: tuple[Holder, ...] | list[Holder]) -> str:
    """Who has a number, in one line."""
    return ", ".join(f"{one.name} ({one.company})" if one.company else one.name for one in holders)
