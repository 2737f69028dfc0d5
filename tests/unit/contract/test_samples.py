"""Every sample in every provider's folder: authentic as it says, read as it says, and nothing of it told elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import (
    Malformed,
    NotAuthentic,
    Provider,
    ProviderType,
    Receives,
    Unsupported,
)
from tests.unit.contract import guide
from tests.unit.contract.fake_http import FakeHttp
from tests.unit.contract.folders import KINDS, Sample, exchanges, folder_of, notifications
from tests.unit.contract.subjects import CLOCK

DECLARED = [*registry.provider_types().values(), guide.provider_type()]
RECEIVING = [declared for declared in DECLARED if issubclass(declared.implementation, Receives)]
SAMPLES = [sample for declared in RECEIVING for sample in notifications(declared)]


class Receiver(Provider, Receives, Protocol):
    """A provider that takes notifications."""


each_provider = pytest.mark.parametrize("declared", RECEIVING, ids=lambda declared: declared.key)


def each(which: Callable[[Sample], bool] = lambda sample: True) -> pytest.MarkDecorator:
    chosen = [sample for sample in SAMPLES if which(sample)]
    return pytest.mark.parametrize("sample", chosen, ids=lambda sample: f"{sample.declared.key}-{sample.name}")


def provider(sample: Sample) -> Receiver:
    return cast(Receiver, sample.declared.build(sample.settings, FakeHttp(), CLOCK))


@each()
def test_a_sample_says_where_it_comes_from_and_how_surely_it_is_known(sample: Sample) -> None:
    assert sample.content["kind"] in KINDS
    assert len(sample.content["source"]) > 10


@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: declared.key)
def test_an_answer_to_us_says_so_too_and_what_it_answers(declared: ProviderType) -> None:
    for one in exchanges(declared):
        assert one.content["kind"] in KINDS
        assert len(one.content["source"]) > 10
        assert one.content["request"].keys() >= {"method", "path"}
        assert one.response.status == one.content["response"]["status"]


@each(lambda sample: sample.event is not None)
def test_a_sample_is_read_as_it_says_however_often(sample: Sample) -> None:
    built, request = provider(sample), sample.request(CLOCK)
    for one in (built, built, provider(sample)):
        assert list(one.parse(request)) == [sample.event]


@each(lambda sample: sample.event is not None)
def test_a_sample_is_read_alike_when_it_is_read_again_from_what_is_kept(sample: Sample) -> None:
    """Only body, query and Content-Type are stored: reading must need nothing else."""
    request = sample.request(CLOCK)
    kept = {name: value for name, value in request.headers.items() if name == "content-type"}
    assert list(provider(sample).parse(replace(request, headers=kept, path=""))) == [sample.event]


@each(lambda sample: "unsupported" in sample.expected)
def test_an_unknown_event_is_named(sample: Sample) -> None:
    with pytest.raises(Unsupported) as caught:
        provider(sample).parse(sample.request(CLOCK))
    assert str(caught.value) == sample.expected["unsupported"]


@each(lambda sample: "malformed" in sample.expected)
def test_what_is_wrong_with_a_malformed_one_is_told(sample: Sample) -> None:
    with pytest.raises(Malformed) as caught:
        provider(sample).parse(sample.request(CLOCK))
    assert str(caught.value) == sample.expected["malformed"]


@each(lambda sample: sample.event is None)
def test_what_is_told_of_one_that_is_not_read_names_no_number(sample: Sample) -> None:
    told = "".join(sample.expected.values())
    assert not re.search(r"[0-9]{5}", told)


@each(lambda sample: sample.proves)
def test_a_sample_proves_where_it_comes_from_and_nothing_without_its_secret(sample: Sample) -> None:
    provider(sample).authenticate(sample.request(CLOCK))
    stranger = cast(Receiver, sample.declared.build(sample.declared.settings(), FakeHttp(), CLOCK))
    with pytest.raises(NotAuthentic, match="no_secret"):
        stranger.authenticate(sample.request(CLOCK))


@each(lambda sample: sample.proves)
def test_no_secret_is_shown(sample: Sample) -> None:
    for text in (repr(sample.settings), repr(provider(sample)), repr(provider(sample).check())):
        assert not any(secret in text for secret in sample.secrets)


@each_provider
class TestAProvidersFolder:
    def test_shows_each_kind_of_event_an_unknown_and_a_malformed_one(self, declared: ProviderType) -> None:
        samples = notifications(declared)
        kinds = {sample.event.kind.value for sample in samples if sample.event is not None}
        assert kinds == {"started", "answered", "ended"}
        assert any("unsupported" in sample.expected for sample in samples)
        assert any("malformed" in sample.expected for sample in samples)
        assert any(sample.proves and sample.event is not None for sample in samples)

    def test_tells_on_a_page_what_is_known_and_what_is_inferred(self, declared: ProviderType) -> None:
        page = (folder_of(declared) / "README.md").read_text("utf-8")
        used = {sample.content["kind"] for sample in notifications(declared)}
        used |= {exchange.content["kind"] for exchange in exchanges(declared)}
        assert all(f"**{kind}**" in page for kind in used)

    @given(data=st.data())
    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    def test_reads_samples_with_something_in_them_changed_or_says_why_not(
        self, declared: ProviderType, data: st.DataObject
    ) -> None:
        sample = data.draw(st.sampled_from(notifications(declared)), "sample")
        body = sample.content["body"].encode()
        begin = data.draw(st.integers(0, len(body)), "begin")
        end = data.draw(st.integers(begin, len(body)), "end")
        changed = body[:begin] + data.draw(st.binary(max_size=20), "instead") + body[end:]
        request = replace(sample.request(CLOCK), body=changed)
        told: list[object] = []
        for _attempt in range(2):
            try:
                told.append(list(provider(sample).parse(request)))
            except (Malformed, Unsupported) as error:
                told.append((type(error), str(error)))
        assert told[0] == told[1]
