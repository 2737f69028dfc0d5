"""What a person decides about an import before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.modules.addresses.settings import ROLES

#: Of a new address for which the file names no role; '' for none.
NEW_ROLES = (*ROLES, "")
EXISTING = ("update", "leave")


@dataclass(frozen=True, slots=True)
class Options:
    """How rows become addresses. Everything has a default that suits most files."""

    country: str = "DE"
    """Of a row that names none: its numbers are read by it, a new address gets it."""
    role: str = "customer"
    """customer, supplier, employee or '' for a new address; whoever has a number is what the number is for."""
    existing: Literal["update", "leave"] = "update"
    """Whether addresses that are found by their number or id are changed or left as they are."""
    clear_empty: bool = False
    """An empty cell empties the field of an address that is there. Numbers and ids by which it is found stay."""
