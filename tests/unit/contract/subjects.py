"""The providers that the contract tests run against, and what a test must know of each to do so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from app.core.clock import FixedClock
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import DialOrder, ProviderType, RawRequest, Receives
from app.modules.callcenter.providers.placetel import PlacetelSettings, signature
from app.modules.callcenter.providers.tel.provider import TelSettings
from tests.unit.contract import guide, recording
from tests.unit.contract.fake_http import FakeHttp
from tests.unit.contract.folders import exchanges, notifications, play, secrets_of, settings_of

API_KEY = "api-key-that-nobody-may-see"
SECRET = "shared-secret-that-nobody-may-see"
ORDER = DialOrder("7771234567@fpbx.de", "+4922147100123", display_name="Demo")
CLOCK = FixedClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@dataclass(frozen=True)
class Subject:
    """``signed`` makes an authentic request of a body; ``good`` is a body that can be parsed."""

    declared: ProviderType
    settings: Any
    signed: Callable[[bytes], RawRequest] | None = None
    good: bytes = b""
    unconfigured: Any = None
    secrets: tuple[str, ...] = ()
    prepare: Callable[[FakeHttp], None] = field(default=lambda http: None)
    order: DialOrder = ORDER

    def build(self, http: FakeHttp | None = None) -> Any:
        """The provider. Typed Any: the tests narrow it by isinstance, as the application does."""
        http = http or FakeHttp()
        self.prepare(http)
        return self.declared.build(self.settings, http, CLOCK)


def raw_request(body: bytes, headers: dict[str, str]) -> RawRequest:
    return RawRequest("POST", "/webhook", "", headers, body, "192.0.2.1", CLOCK.now())


PLACETEL = Subject(
    registry.provider_type("placetel"),
    PlacetelSettings(api_key=API_KEY, shared_secrets=(SECRET,)),
    signed=lambda body: raw_request(body, {signature.HEADER: signature.sign(body, SECRET)}),
    good=b"call_id=c1&direction=in&event=IncomingCall&from=022147100123&to=022147100100",
    unconfigured=PlacetelSettings(),
    secrets=(API_KEY, SECRET),
    prepare=partial(play, registry.provider_type("placetel")),
)
TEL = Subject(registry.provider_type("tel"), TelSettings(), unconfigured=TelSettings())
RECORDING = Subject(
    recording.PROVIDER,
    recording.RecordingSettings(SECRET),
    signed=recording.RecordingProvider(SECRET).signed,
    good=json.dumps({"call_id": "c1", "kind": "started", "direction": "in"}).encode(),
    unconfigured=recording.RecordingSettings(""),
    secrets=(SECRET,),
)


def of_folder(declared: ProviderType) -> Subject:
    """A provider as the samples in its folder show it. Raises ValueError where one that receives proves nothing."""
    played = [one for one in exchanges(declared) if one.is_played]
    samples = [one for one in notifications(declared) if one.proves and one.event is not None]
    contents = [*(one.content for one in samples), *(one.content for one in played)]
    told: dict[str, Any] = next((content for content in contents if "settings" in content), {})
    asking = Subject(
        declared,
        settings_of(declared, told),
        unconfigured=declared.settings(),
        secrets=tuple(secrets_of(declared, told)),
        prepare=partial(play, declared),
        order=next((one.order for one in played if one.order is not None), ORDER),
    )
    if not issubclass(declared.implementation, Receives):
        return asking
    if not samples:
        raise ValueError(f"{declared.key} has no sample that can be read and says with which settings it is authentic")
    request = samples[0].request(CLOCK)
    # Right for the body of the sample, and for any body where the body is not what is signed.
    return replace(asking, signed=lambda body: replace(request, body=body), good=request.body)


BY_HAND = {subject.declared.key: subject for subject in (PLACETEL, TEL)}
#: Every provider that there is, those that nobody named here by their samples; the one that can do everything, and the
#: one that the guide builds.
SUBJECTS = (
    *(BY_HAND.get(key) or of_folder(declared) for key, declared in registry.provider_types().items()),
    RECORDING,
    of_folder(guide.provider_type()),
)
