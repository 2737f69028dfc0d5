"""What axe-core finds wrong on a page: the rules of WCAG 2.2 A and AA, and its advice beyond them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text("utf-8")
# After a change of the colour scheme each element has its colours with the next frame.
_RUN = """async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    const found = await axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        rules: { "target-size": { enabled: true } },
        resultTypes: ["violations"],
        elementRef: true,
    });
    // What an open menu lies over is there to be hit once the menu is closed.
    const menus = [...document.querySelectorAll(".dropdown-menu.show")];
    const isUnder = (element) => menus.some((menu) => {
        const [one, other] = [menu.getBoundingClientRect(), element.getBoundingClientRect()];
        const beside = other.left > one.right || other.right < one.left;
        return !menu.contains(element) && !beside && other.top <= one.bottom && other.bottom >= one.top;
    });
    const told = [];
    for (const { id, nodes } of found.violations) {
        for (const node of nodes) {
            if (id === "target-size" && isUnder(node.element)) continue;
            told.push([id, node.html.slice(0, 200), node.failureSummary]);
        }
    }
    return told;
}"""


def findings(page: Page) -> list[list[Any]]:
    """Rule, element and axe's own words for each; put into the page past its content policy, which allows no script."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_AXE)
    found: list[list[Any]] = page.evaluate(_RUN)
    return found
