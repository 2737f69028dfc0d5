"""What is said once after a change is said on the page that follows it, not to a script that looks beside it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR
from tests.conftest import PASSWORD, csrf_of, logged_in_client
from tests.integration.core.test_account_pages import SETTINGS


@pytest.mark.parametrize("header", ["X-Page-Refresh", "HX-Request"])
def test_a_script_that_looks_for_parts_of_a_page_takes_no_message_away(app: Flask, header: str) -> None:
    client = logged_in_client(app, service.create_user("anna", PASSWORD, ADMINISTRATOR))
    client.post("/account/settings", data={"csrf_token": csrf_of(client, "/account/settings"), **SETTINGS})
    assert "Gespeichert." not in client.get("/account/settings", headers={header: "1"}).get_data(as_text=True)
    assert "Gespeichert." in client.get("/account/settings").get_data(as_text=True)
    assert "Gespeichert." not in client.get("/account/settings").get_data(as_text=True)
