"""The journal of two people: live rows, nothing that shifts, filters, pages, the table, and rights that change."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.screen import notify_me, save
from tests.browser.stack import ANNA, ANNAS_LINE, ZENTRALE, Stack

JOURNAL = "/callcenter/calls"
STRANGER = "06990009735"


def miss(stack: Stack, caller: str) -> None:
    stack.simulator.hangup(stack.simulator.incoming(caller, ZENTRALE).call_id, "missed")


def test_a_call_appears_runs_on_top_and_ends_in_its_place(people: People, stack: Stack) -> None:
    anna = people("anna", JOURNAL)
    call = stack.simulator.incoming(STRANGER, ZENTRALE)
    above, below = "[data-running-rows] tr", "[data-rows] tr"
    row = anna.locator(above).filter(has_text="069 90009735")
    expect(row).to_contain_text("Eingehender Anruf")
    # Whoever has the call's own page open sees what becomes of it, too.
    own = people("ben", row.locator(".cell-time a").get_attribute("href") or "")
    heading, history = own.get_by_role("heading", level=1), own.locator("main .call-history li")
    expect(heading).to_have_text("Eingehender Anruf")
    stack.simulator.accept(call.call_id, ANNA)
    expect(row).to_contain_text("Anruf angenommen")
    expect(heading).to_have_text("Anruf angenommen")
    stack.simulator.hangup(call.call_id)
    expect(heading).to_have_text("Anruf beendet")
    expect(history.last).to_contain_text("Anruf beendet")
    expect(anna.locator(below).first).to_contain_text("069 90009735")
    expect(anna.locator(below).first).to_contain_text("Anna Schmidt")
    expect(anna.locator("[data-running-rows]")).to_be_hidden()


def test_on_a_phone_the_calls_stand_on_the_first_screen_and_filters_unfold(people: People, stack: Stack) -> None:
    miss(stack, "06990009760")
    clara = people("clara", JOURNAL, viewport={"width": 390, "height": 844})
    row, line = clara.locator("[data-rows] tr").first, clara.get_by_label("Leitung")
    expect(row).to_be_in_viewport()
    expect(line).to_be_hidden()
    more = clara.get_by_role("button", name="Weitere Filter", expanded=False)
    more.focus()
    clara.keyboard.press("Enter")
    expect(clara.get_by_role("button", name="Weitere Filter", expanded=True)).to_be_focused()
    line.select_option(index=1)
    clara.get_by_role("button", name="Anzeigen").click()
    # What narrows the list is plain to see.
    expect(clara).to_have_url(re.compile("line=.+"))
    expect(line).to_be_visible()


def test_who_narrowed_the_list_is_told_of_new_calls_and_nothing_shifts(people: People, stack: Stack) -> None:
    miss(stack, "06990009736")
    ben = people("ben", JOURNAL)
    # One tick asks, with what is typed; the focus stays there.
    ben.get_by_label("Name oder Nummer").fill("069 9000973")
    ticked = ben.get_by_role("checkbox", name="nur verpasste")
    ticked.click()
    expect(ben).to_have_url(re.compile("q=069.9000973.*missed=1"))
    expect(ticked).to_be_checked()
    expect(ticked).to_be_focused()
    first = ben.locator("[data-rows] tr").first
    before = first.inner_text()
    miss(stack, "06990009737")
    news = ben.get_by_role("button", name="1 neuer Anruf")
    expect(news).to_be_visible()
    assert first.inner_text() == before
    miss(stack, "06990009738")
    ben.get_by_role("button", name="2 neue Anrufe").click()
    expect(ben.locator("[data-rows] tr").first).to_contain_text("069 90009738")
    expect(ben).to_have_url(re.compile("missed=1"))


def test_what_is_listed_is_saved_as_a_table(people: People, stack: Stack, tmp_path: Path) -> None:
    miss(stack, "06990009739")
    anna = people("anna", f"{JOURNAL}?q=069+90009739")
    with anna.expect_download() as started:
        anna.get_by_role("link", name="Als CSV speichern").click()
    started.value.save_as(tmp_path / "calls.csv")
    lines = (tmp_path / "calls.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "069 90009739" in lines[1]
    anna.goto(f"{stack.url}{JOURNAL}?q=niemand&line=23")
    expect(anna.get_by_text("Kein Anruf passt dazu")).to_be_visible()
    anna.get_by_role("link", name="Ohne die Suche").click()
    expect(anna.get_by_label("Name oder Nummer")).to_have_value("")


def test_rights_that_change_take_rows_and_pages_away_at_once(people: People, stack: Stack) -> None:
    stack.simulator.hangup(stack.simulator.incoming("06990009740", ANNAS_LINE).call_id, "missed")
    ben = people("ben", JOURNAL)
    mine = ben.locator("[data-rows] tr").filter(has_text="069 90009740")
    expect(mine).to_be_visible()
    also_ben = people("ben", JOURNAL)
    also_ben.locator("[data-rows] tr").filter(has_text="069 90009740").locator(".cell-time a").click()
    expect(also_ben.get_by_role("heading", level=1)).to_contain_text("Verpasster Anruf")
    admin = people("admin", "/callcenter/groups")
    admin.get_by_role("radio", name="die Anrufe auf ihren Leitungen und ihre eigenen").check()
    save(admin)
    expect(mine).to_have_count(0)
    expect(also_ben.get_by_text("Diese Seite gibt es nicht")).to_be_visible()
    # He may choose otherwise, within what his permissions allow.
    notify_me(also_ben, stack.url)
    expect(mine).to_be_visible()
