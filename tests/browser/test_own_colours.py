"""Whoever has the system show all in colours of his own sees what is on, what can be pressed, and every icon."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.stack import Stack

#: What is seen of elements that are shown: their colours, and those of the page.
_SEEN = """(elements) => elements.filter((element) => element.checkVisibility()).map((element) => {
    const style = getComputedStyle(element);
    const page = getComputedStyle(document.body);
    return {
        ink: style.color,
        ground: style.backgroundColor,
        opacity: style.opacity,
        parent: getComputedStyle(element.parentElement).color,
        knob: getComputedStyle(element, "::before").backgroundColor,
        paper: page.backgroundColor,
        text: page.color,
    };
})"""
#: How much room a select has for words, and how much these take.
_ROOM = """async (select) => {
    await document.fonts.ready;
    const style = getComputedStyle(select);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return [room, pen.measureText("Company").width];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_on_and_what_closes_is_seen_in_colours_of_ones_own(people: People, stack: Stack, scheme: str) -> None:
    page = people("admin", "/addresses/1/crm", forced_colors="active", color_scheme=scheme)
    (chosen,) = page.get_by_role("link", name="Alles", exact=True).evaluate_all(_SEEN)
    assert chosen["ink"] not in (chosen["ground"], chosen["text"])
    assert chosen["ground"] != chosen["paper"]

    icons = page.locator("svg.icon").evaluate_all(_SEEN)
    assert icons
    assert all(icon["ink"] == icon["parent"] != icon["paper"] for icon in icons)

    page.keyboard.press("?")
    close = page.get_by_role("dialog", name="Tastenkürzel").get_by_role("button", name="Schließen")
    expect(close).to_be_visible()
    (seen,) = close.evaluate_all(_SEEN)
    assert seen["opacity"] == "1"
    assert seen["ground"] != seen["paper"]

    page.goto(stack.url + "/account/settings")
    switches = page.locator(".form-switch .form-check-input").evaluate_all(_SEEN)
    assert switches
    assert all(switch["knob"] not in (switch["ground"], "rgba(0, 0, 0, 0)") for switch in switches)


def test_the_kind_of_an_address_can_be_read_while_a_note_is_written_beside_it(people: People) -> None:
    page = people("anna", "/addresses/1/edit")
    # As the drawer says that it is open.
    page.evaluate("document.body.classList.add('has-note-drawer')")
    room, words = page.get_by_label("Typ", exact=True).evaluate(_ROOM)
    assert room >= words
