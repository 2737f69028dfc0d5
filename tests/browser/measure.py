"""What a page measures: targets too small to hit, text that its own box hides, what moves by itself."""

from __future__ import annotations

from playwright.sync_api import Page

# As WCAG 2.5.8 counts it: a link within a sentence is as high as its line, and a box that stands in its label is
# pressed with it.
_TOO_SMALL = """() => {
    const pressable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]";
    const unseen = ".visually-hidden, .visually-hidden-focusable, [inert]";
    const isText = (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim().length > 1;
    const inSentence = (one) => one.matches("a") && getComputedStyle(one).display === "inline"
        && [...one.parentNode.childNodes].some((near) => near !== one && isText(near));
    const target = (one) => one.matches("[type=checkbox], [type=radio]") && one.closest("label") || one;
    return [...document.querySelectorAll(pressable)]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(unseen) && !inSentence(one))
        .map((one) => [one, target(one).getBoundingClientRect()])
        .filter(([, { width, height }]) => width > 0 && (Math.round(width) < 24 || Math.round(height) < 24))
        .map(([one, { width, height }]) => `${Math.round(width)}×${Math.round(height)} ${one.outerHTML.slice(0, 160)}`);
}"""

# A line that ends in … on purpose has its whole text in a title or a name.
_CUT_OFF = """() => {
    const unseen = ".visually-hidden, .visually-hidden-focusable, svg, [aria-hidden=true]";
    const hides = ({ overflowX, overflowY }) => /hidden|clip/.test(overflowX + overflowY);
    const onPurpose = (style) => style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    return [...document.querySelectorAll("body *")]
        .filter((one) => one.checkVisibility() && !one.closest(unseen) && one.innerText?.trim())
        .filter((one) => hides(getComputedStyle(one)) && !onPurpose(getComputedStyle(one)))
        .filter((one) => one.scrollWidth > one.clientWidth + 2 || one.scrollHeight > one.clientHeight + 4)
        .filter((one) => one.clientWidth > 1)
        .map((one) => `${one.scrollWidth - one.clientWidth} ${one.scrollHeight - one.clientHeight} `
            + one.outerHTML.slice(0, 160));
}"""

# Nobody sees what is over within a frame.
_MOVES = """() => document.getAnimations()
    .filter((one) => one.playState === "running" && one.effect.getComputedTiming().endTime > 20)
    .map((one) => `${one.animationName ?? one.transitionProperty} ${one.effect.target.outerHTML.slice(0, 120)}`)"""


def too_small(page: Page) -> list[str]:
    """Size and beginning of everything that can be pressed and is less than 24 pixels wide or high."""
    found: list[str] = page.evaluate(_TOO_SMALL)
    return found


def cut_off(page: Page) -> list[str]:
    """Boxes that hide a part of their own text, with the pixels that are hidden."""
    found: list[str] = page.evaluate(_CUT_OFF)
    return found


def moving(page: Page) -> list[str]:
    """Animations and transitions that run at this moment."""
    found: list[str] = page.evaluate(_MOVES)
    return found
