"""What browsers hear of a caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import CUSTOMER

Run = Callable[[], None]


def address(name: str = "Muster GmbH", **values: Any) -> int:
    return create_address({"name": name, **values}, [NumberInput(CUSTOMER)])


def told(browser: Browser, run: Run) -> dict[str, Any]:
    """The newest facts that a browser has heard of."""
    run()
    return browser.facts()[-1]


def facts_of(message: dict[str, Any]) -> dict[str, Any]:
    return {item["kind"]: item["parts"] for item in message["items"]}
