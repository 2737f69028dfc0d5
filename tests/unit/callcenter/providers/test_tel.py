from __future__ import annotations

import pytest

from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import DialOrder, Dials, Failure, ProviderError, Receives
from app.modules.callcenter.providers.tel.provider import TelSettings
from tests.unit.contract.fake_http import FakeHttp
from tests.unit.contract.subjects import CLOCK


def tel() -> Dials:
    built = registry.build("tel", TelSettings(), FakeHttp(), CLOCK)
    assert isinstance(built, Dials)
    return built


def test_a_number_becomes_a_link_for_the_page_to_open() -> None:
    receipt = tel().dial(DialOrder("", "+4922147100123"))
    assert (receipt.url, receipt.reference) == ("tel:+4922147100123", None)


@pytest.mark.parametrize("e164", [None, "", "022147100123", "+49110", "+49221;phone-context=x", "+49 221 47100123"])
def test_anything_else_is_refused(e164: str | None) -> None:
    with pytest.raises(ProviderError) as caught:
        tel().dial(DialOrder("", e164, internal="23"))
    assert (caught.value.failure, caught.value.code) == (Failure.PERMANENT, "invalid")


def test_it_receives_nothing() -> None:
    assert not isinstance(tel(), Receives)
