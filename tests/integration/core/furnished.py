"""An installation with one of everything, so that every page has something to show; and every route with its mark."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from app import create_app
from app.core.accounts import service
from app.core.accounts.access import MARK, UNMARKED
from app.core.database import reading, transaction
from app.modules.addresses import hygiene, note_drafts
from app.modules.addresses.corrections import correct
from app.modules.addresses.imports import services as imports
from app.modules.addresses.imports.files import Received
from app.modules.addresses.models import Contact
from app.modules.addresses.note_drafts import Place
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import blocking, callback_tasks, control_rules, groups
from app.modules.callcenter.blocking import Terms
from app.modules.callcenter.callback_tasks import Written
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Step, To
from app.modules.callcenter.gap_models import Comparison, DoubtfulEntry
from app.modules.callcenter.models import FIRST_CONNECTION
from tests.conftest import NOW, PASSWORD, make_config
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    LINE,
    PhoneSystem,
    call_id,
    configure,
    notifications,
    the_call,
)

API = "/api/"
#: Lies where clients of another program's interface look for it, and is none of the API's operations.
CTI = "callcenter_cti.receive"
FORWARD = Action(ActionKind.FORWARD, (Step(To.MANAGER, 15), Step(To.LINE, 30)))
TABLE = "name;land;telefon;email;ansprechpartner1name\nRheinwerk Nord;Österreich;01 587 5874;Rheinwerk;Eva Eigen\n"


@dataclass(frozen=True)
class Route:
    """A rule and one of its methods, with the access that its view states."""

    path: str
    method: str
    endpoint: str
    mark: str | None
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API) and self.endpoint != CTI

    def at(self, values: dict[str, Any]) -> str:
        """The address with its placeholders filled. A placeholder without a value is an error: give it one."""
        filled = self.path
        for name in self.arguments:
            kind = next(part for part in filled.split("<")[1:] if part.split(">")[0].split(":")[-1] == name)
            filled = filled.replace(f"<{kind.split('>')[0]}>", str(values[name]))
        return filled


def routes_of(app: Flask) -> list[Route]:
    """Everything that can be called, but for static files."""
    return sorted(
        (
            Route(rule.rule, method, rule.endpoint, mark, tuple(sorted(rule.arguments)))
            for rule in app.url_map.iter_rules()
            if rule.endpoint not in UNMARKED
            for mark in [getattr(app.view_functions[rule.endpoint], MARK, None)]
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ),
        key=str,
    )


def all_routes() -> list[Route]:
    """The routes of an application that is made for this only and never runs."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(make_config(f"sqlite:///{folder}/never.db", Path(folder)))
        app.extensions["durchwahl"].database.dispose()
        return routes_of(app)


ROUTES = all_routes()


def furnish(app: Flask) -> dict[str, Any]:
    """One address with contact, numbers and note, one user, one call; what fills the placeholders of the routes."""
    user_id = service.create_user("furnished", PASSWORD, "staff", name="Frieda Furnished")
    address_id = create_address(
        {"name": "Rheinwerk Maschinenbau GmbH", "city": "Köln", "postcode": "50667"},
        [NumberInput("0221 4710-500", label="Zentrale"), NumberInput("0221 4710-509", kind="fax")],
        [ContactInput("Max Mustermann", numbers=(NumberInput(CUSTOMER, kind="mobile"),))],
        by=user_id,
    )
    with reading() as session:
        contact_id = session.execute(select(Contact.id).where(Contact.address_id == address_id)).scalar_one()
    # A number that two addresses share, numbers that need a person's eye, and one that was corrected.
    numbers = ["0221 4710-980", "4710-981", "siehe Karte", "0221 4710982 Zimmer 3", "0221 4710-983 oder -984"]
    create_address({"name": "Rheinwerk Nord"}, [NumberInput(raw) for raw in numbers], by=user_id)
    twice = ContactInput("Eva Eigen", numbers=(NumberInput("0221 4710-985"),))
    create_address({"name": "Rheinwerk Süd"}, [NumberInput("0221 4710-980"), NumberInput("0221 4710-985")], [twice])
    group, remark = hygiene.of_reach("shared")[-1], hygiene.of_finding("remark")[-1]
    assert remark.replacement is not None
    correction_id = correct(remark.replacement, by=user_id)
    note = NoteInput("Rückfrage zur Lieferung", "Zwei Kisten fehlen.", address_id=address_id, contact_id=contact_id)
    note_id = create_note(note, by=user_id)
    place = Place("phone", None, address_id)
    kept = note_drafts.keep(user_id, place, "a form", {"text": "Angefangen"}, 0)
    assert kept.draft is not None
    configure(app)
    call = call_id()
    PhoneSystem(app).incoming(call)
    callback_id = callback_tasks.create(Written(CUSTOMER, reason="Angebot", address_id=address_id), user_id)
    return {
        "token": "the-token-of-nobody",
        "callback_id": callback_id,
        "entry_id": compared(),
        "group_id": groups.store(None, "Vertrieb", [user_id]),
        "connection_key": FIRST_CONNECTION,
        "rule_id": control_rules.store(None, Draft("Vertrieb zuerst", Conditions(known=True), FORWARD), user_id),
        "block_id": blocking.add(blocking.numbers_of("0171 3920009"), Terms(note="Werbung"), user_id),
        "user_id": user_id,
        "address_id": address_id,
        "contact_id": contact_id,
        "note_id": note_id,
        "draft_id": kept.draft.id,
        "call_id": the_call(call).id,
        "notification_id": notifications()[-1]["id"],
        "number_id": group.rows[0].number_id,
        "import_id": imports.receive(Received(io.BytesIO(TABLE.encode())), "furnished.csv", user_id),
        "correction_id": correction_id,
        "name": "callcenter",
        "provider": "placetel",
    }


def compared() -> int:
    """Days whose list was compared, one of them in vain; the id of an entry that is to be decided."""
    day = NOW.date()
    with transaction() as session:
        kept = {"connection": FIRST_CONNECTION, "compared_at": NOW}
        session.add_all(
            [
                Comparison(day=day, listed=7, added=1, completed=2, **kept),
                Comparison(day=day - timedelta(days=1), listed=3, **kept),
                Comparison(day=day - timedelta(days=2), error="unreachable", **kept),
            ]
        )
        call = {"direction": "in", "remote": "0221471XXXX", "line": LINE, "outcome": "missed", "talk_seconds": 0}
        masked, similar = (
            DoubtfulEntry(connection=FIRST_CONNECTION, day=day, key=f"list:{doubt}", at=NOW, doubt=doubt, **call)
            for doubt in ("masked", "similar")
        )
        session.add_all([masked, similar])
        session.flush()
        return masked.id
