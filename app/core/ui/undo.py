"""A message that something was done, with a button that takes it back."""

from __future__ import annotations

from flask import flash, render_template
from markupsafe import Markup


def flash_with_undo(text: str, url: str, label: str, **fields: object) -> None:
    """Say what was done; ``url`` takes it back by POST, with these fields where it needs any."""
    markup = render_template("core/_undo.html", text=text, url=url, label=label, fields=fields)
    flash(Markup(markup), "success")  # noqa: S704 (made by an autoescaping template)
