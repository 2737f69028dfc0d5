"""Wires all that has to do with calls coming in: the webhook, cards, bell and journal."""

from __future__ import annotations

from app.core.kernel import ModuleSetup
from app.modules.callcenter import (
    attention,
    callback_messages,
    callbacks,
    caller_facts,
    cards,
    control_kept,
    jobs,
    journal_news,
    labels,
    note_callback,
    note_source,
    rematching,
    remembered_news,
    spooling,
    timeline,
)
from app.modules.callcenter.views import assigning, choices, cti, journal, journal_csv, remembered, webhook
from app.modules.callcenter.views import attention as attention_views
from app.modules.callcenter.views import callbacks as callback_views
from app.modules.callcenter.views import cards as card_views

PERMISSION = "callcenter.calls"


def install(setup: ModuleSetup) -> None:
    """Register endpoints, slots, listeners and jobs."""
    labels.install(setup)
    attention.install(setup)
    setup.blueprint(webhook.blueprint, csrf_exempt=True)
    setup.blueprint(cti.blueprint, csrf_exempt=True)
    setup.secret_path(cti.WAY)
    setup.kernel.metrics.declare(webhook.WEBHOOKS, webhook.SECONDS)
    setup.blueprint(journal.blueprint)
    setup.blueprint(journal_csv.blueprint)
    setup.blueprint(choices.blueprint)
    setup.blueprint(assigning.blueprint)
    setup.blueprint(remembered.blueprint)
    setup.blueprint(card_views.blueprint)
    setup.blueprint(attention_views.blueprint)
    setup.blueprint(callback_views.blueprint)
    caller_facts.install(setup)
    cards.install(setup, activated=rematching.look_at_everything)
    rematching.install(setup)
    remembered_news.install(setup)
    note_source.install(setup)
    note_callback.install(setup)
    timeline.install()
    journal_news.install(setup)
    control_kept.install(setup)
    spooling.install(setup)
    jobs.install(setup)
    callbacks.install(setup)
    callback_messages.install(setup)
    setup.slot("address.details", "callcenter/remembered_of_address.html", remembered.of_address, permission=PERMISSION)
    setup.slot("page.head", "callcenter/cards_head.html", permission=PERMISSION)
    setup.slot("page.header", "callcenter/bell.html", permission=PERMISSION)
    setup.slot("page.shortcuts", "callcenter/shortcuts.html", permission=PERMISSION)
    setup.slot("page.end", "callcenter/cards.html", card_views.page_end, permission=PERMISSION)
    setup.slot("page.head", "callcenter/assign_head.html", assigning.page_part, permission=PERMISSION)
    setup.slot("page.end", "callcenter/assign_dialog.html", assigning.page_part, permission=PERMISSION)
    setup.slot("personal.settings", "callcenter/this_browser.html", permission=PERMISSION)
    tasks = callback_messages.PERMISSION
    setup.slot("page.header", "callcenter/callback_counter.html", callback_views.counter, permission=tasks, order=90)
    setup.slot("address.crm", "callcenter/callbacks_of_address.html", callback_views.on_address, permission=tasks)
