from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.core.diagnostics import sieve

_DIGITS = st.from_regex(r"\+?[0-9]{7,20}", fullmatch=True)


def test_secrets_are_gone_wherever_they_stand() -> None:
    told = {"url": "postgresql://user:hidden@host/name", "hidden": ["x hidden y"]}
    assert "hidden" not in json.dumps(sieve(told, ["hidden"]))


@given(st.recursive(_DIGITS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_DIGITS, inner, max_size=3)))
def test_no_number_is_left_in_full(told: Any) -> None:
    assert not re.search("[0-9]{5,}", json.dumps(sieve(told, []), ensure_ascii=False))


def test_values_that_are_no_text_stay() -> None:
    assert sieve({"a": [1, 2.5, True, None]}, []) == {"a": [1, 2.5, True, None]}


def test_accounts_and_mail_addresses_lose_their_names() -> None:
    assert sieve("“anna.a@firma.example” and 7770000001@fpbx.de", []) == "“…@firma.example” and …@fpbx.de"
