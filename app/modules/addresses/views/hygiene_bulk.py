"""All proposals of a kind: shown beforehand, applied piece by piece with a bar that moves, undone in the same way.

Each piece is a request of its own, which the page's answer sends by itself: who leaves the page stops it, and nothing
is lost. Without scripts a button sends the next piece.
"""

from __future__ import annotations

import re

from flask import abort, render_template, request
from flask_login import current_user

from app.core.accounts.access import requires
from app.modules.addresses import bulk_corrections
from app.modules.addresses.bulk_corrections import KINDS, Piece
from app.modules.addresses.findings import REASONS
from app.modules.addresses.repeated import TWICE
from app.modules.addresses.views import hygiene_words as words
from app.modules.addresses.views.hygiene import is_part
from app.modules.addresses.views.hygiene_repeated import blueprint as blueprint

_BATCH = re.compile(r"[0-9a-f]{32}")


@blueprint.get("/all")
@requires("addresses.edit")
def preview() -> str:
    """How many would be corrected, why, and the first of them."""
    kind = request.args.get("show", "")
    if kind not in KINDS:
        abort(404)
    return render_template(
        "addresses/check_all.html", kind=kind, preview=bulk_corrections.preview(kind), intro=words.kind_intro(kind)
    )


@blueprint.post("/all")
@requires("addresses.edit")
def apply_all() -> str:
    """The next piece; the first one begins a batch."""
    kind, batch = request.form.get("kind", ""), request.form.get("batch", "")
    reasons = [reason for reason in request.form.getlist("reason") if reason in (*REASONS, TWICE)]
    until = request.form.get("until", "")[:20]
    if kind not in KINDS:
        abort(400)
    if not _BATCH.fullmatch(batch):
        batch = bulk_corrections.new_batch()
        total = bulk_corrections.count(kind, until)
    else:
        total = _number("total")
    piece = bulk_corrections.apply_piece(
        kind, reasons, request.form.get("after", "")[:20], until, batch, by=current_user.id
    )
    return _progress(piece, kind, batch, total, {"reason": reasons, "until": [until]})


@blueprint.post("/undo-all")
@requires("addresses.edit")
def undo_batch() -> str:
    """The next piece of what is undone of a batch."""
    batch, kind = request.form.get("batch", ""), request.form.get("kind", "")
    if not _BATCH.fullmatch(batch) or kind not in words.KINDS:
        abort(400)
    total = _number("total") or bulk_corrections.count_batch(batch)
    piece = bulk_corrections.undo_piece(batch, request.form.get("after", "")[:20], by=current_user.id)
    return _progress(piece, kind, batch, total, {}, undoing=True)


def _progress(
    piece: Piece, kind: str, batch: str, total: int, more: dict[str, list[str]], *, undoing: bool = False
) -> str:
    done, skipped = _number("done") + piece.done, _number("skipped") + piece.skipped
    context = {
        "kind": kind,
        "batch": batch,
        "total": total,
        "looked_at": min(_number("looked_at") + piece.looked_at, total),
        "done": done,
        "skipped": skipped,
        "after": piece.after,
        "more": more,
        "undoing": undoing,
        "done_text": words.undone_text(done) if undoing else words.pieces_text(done),
        "skipped_text": words.skipped_text(skipped) if skipped else "",
    }
    return render_template(
        "addresses/_check_progress.html" if is_part() else "addresses/check_progress.html", **context
    )


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
