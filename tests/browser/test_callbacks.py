"""Call-backs: the counter in the header, the list that changes by itself, and a task that settles itself."""

from __future__ import annotations

import contextlib
import re
import sqlite3

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, save
from tests.browser.stack import ANNA, BEN, LONG_AGO, ZENTRALE, Stack

MAX, STRANGER, SABINE = "03023125123", "06990009782", "01713920010"
LIST = re.compile(r"/callcenter/callbacks(\?.*)?$")


def _counter(page: Page) -> str:
    return page.locator("[data-callback-counter]").get_attribute("aria-label") or ""


def _miss(stack: Stack, number: str) -> None:
    stack.simulator.hangup(stack.simulator.incoming(number, ZENTRALE).call_id, "missed")


def test_a_missed_call_waits_in_every_open_list_until_somebody_calls_back(people: People, stack: Stack) -> None:
    anna, ben = people("anna", "/callcenter/callbacks"), people("ben", "/callcenter/callbacks")
    for _twice in range(2):
        _miss(stack, MAX)
    for page in (anna, ben):
        row = page.get_by_role("row").filter(has_text="Max Mustermann")
        expect(row).to_contain_text("2 ×")
        # The tabs count along.
        for name in ("Offen (1)", "Für mich (1)"):
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
        expect(page.locator("[data-callback-counter]")).to_have_attribute(
            "aria-label", beginning("Rückrufe: 1 für mich")
        )

    # Anna takes it; Ben's counter and list say so.
    row = anna.get_by_role("row").filter(has_text="Max Mustermann")
    row.get_by_role("checkbox").check()
    anna.get_by_role("button", name="Übernehmen", exact=True).click()
    expect(anna.get_by_text("1 Rückruf geändert.")).to_be_visible()
    expect(ben.get_by_role("row").filter(has_text="Max Mustermann")).to_contain_text("Anna Schmidt")
    expect(ben.locator("[data-callback-counter]")).to_have_attribute("aria-label", beginning("Rückrufe: 0 für mich"))

    # Clara has the page of the task open.
    link = row.get_by_role("link", name="Max Mustermann").first.get_attribute("href") or ""
    clara = people("clara", link)
    expect(clara.get_by_role("definition").filter(has_text="offen")).to_be_visible()

    # She calls back by the button beside the number: reached, and it is settled everywhere.
    people.wait_for_calls(anna)
    anna.get_by_role("row").filter(has_text="Max Mustermann").get_by_role("button", name=re.compile("anrufen")).click()
    expect(anna.get_by_text("Ihr Telefon klingelt gleich")).to_be_visible()
    stack.simulator.pick_up(ANNA)
    call = next(one for one in stack.simulator.state()["calls"] if one["phase"] != "ended")
    stack.simulator.callee(call["call_id"], "answer")
    stack.simulator.hangup(call["call_id"], duration=30)
    for page in (anna, ben):
        expect(page.get_by_role("row").filter(has_text="Max Mustermann")).to_have_count(0)
        expect(page.get_by_role("link", name="Offen (0)", exact=True)).to_be_visible()
    expect(clara.get_by_role("definition").filter(has_text="zurückgerufen")).to_be_visible()
    anna.goto(f"{stack.url}/callcenter/callbacks?show=done")
    expect(anna.get_by_role("row").filter(has_text="Max Mustermann")).to_contain_text("zurückgerufen, Anna Schmidt")


def test_an_open_list_learns_whose_number_it_was(people: People, stack: Stack) -> None:
    _miss(stack, "06990009651")
    anna, ben = people("anna", "/callcenter/callbacks"), people("ben", "/addresses/new")
    row = anna.get_by_role("row").filter(has_text="069 90009651")
    expect(row).to_be_visible()
    ben.get_by_label("Name", exact=True).fill("Zoohandlung Kakadu")
    ben.get_by_role("textbox", name="Telefonnummer").first.fill("069 90009651")
    save(ben)
    expect(row).to_contain_text("Zoohandlung Kakadu")


def test_a_colleague_is_told_at_once_of_a_task_made_for_him(people: People, stack: Stack) -> None:
    anna, ben = people("anna", "/callcenter/callbacks/new"), people("ben", "/addresses/")
    anna.get_by_label("Telefonnummer").fill("069 90009781")
    anna.get_by_label("Grund").fill("<b>Angebot</b> besprechen")
    anna.get_by_label("Bitte erledigen von").select_option("Ben Yilmaz")
    save(anna)
    expect(anna.get_by_text("Der Rückruf ist eingetragen.")).to_be_visible()
    told = ben.get_by_role("region", name="Ihnen übergebene Rückrufe")
    expect(told.get_by_role("status")).to_contain_text("Anna Schmidt bittet Sie um einen Rückruf")
    told.get_by_role("link", name="<b>Angebot</b> besprechen").click()
    expect(ben.get_by_role("heading", level=1)).to_contain_text("069 90009781")
    expect(ben.get_by_label("Grund")).to_have_value("<b>Angebot</b> besprechen")


def test_whoever_is_to_call_back_is_reminded_once_when_it_is_due(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/callbacks/new")
    anna.get_by_label("Telefonnummer").fill("069 90009785")
    anna.get_by_label("Grund").fill("Termin bestätigen")
    anna.get_by_label("Bitte erledigen von").select_option("Ben Yilmaz")
    anna.get_by_label("Fällig").fill("2031-01-01T09:00")
    save(anna)
    expect(anna.get_by_text("Der Rückruf ist eingetragen.")).to_be_visible()
    ben = people("ben", "/addresses/new")
    name = ben.get_by_label("Name", exact=True)
    name.press_sequentially("Mitten im ")
    with contextlib.closing(sqlite3.connect(stack.data_dir / "durchwahl.db", timeout=10)) as database, database:
        database.execute("UPDATE callcenter_callback SET due_at = ? WHERE reason = 'Termin bestätigen'", (LONG_AGO,))
    told = ben.get_by_role("region", name="Ihnen übergebene Rückrufe")
    expect(told.get_by_role("status")).to_contain_text("Rückruf ist fällig")
    expect(told.get_by_role("link")).to_contain_text("Termin bestätigen")
    name.press_sequentially("Tippen")
    expect(name).to_have_value("Mitten im Tippen")
    told.get_by_role("button", name="Schließen").click()
    ben.goto(f"{stack.url}/callcenter/callbacks?show=mine")
    expect(ben.get_by_role("row").filter(has_text="Termin bestätigen")).to_contain_text("fällig")
    expect(told.get_by_role("status")).to_have_count(0)


def test_a_missed_call_settles_itself_when_the_caller_gets_through_and_says_by_which_call(
    people: People, stack: Stack
) -> None:
    _miss(stack, SABINE)
    ben = people("ben", "/callcenter/callbacks")
    row = ben.get_by_role("row").filter(has_text="Sabine Krüger")
    expect(row).to_be_visible()
    call = stack.simulator.incoming(SABINE, ZENTRALE)
    stack.simulator.accept(call.call_id, BEN)
    stack.simulator.hangup(call.call_id, duration=42)
    expect(row).to_have_count(0)
    ben.goto(f"{stack.url}/callcenter/callbacks?show=done")
    row.get_by_role("link", name="später durchgekommen").click()
    expect(ben.get_by_role("definition").filter(has_text="0:42")).to_be_visible()
    # Reopened with one click it waits again; taken and done with one click each it is over.
    ben.goto(f"{stack.url}/callcenter/callbacks?show=done")
    row.get_by_role("button", name="Wieder öffnen").click()
    ben.goto(f"{stack.url}/callcenter/callbacks")
    row.get_by_role("button", name="Übernehmen: Sabine Krüger").click()
    expect(row).to_contain_text("Ben Yilmaz")
    expect(row.get_by_role("button", name="Übernehmen")).to_have_count(0)
    row.get_by_role("button", name="Erledigt: Sabine Krüger").click()
    expect(row).to_have_count(0)


def test_rows_that_are_marked_are_not_taken_from_under_the_hand_and_what_is_new_comes_afterwards(
    people: People, stack: Stack
) -> None:
    anna = people("anna", "/callcenter/callbacks")
    _miss(stack, STRANGER)
    mark = anna.get_by_role("row").filter(has_text="069 90009782").get_by_role("checkbox")
    expect(mark).to_be_visible()
    held: list[Route] = []
    held_back = True
    anna.route(LIST, lambda route: held.append(route) if held_back else route.continue_())
    with anna.expect_request(LIST):
        _miss(stack, "06990009783")
    # Marked while the list is on its way.
    mark.check()
    held_back = False
    with anna.expect_response(LIST) as answered:
        for route in held:
            route.continue_()
    answered.value.finished()
    new = anna.get_by_role("row").filter(has_text="069 90009783")
    _see_the_answer(anna)
    expect(mark).to_be_checked()
    expect(new).to_have_count(0)
    _miss(stack, "06990009784")
    expect(anna.locator("[data-callback-count]")).to_have_text("3")
    expect(mark).to_be_checked()
    expect(new).to_have_count(0)
    mark.uncheck()
    expect(new).to_be_visible()
    expect(anna.get_by_role("row").filter(has_text="069 90009784")).to_be_visible()


def _see_the_answer(page: Page) -> None:
    """Return when what the page does with an answer that has come is done."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
