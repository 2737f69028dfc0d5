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
    });
    const told = (rule, node) => [rule.id, node.html.slice(0, 200), node.failureSummary];
    return found.violations.flatMap((rule) => rule.nodes.map((node) => told(rule, node)));
}"""


def findings(page: Page) -> list[list[Any]]:
    """Rule, element and axe's own words for each; put into the page past its content policy, which allows no script."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_AXE)
    found: list[list[Any]] = page.evaluate(_RUN)
    return found
