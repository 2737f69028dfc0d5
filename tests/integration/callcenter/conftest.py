"""A telephone system that posts to the application."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.integration.callcenter.phone_system import PhoneSystem, configure


@pytest.fixture
def phones(app: Flask) -> PhoneSystem:
    configure(app)
    return PhoneSystem(app)
