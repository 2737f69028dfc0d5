"""Where telephone systems post that speak Zammad's generic CTI interface: ``POST /api/v1/cti/<token>``.

| request | answer, always JSON |
|---|---|
| authentic: processed, repeated, unknown event, our own failure after storing | 200 `{}`, or that the call is refused |
| the same, written to the spool | 200 |
| authentic, but malformed; it is stored all the same | 422 `{"error": …}` |
| the token is that of no connection in use | 401 `{"error": …}` |
| module inactive | 404 |
| other method | 405 |
| body over 64 KiB | 413 |
| one of these refusals, from a source that has had too many | 429 with Retry-After |
| neither database nor spool can take it | 503 |
"""

from __future__ import annotations

import json

from flask import Blueprint, Response

from app.core.accounts.access import public
from app.core.hosts import any_host
from app.modules.callcenter.views import webhook

#: The key of the provider.
KIND = "cti"
#: What stands behind it is a secret.
WAY = "/api/v1/cti/"

blueprint = Blueprint("callcenter_cti", __name__)


@blueprint.post(f"{WAY}<token>", provide_automatic_options=False)
@public
@any_host
def receive(token: str) -> Response:
    """Take a notification; clients read every answer as JSON."""
    answer = webhook.accept(KIND, token)
    return answer if answer.is_json else _as_json(answer)


def _as_json(answer: Response) -> Response:
    if answer.status_code == 403:
        # Zammad says so, and clients look for it.
        answer.status_code = 401
        error = "Invalid token: this address belongs to no connection in use."
    else:
        error = answer.get_data(as_text=True).strip()
    answer.set_data(json.dumps({"error": error}))
    answer.content_type = "application/json; charset=utf-8"
    return answer
