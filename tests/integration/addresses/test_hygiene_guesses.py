"""Proposals that are guesses: shown as such, applied one by one, and never chosen beforehand."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from flask.testing import FlaskClient

from app.modules.addresses.reading import get_address
from tests.conftest import csrf_of

ALL = "/addresses/check/all?show={}"
LIST = "/addresses/check/?show=several"


def test_a_guess_is_not_chosen_beforehand(staff: FlaskClient, make_address: Callable[..., int]) -> None:
    make_address("Köln", "0221 4710-500", "4710-123", "41446681800")
    page = staff.get(ALL.format("doubtful")).text
    assert re.search(r'name="reason" value="area_code" checked', page)
    assert re.search(r'name="reason" value="suggestion"(?! checked)', page)


def test_digits_that_probably_take_the_place_of_others_are_a_guess(
    staff: FlaskClient, make_address: Callable[..., int]
) -> None:
    joiner = make_address("Tischlerei", "030 23125 610 oder 611")
    assert re.search(r'name="reason" value="suggestion"(?! checked)', staff.get(ALL.format("several")).text)
    page = staff.get(LIST).text
    assert "030 23125611 wahrscheinlich gemeint" in " ".join(re.sub(r"<[^>]*>", " ", page).split())
    path, form = re.findall(r'<form[^>]*action="(/addresses/check/numbers/\d+)"(.*?)</form>', page, re.DOTALL)[0]
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(html.unescape(value))
    staff.post(path, data={**sent, "csrf_token": csrf_of(staff)})
    stored = get_address(joiner)
    assert stored is not None
    assert [number.raw for number in stored.numbers] == ["030 23125 610", "030 23125611"]
