"""Wires the module addresses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.kernel import ModuleSetup
from app.modules.addresses import caller_facts, note_messages, retention
from app.modules.addresses import note_drafts as drafts
from app.modules.addresses import timeline as timelines
from app.modules.addresses.api import load_demo
from app.modules.addresses.cli import addresses
from app.modules.addresses.events import NoteSaved
from app.modules.addresses.imports import messages, running, upkeep
from app.modules.addresses.imports.events import ImportChanged
from app.modules.addresses.repeated import refresh_all
from app.modules.addresses.views import (
    api,
    contacts,
    duplicates,
    edit,
    hygiene_bulk,
    import_runs,
    note_drafts,
    notes,
    pages,
    settings,
    timeline,
)
from app.modules.addresses.views.texts import in_templates

#: Each look is a small write to the database; whoever starts an import waits no longer than this.
LOOK_FOR_IMPORTS_SECONDS = 3
HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400


def install(setup: ModuleSetup) -> None:
    """Register pages, the command and the demo data."""
    for part in (pages, edit, duplicates, contacts, hygiene_bulk, import_runs, notes, note_drafts, timeline, settings):
        setup.blueprint(in_templates(part.blueprint))
    setup.blueprint(api.blueprint, csrf_exempt=True)
    setup.cli(addresses)
    setup.job("repeated-numbers", DAY_SECONDS, _look_at_all_repeated, long=True)
    setup.job("imports", LOOK_FOR_IMPORTS_SECONDS, running.work)
    setup.job("old-imports", HOUR_SECONDS, upkeep.tidy, long=True)
    setup.on(ImportChanged, messages.on_changed)
    setup.on(NoteSaved, note_messages.on_saved)
    setup.demo(load_demo)
    drafts.install(setup)
    setup.slot("page.head", "addresses/note_head.html", permission=note_drafts.PERMISSION)
    setup.slot("page.shortcuts", "addresses/shortcuts.html", permission=note_drafts.PERMISSION)
    setup.slot("page.header", "addresses/drafts_counter.html", note_drafts.header, permission=note_drafts.PERMISSION)
    setup.slot("page.end", "addresses/note_drawer.html", note_drafts.page_end, permission=note_drafts.PERMISSION)
    timelines.install(_l("Notes"))
    caller_facts.install(setup)
    retention.install(setup)


def _look_at_all_repeated() -> None:
    refresh_all()
