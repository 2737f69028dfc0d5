"""A client with the token of a staff member."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.integration.api.client import Api, api_for


@pytest.fixture
def api(app: Flask) -> Api:
    return api_for(app)
