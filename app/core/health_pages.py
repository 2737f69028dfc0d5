"""*Administration → Zustand*, and what supervisors of servers ask: ``/healthz`` and ``/readyz``."""

from __future__ import annotations

import json

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from app.core.accounts.access import public, requires
from app.core.commands.structure import outdated
from app.core.health import worst
from app.core.hosts import any_host
from app.core.modules import Permission

PERMISSION = Permission("core.health", _l("See the state of the installation"), staff=False)
blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@requires("core.health")
def show() -> str:
    """Every section with its lights."""
    sections = current_app.extensions["durchwahl"].health.look()
    return render_template("core/health.html", sections=sections, level=worst(section.level for section in sections))


@blueprint.get("/health/diagnostics.json")
@requires("core.health")
def diagnostics() -> Response:
    """The file for support, to download."""
    kernel = current_app.extensions["durchwahl"]
    told = kernel.diagnostics.collect(kernel)
    answer = Response(json.dumps(told, ensure_ascii=False, indent=1) + "\n", content_type="application/json")
    name = f"durchwahl-diagnostics-{kernel.clock.now():%Y%m%d-%H%M}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/healthz")
@public
@any_host
def alive() -> Response:
    """200 as long as this process answers at all; looks at nothing else."""
    return jsonify(state="alive")


@blueprint.get("/readyz")
@public
@any_host
def ready() -> tuple[Response, int]:
    """200 when requests can be served: the database answers and is at this version. Else 503 with the reason."""
    try:
        sentence = outdated()
    except SQLAlchemyError:
        sentence = "The database cannot be reached."
    if sentence is None:
        return jsonify(state="ready"), 200
    return jsonify(state="not ready", reason=sentence), 503
