"""The page of the settings as a browser sees and sends it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from tests.conftest import csrf_of

PATH = "/callcenter/settings"


def page_of(client: FlaskClient, path: str = PATH) -> str:
    return unescape(client.get(path).get_data(as_text=True))


def fields(page: str) -> dict[str, Any]:
    """The form as a browser would send it, untouched."""
    sent: dict[str, Any] = {}
    for name in ("accounts_shown", "lines_shown", "base_url", "silent_seconds", "ringing_minutes", "talking_hours"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
        assert found, name
        sent[name] = found.group(1)
    found = re.search(r'<textarea[^>]*name="accounts"[^>]*>(.*?)</textarea>', page, re.S)
    assert found
    sent["accounts"] = found.group(1)
    sent["target_style"] = "national"
    sent["line_row"] = re.findall(r'name="line_row" value="(\d+)"', page)
    for token in sent["line_row"]:
        for part in ("number", "name"):
            value = re.search(rf'name="line_{part}_{token}" value="([^"]*)"', page)
            assert value
            sent[f"line_{part}_{token}"] = value.group(1)
        if f'name="line_proposed_{token}"' in page:
            sent[f"line_proposed_{token}"] = "1"
        boxes = re.findall(rf'name="line_users_{token}" value="(\d+)"( checked)?', page)
        sent[f"line_users_{token}"] = [user_id for user_id, checked in boxes if checked]
    return sent


def save(client: FlaskClient, action: str = "", **changes: Any) -> tuple[int, str]:
    """Change the form as shown and send it; the status and the page that follows."""
    sent = {**fields(page_of(client)), "csrf_token": csrf_of(client, PATH), **changes}
    answer = client.post(PATH + action, data={name: value for name, value in sent.items() if value is not None})
    page = page_of(client) if answer.status_code == 302 else unescape(answer.get_data(as_text=True))
    return answer.status_code, page
