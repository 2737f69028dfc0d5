"""Demo data: users of core, and whatever active modules add. Loading twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app

from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR, STAFF

#: For trying out on one's own machine; `make run` prints it.
DEMO_PASSWORD = "durchwahl-demo"  # noqa: S105 (published on purpose, only in demo data)

#: User name, role, full name, e-mail address.
DEMO_USERS = (
    ("admin", ADMINISTRATOR, "Ada Admin", "admin@muster.example"),
    ("anna", STAFF, "Anna Schmidt", "anna@muster.example"),
    ("ben", STAFF, "Ben Yilmaz", "ben@muster.example"),
    ("clara", STAFF, "Clara Vogel", "clara@muster.example"),
)


def load() -> list[str]:
    """Create the demo users and run the modules' loaders; returns a sentence for each."""
    created = 0
    for username, role, name, email in DEMO_USERS:
        # Asked first, because hashing a password takes its time on purpose.
        if service.find_user(username) is None:
            service.create_user(username, DEMO_PASSWORD, role, name=name, email=email, of_demo=True)
            created += 1
    sentences = [f"Created {created} demo users." if created else "The demo users are there already."]
    kernel = current_app.extensions["durchwahl"]
    loaders: dict[str, Callable[[], str]] = kernel.demo_loaders
    sentences.extend(loader() for name, loader in loaders.items() if kernel.states.is_active(name))
    return sentences
