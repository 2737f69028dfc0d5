"""What is too faint to read or to find: words, and the borders of what can be filled in, as Chromium paints them.

axe-core leaves out what it cannot read, among it mixed colours and the borders of fields (WCAG 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# After a change of the colour scheme each element has its colours with the next frame.
_RUN = """async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    const dot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const known = new Map();
    const read = (text) => {
        if (!known.has(text)) {
            dot.clearRect(0, 0, 1, 1);
            dot.fillStyle = text;
            dot.fillRect(0, 0, 1, 1);
            const [red, green, blue, alpha] = dot.getImageData(0, 0, 1, 1).data;
            known.set(text, [red, green, blue, alpha / 255]);
        }
        return known.get(text);
    };
    const over = (top, under, share = 1) => {
        const alpha = top[3] * share;
        return under.map((value, at) => top[at] * alpha + value * (1 - alpha));
    };
    const linear = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    const ratio = (one, other) => {
        const [less, more] = [light(one), light(other)].sort((a, b) => a - b);
        return (more + 0.05) / (less + 0.05);
    };
    const around = (element) => {
        const all = [];
        for (let one = element; one; one = one.parentElement) all.unshift(getComputedStyle(one));
        return all;
    };
    const ground = (element) =>
        around(element).reduce((under, style) => over(read(style.backgroundColor), under), [255, 255, 255]);
    const isSeen = (element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 1 && height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const faint = [];
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const asked = new Set();
    while (words.nextNode()) {
        const element = words.currentNode.parentElement;
        if (asked.has(element) || !words.currentNode.textContent.trim()) continue;
        asked.add(element);
        // What cannot be used may be faint.
        const unread = "option, template, script, :disabled, [aria-disabled=true], .disabled, label:has(:disabled)";
        if (!isSeen(element) || element.closest(unread)) continue;
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (style.fontWeight >= 700 && size >= 18.66);
        const under = ground(element);
        const alpha = around(element).reduce((all, one) => all * one.opacity, 1);
        const found = ratio(over(read(style.color), under, alpha), under);
        if (found < (isLarge ? 3 : 4.5)) faint.push([found.toFixed(2), element.textContent.trim().slice(0, 60)]);
    }
    for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        if (!isSeen(field) || field.matches(":disabled, :checked")) continue;
        const style = getComputedStyle(field);
        const outside = ground(field.parentElement);
        const found = ratio(over(read(style.borderTopColor), outside), outside);
        if (found < 3) faint.push([found.toFixed(2), field.outerHTML.slice(0, 100)]);
    }
    return faint;
}"""


def too_faint(page: Page) -> list[list[Any]]:
    """Ratio and words of each text under 4.5 to 1 (3 to 1 if large), and of each field whose border is under 3 to 1."""
    found: list[list[Any]] = page.evaluate(_RUN)
    return found
