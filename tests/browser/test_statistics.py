"""The page with figures about calls: charts are drawn, in both themes, and the period is chosen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.stack import ANNA, ZENTRALE, Stack

#: How many different colours a chart is drawn with.
COLOURS = """canvas => {
    const seen = new Set();
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) if (data[at + 3]) seen.add(data.slice(at, at + 3).join());
    return [...seen];
}"""


def _some_calls(stack: Stack) -> None:
    answered = stack.simulator.incoming("03023125123", ZENTRALE)
    stack.simulator.accept(answered.call_id, ANNA)
    stack.simulator.hangup(answered.call_id, duration=75)
    stack.simulator.hangup(stack.simulator.incoming("03023125124", ZENTRALE).call_id, "missed")


def _drawn(page: Page, key: str) -> set[str]:
    return set(page.locator(f"canvas[data-chart={key}]").evaluate(COLOURS))


def test_charts_are_drawn_in_the_colours_of_the_theme(people: People, stack: Stack) -> None:
    _some_calls(stack)
    for theme in ("light", "dark"):
        page = people("anna", "/callcenter/statistics?period=today", color_scheme=theme)
        for key in ("calendar", "hour", "weekday"):
            expect(page.locator(f"canvas[data-chart={key}]")).to_be_visible()
            # Columns, their patterns, the grid and the text.
            assert len(_drawn(page, key)) > 4
    light, dark = (
        people("anna", "/callcenter/statistics"),
        people("anna", "/callcenter/statistics", color_scheme="dark"),
    )
    assert _drawn(light, "hour") != _drawn(dark, "hour")


def test_a_theme_that_changes_draws_the_charts_anew(people: People, stack: Stack) -> None:
    _some_calls(stack)
    page = people("anna", "/callcenter/statistics?period=today")
    before = _drawn(page, "weekday")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert _drawn(page, "weekday") != before


def test_a_period_is_chosen_from_the_list_or_by_its_days(people: People, stack: Stack) -> None:
    _some_calls(stack)
    page = people("anna", "/callcenter/statistics")
    expect(page.get_by_label("Von", exact=True)).to_be_hidden()
    page.get_by_label("Zeitraum").select_option("Gestern")
    expect(page.get_by_text("Keine Anrufe in diesem Zeitraum")).to_be_visible()
    page.get_by_label("Zeitraum").select_option("Von – bis")
    page.get_by_label("Von", exact=True).fill("2026-01-01")
    page.get_by_label("Bis", exact=True).fill("2100-01-01")
    page.get_by_role("button", name="Anzeigen").click()
    expect(page.get_by_role("status").filter(has_text="Höchstens fünf Jahre")).to_be_visible()
    expect(page.get_by_label("Zeitraum")).to_have_value("custom")
