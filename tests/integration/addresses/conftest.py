from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.core.database import reading
from app.modules.addresses.api import Matches, NoteSaved, NumbersChanged, find_by_number
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address


@pytest.fixture
def make_address(app: Any) -> Callable[..., int]:
    """``make_address("Rheinwerk GmbH", "030 23125-100", city="Berlin")`` → id."""

    def make(name: str = "Rheinwerk GmbH", *numbers: str | NumberInput, contacts: Any = (), **values: Any) -> int:
        own = [number if isinstance(number, NumberInput) else NumberInput(number) for number in numbers]
        return create_address({"name": name, **values}, own, contacts)

    return make


def person(name: str, *numbers: str, **more: Any) -> ContactInput:
    return ContactInput(name, numbers=tuple(NumberInput(number) for number in numbers), **more)


def found(e164: str) -> Matches:
    with reading() as session:
        return find_by_number(session, e164)


def names(e164: str) -> list[str]:
    return [match.name for match in found(e164).matches]


@pytest.fixture
def heard(kernel: Any) -> Iterator[list[Any]]:
    """The events of this module that were dispatched after a commit."""
    events: list[Any] = []
    types = (NumbersChanged, NoteSaved)
    for event_type in types:
        kernel.bus.subscribe(event_type, events.append)
    yield events
    for event_type in types:
        kernel.bus._handlers[event_type].remove(events.append)
