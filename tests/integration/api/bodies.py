"""Bodies that tests of several subjects send."""

from __future__ import annotations

from typing import Any

#: A body that names every field, as it comes back.
WHOLE: dict[str, Any] = {
    "kind": "ms",
    "name": "Erika Muster",
    "contact_person": "Frau Muster",
    "department": "Einkauf",
    "subdepartment": "Technik",
    "address_supplement": "Hinterhaus",
    "street": "Domkloster 4",
    "postcode": "50667",
    "city": "Köln",
    "country": "DE",
    "email": "erika@muster.example",
    "website": "www.muster.example",
    "salutation": "Sehr geehrte Frau Muster",
    "language": "de",
    "vat_id": "DE123456789",
    "customer_number": "K-7",
    "supplier_number": "L-7",
    "external_id": "4711",
    "roles": ["customer", "supplier", "employee"],
    "delivery_block": True,
    "delivery_block_reason": "Zahlt nicht",
    "delivery_block_date": "2026-11-01",
    "notes": "Erste Zeile\nZweite Zeile",
}
