"""Rows of calls are taken over by the order of their columns."""

from __future__ import annotations

from dataclasses import fields

from app.modules.callcenter.stored import CALL, StoredCall


def test_the_columns_of_a_call_stand_in_the_order_of_its_fields() -> None:
    assert [column.name for column in CALL.c] == [field.name for field in fields(StoredCall)]
