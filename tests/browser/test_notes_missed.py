"""What becomes of a draft that nobody hears of: before its form is there, without a connection, after its closing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, card, note_drawer
from tests.browser.stack import ANNAS_LINE, Stack
from tests.browser.test_notes import OFFLINE, PATIENT, SAVED, status_of, text_of, typed
from tests.browser.wire import Wire


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    wire = Wire(stack.port)
    yield wire
    wire.close()


def _ring(stack: Stack, ending: str) -> str:
    """A stranger calls; returns how his number is shown."""
    stack.simulator.incoming(f"06990009{ending}", ANNAS_LINE)
    return f"069 90009{ending}"


def _press(page: Page, number: str) -> None:
    card(page, number).get_by_role("link", name=beginning("Telefonnotiz anlegen")).click()


@dataclass(frozen=True)
class Writing:
    """Somebody whose draft about a stranger's call has been saved."""

    page: Page
    number: str

    @property
    def form(self) -> Locator:
        return note_drawer(self.page)

    def again(self) -> None:
        """Press the link to the form once more."""
        _press(self.page, self.number)


@pytest.fixture
def writing(people: People, stack: Stack) -> Callable[..., Writing]:
    """``writing("823", "Text")``: Anna has begun a note about a call of the number that ends so."""

    def begin(ending: str, text: str, *, clock: bool = False) -> Writing:
        page = people("anna", "/addresses/", clock=clock)
        begun = Writing(page, _ring(stack, ending))
        begun.again()
        typed(begun.form, text)
        return begun

    return begin


def test_what_another_window_typed_during_an_interruption_is_there_after_it(
    people: People, stack: Stack, wire: Wire
) -> None:
    anna, other = people("anna", "/addresses/", url=wire.url), people("anna", "/addresses/")
    number = _ring(stack, "821")
    for page in (anna, other):
        _press(page, number)
    first, second = note_drawer(anna), note_drawer(other)
    typed(first, "Vorher")
    expect(text_of(second)).to_have_value("Vorher")
    wire.cut()
    typed(second, "Während der Unterbrechung")
    wire.mend()
    expect(text_of(first)).to_have_value("Während der Unterbrechung", timeout=PATIENT)
    expect(first.locator("[data-note-conflict]")).to_have_count(0)
    # Saved meanwhile: that too is known.
    wire.cut()
    text_of(second).press("Control+Enter")
    expect(other.locator("[data-note-words]")).to_have_text("Die Notiz ist gespeichert.")
    wire.mend()
    expect(first).to_contain_text("Diese Notiz wurde in einem anderen Fenster gespeichert.", timeout=PATIENT)


def test_what_another_window_typed_while_the_form_was_on_its_way_is_in_it(people: People, stack: Stack) -> None:
    anna, other = people("anna", "/addresses/"), people("anna", "/addresses/")
    number = _ring(stack, "822")
    _press(other, number)

    def slowly(route: Route) -> None:
        form = route.fetch()
        typed(note_drawer(other), "Inzwischen getippt")
        expect(anna.locator("[data-note-drafts]")).to_be_visible()  # so its news has come
        route.fulfill(response=form)

    anna.route("**/addresses/notes/new**", slowly)
    _press(anna, number)
    expect(text_of(note_drawer(anna))).to_have_value("Inzwischen getippt")


def test_what_could_not_be_sent_before_the_form_was_closed_is_there_when_it_is_opened_again(
    writing: Callable[..., Writing],
) -> None:
    begun = writing("823", "Gespeichert")
    anna, form = begun.page, begun.form
    anna.context.set_offline(True)
    text_of(form).fill("Gespeichert und weitergeschrieben")
    expect(status_of(form)).to_have_text(OFFLINE)
    anna.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(anna.locator("[data-note-words]")).to_contain_text("Ihr Entwurf bleibt erhalten.")
    anna.context.set_offline(False)
    begun.again()
    expect(text_of(form)).to_have_value("Gespeichert und weitergeschrieben")
    expect(status_of(form)).to_have_text(SAVED)
    anna.reload()
    begun.again()
    expect(text_of(form)).to_have_value("Gespeichert und weitergeschrieben")


def test_what_is_typed_in_a_form_that_is_closed_before_it_has_arrived_is_there_when_it_is_opened_again(
    writing: Callable[..., Writing],
) -> None:
    begun = writing("824", "Alt")
    anna, form = begun.page, begun.form
    held: list[Route] = []
    held_back = True
    anna.route("**/addresses/notes/drafts", lambda route: held.append(route) if held_back else route.continue_())
    with anna.expect_request("**/addresses/notes/drafts"):
        text_of(form).fill("Neu")
    anna.keyboard.press("Escape")
    expect(anna.locator("[data-note-words]")).to_contain_text("Ihr Entwurf bleibt erhalten.")
    begun.again()
    expect(text_of(form)).to_have_value("Neu")
    held_back = False
    for route in held:
        route.continue_()
    expect(status_of(form)).to_have_text(SAVED)
    expect(text_of(form)).to_have_value("Neu")
    expect(form.locator("[data-note-conflict]")).to_have_count(0)


def test_a_save_that_is_never_answered_holds_up_no_later_one_and_is_nobody_elses_text(
    people: People, stack: Stack, writing: Callable[..., Writing]
) -> None:
    begun = writing("825", "Alt", clock=True)
    anna, form = begun.page, begun.form
    answers: list[int] = []

    def never(route: Route) -> None:
        # It arrives; the answer does not.
        if not answers:
            answers.append(route.fetch().status)
        else:
            route.continue_()

    anna.route("**/addresses/notes/drafts", never)
    with anna.expect_request("**/addresses/notes/drafts"):
        text_of(form).fill("Neu")
    text_of(form).fill("Neu und weitergeschrieben")
    anna.clock.fast_forward(15_100)
    expect(form.locator("[data-note-status]")).to_have_text(SAVED)
    other = people("anna", "/addresses/")
    _press(other, begun.number)
    expect(text_of(note_drawer(other))).to_have_value("Neu und weitergeschrieben")
    expect(text_of(form)).to_have_value("Neu und weitergeschrieben")
    expect(form.locator("[data-note-conflict]")).to_have_count(0)
    assert answers == [200]
