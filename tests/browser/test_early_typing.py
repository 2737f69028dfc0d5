"""Who types faster than the page's scripts arrive has the same search as everybody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import People


@contextmanager
def _without(page: Page, script: str, path: str) -> Iterator[None]:
    """Open a page whose script is on its way while the block runs, and arrives at its end."""
    held: list[Route] = []
    page.route(f"**/{script}", lambda route: held.append(route))
    page.goto(path, wait_until="commit")
    yield
    _until(page, lambda: bool(held))
    held[0].continue_()


def _until(page: Page, condition: Callable[[], bool]) -> None:
    while not condition():
        page.wait_for_timeout(10)


def test_a_search_begun_before_the_scripts_is_answered_when_they_are_there(people: People) -> None:
    anna = people("anna")
    with _without(anna, "htmx.min.js", f"{people.stack.url}/addresses/"):
        anna.get_by_role("searchbox", name="Adressen suchen").press_sequentially("sonnenschein")
    expect(anna.locator("#address-list a.address-name")).to_have_text(["Bäckerei Sonnenschein"])
    expect(anna).to_have_url(re.compile("q=sonnenschein"))


def test_a_filter_chosen_before_the_scripts_is_answered_when_they_are_there(people: People) -> None:
    anna = people("anna")
    with _without(anna, "htmx.min.js", f"{people.stack.url}/addresses/"):
        anna.get_by_label("Rolle").select_option("supplier")
    expect(anna).to_have_url(re.compile("role=supplier"))
    expect(anna.get_by_role("link", name="Bäckerei Sonnenschein")).to_have_count(0)


def test_an_address_sought_for_a_note_before_the_scripts_can_be_chosen(people: People) -> None:
    anna = people("anna")
    with _without(anna, "htmx.min.js", f"{people.stack.url}/addresses/notes/new?kind=phone"):
        anna.get_by_role("searchbox", name="Adressen suchen").press_sequentially("sonnenschein")
    anna.get_by_role("radio", name="Bäckerei Sonnenschein").check()


def test_a_number_typed_before_the_scripts_is_read_when_they_are_there(people: People) -> None:
    anna = people("anna")
    with _without(anna, "number_reading.js", f"{people.stack.url}/addresses/new"):
        anna.get_by_role("textbox", name="Telefonnummer").first.fill("0221/4710-520")
    expect(anna.locator("[data-number-read]").first).to_contain_text("0221 4710520")
