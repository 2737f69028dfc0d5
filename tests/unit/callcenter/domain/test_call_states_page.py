from __future__ import annotations

from scripts.call_states import PAGE, page


def test_the_page_about_call_states_says_what_the_code_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m scripts.call_states"
