"""What the tests of faults below the server share."""

from __future__ import annotations

import random

import pytest


@pytest.fixture
def seed() -> int:
    """Decides the order of events; printed when the test fails."""
    chosen = random.SystemRandom().randrange(10**6)
    print(f"seed {chosen}")
    return chosen
