"""The contract between Durchwahl and a telephone system.

A provider has a ``key`` and a ``title``, a ``check()``, and one small Protocol for each thing it
can do; ``isinstance(provider, Dials)`` tells whether it can. Providers import the standard library,
``domain``, this file and ``app.core.values``. Their HTTP client and their clock are passed in.

A provider is a folder beside this file whose ``__init__`` declares a ``PROVIDER`` (:class:`ProviderType`);
``registry.py`` finds it there, nothing else needs to be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from app.modules.callcenter.domain.events import Direction, Outcome, ProviderEvent

if TYPE_CHECKING:
    from app.core.http import HttpClient


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A notification exactly as it arrived. Header names are lower case; ``body`` is untouched."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    remote_addr: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What we reply to a notification."""

    body: bytes
    media_type: str
    status: int = 200


class DecisionKind(StrEnum):
    """What may be decided about a call while the PBX waits for our answer."""

    NOTHING = "nothing"
    REJECT = "reject"
    BUSY = "busy"
    FORWARD = "forward"
    """Ring ``stages``, one after the other."""
    GROUP = "group"
    """Ring the PBX's own group ``pbx_id``."""
    ROUTING_PLAN = "routing_plan"
    """Follow the PBX's own plan ``pbx_id``; ``stages``, where there are any, if that cannot be done."""
    QUEUE = "queue"
    PROMPT = "prompt"
    """Play the PBX's own announcement ``pbx_id`` and hang up."""


#: With these a call never reaches anybody of us.
REFUSALS = frozenset({DecisionKind.REJECT, DecisionKind.BUSY})


@dataclass(frozen=True, slots=True)
class Stage:
    """Telephones that ring together: SIP users, numbers in E.164 or extensions."""

    targets: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall happen to a call. NOTHING is the answer to a plain notification.

    A provider whose PBX cannot do it, or that is asked for something incomplete, answers as for NOTHING.
    """

    kind: DecisionKind = DecisionKind.NOTHING
    stages: tuple[Stage, ...] = ()
    voicemail: bool = True
    """Whether the mailbox answers a forwarded call that nobody took."""
    pbx_id: str = ""
    seconds: int | None = None
    """How long a group rings; None for what the PBX does by itself."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that its kind needs."""
        if self.kind is DecisionKind.FORWARD:
            return bool(self.stages)
        return self.kind in (DecisionKind.NOTHING, *REFUSALS) or bool(self.pbx_id)


class NotAuthentic(Exception):
    """The request cannot be shown to come from the PBX. ``code`` is stable, for words and tests."""

    def __init__(self, code: str) -> None:
        """``code``: no_secret; missing_, malformed_ or wrong_ with ``signature`` or ``token``."""
        super().__init__(code)
        self.code = code


class Malformed(Exception):
    """Authentic, but cannot be read; the message says what is missing or wrong, without content."""


class Unsupported(Exception):
    """Authentic and readable, but an event that we do not know; the message names it."""


class OwnTest(Unsupported):
    """Authentic: the notification that we sent ourselves to try the way (see :class:`Testable`). It reports nothing."""

    def __init__(self, token: str) -> None:
        super().__init__("our own test")
        self.token = token


@dataclass(frozen=True, slots=True)
class Posting:
    """A request as the PBX would post it."""

    body: bytes
    headers: Mapping[str, str]


class Failure(StrEnum):
    """Why a request to a PBX failed, in the words that decide what happens next."""

    PERMANENT = "permanent"
    """It surely did not happen and will not, repeating is useless."""
    RETRY_LATER = "retry_later"
    """It surely did not happen, or only read something: it may be repeated
    (after ``retry_after`` seconds, where known)."""
    OUTCOME_UNKNOWN = "outcome_unknown"
    """Nobody knows whether it happened. Never repeat a dial after this."""


class ProviderError(Exception):
    """A request to the PBX failed. ``code`` is stable and becomes a sentence in the page.

    Codes: ``not_configured``, ``bad_key`` (401), ``forbidden`` (403), ``not_found`` (404),
    ``invalid`` (400/422 and other 4xx), ``rate_limited`` (429), ``unreachable`` (connection refused,
    DNS, TLS), ``timeout``, ``server_error`` (5xx), ``bad_answer`` (not what was promised).

    ``detail`` is for the administrator: what the PBX said or the kind of network error. It may hold a
    number, so it is not part of the message and belongs in no log; it never holds a key.
    """

    def __init__(
        self,
        failure: Failure,
        code: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(f"{code} ({failure.value})")
        self.failure = failure
        self.code = code
        self.retry_after = retry_after
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a connection test. ``code`` becomes words, with ``params`` in them.

    A code of a provider's own brings its sentence along, as ``words`` (``fields.Words``).
    """

    level: Literal["ok", "warning", "error"]
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """The result of a connection test, the most important finding first."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """True when no finding is an error."""
        return all(finding.level != "error" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class DialOrder:
    """Ring ``account`` (a SIP user), then dial ``e164`` (or ``internal``, an extension)."""

    account: str
    e164: str | None
    internal: str | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class DialReceipt:
    """The PBX took the order. ``reference`` is its own id of it, where it gives one.

    ``url`` is set by a provider that cannot dial itself: the page opens it (``tel:+49…``).
    """

    reference: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PbxUser:
    """An account as the PBX lists it. No password, ever."""

    uid: str
    name: str
    type: str
    extension: str | None = None
    caller_id: str | None = None
    online: bool | None = None
    email: str | None = None
    description: str | None = None
    automatic_prefix: str | None = None
    blocked_prefixes: str | None = None


@dataclass(frozen=True, slots=True)
class PbxLine:
    """One of our own numbers as the PBX lists it."""

    number: str
    name: str
    active: bool = True
    decides: bool | None = None
    """Whether the PBX waits for our answer what to do with a call to it; None where its lists do not tell."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call from the PBX's own lists; it has no id that a notification tells.

    ``received_at`` is UTC. ``talk_seconds`` is 0 for a call that nobody took, also where a mailbox spoke.
    ``remote`` is None where the caller hid the number. ``masked``: the list hides digits of the number, whoever called.
    """

    received_at: datetime
    remote: str | None
    line: str | None
    outcome: Outcome
    talk_seconds: int
    direction: Direction = Direction.IN
    account: str | None = None
    """Our account that dialled, where the list tells."""
    masked: bool = False


class Clock(Protocol):
    """The present time. What ``app.core.clock`` offers fits."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


@runtime_checkable
class Provider(Protocol):
    """What every provider has; the Protocols below are what one may have besides."""

    key: str
    title: str

    def check(self) -> Health:
        """Ask the PBX whether all is well ("Verbindung testen"). Never raises ProviderError."""
        ...


@runtime_checkable
class Receives(Protocol):
    """Takes notifications from the PBX."""

    def authenticate(self, request: RawRequest) -> None:
        """Return for an authentic request, raise NotAuthentic for any other. Constant time."""
        ...

    def parse(self, request: RawRequest) -> Sequence[ProviderEvent]:
        """The reports in an authentic request. Raises Malformed or Unsupported, nothing else."""
        ...

    def answer(self, decision: Decision) -> Answer:
        """The reply in the PBX's language, well-formed whatever the decision names. Never raises."""
        ...


@runtime_checkable
class Complains(Receives, Protocol):
    """Tells the PBX what is wrong with a notification that cannot be read. Without it that gets a plain answer."""

    def complain(self, fault: Malformed) -> Answer:
        """The reply to an authentic notification that is malformed. Never raises."""
        ...


@runtime_checkable
class Testable(Receives, Protocol):
    """Can try the way of a notification without the PBX."""

    def test_request(self, token: str) -> Posting:
        """A notification that ``authenticate`` accepts and of which ``parse`` raises OwnTest with this token.

        ``token``: letters, digits and hyphens, 60 at most. Raises NotAuthentic (``no_secret``) without a secret.
        """
        ...


@runtime_checkable
class Dials(Protocol):
    """Starts calls."""

    def dial(self, order: DialOrder) -> DialReceipt:
        """Make the account's phone ring. Raises ProviderError. Never repeats on its own."""
        ...


@runtime_checkable
class ListsUsers(Protocol):
    """Knows the accounts of the PBX."""

    def list_users(self) -> Sequence[PbxUser]:
        """All accounts of the PBX. Raises ProviderError."""
        ...


@runtime_checkable
class ListsLines(Protocol):
    """Knows our own numbers."""

    def list_lines(self) -> Sequence[PbxLine]:
        """All own numbers. Raises ProviderError."""
        ...


@runtime_checkable
class HasHistory(Protocol):
    """Has a list of past calls."""

    def history(self, day: date) -> Iterator[PastCall]:
        """The calls of one day, as the PBX counts days, each once. Raises ProviderError when called."""
        ...


#: The address that the predecessor had; ``{kind}`` is the key of the provider.
WEBHOOK = "/index.php?module=callcenter&action=call&provider={kind}&connection={token}"


@dataclass(frozen=True, slots=True)
class ProviderType:
    """What a provider's folder declares. ``key`` is the folder's name and part of the webhook's address.

    ``settings``: a frozen dataclass that can be made without arguments; ``build`` takes an instance of it, with
    secrets revealed, and makes no request. What a type can do is told without building it:
    ``issubclass(declared.implementation, Dials)``.

    ``path``: where its notifications are posted, with ``{token}`` for what tells its connections apart. One of its own
    is an endpoint of its own, which hands the token on to ``views.webhook.accept``.

    ``names_users``: the ``peer`` of its events may be a user's name, e-mail or full name in place of a telephone.
    """

    key: str
    title: str
    settings: type
    implementation: type
    build: Callable[[Any, HttpClient, Clock], Provider]
    path: str = WEBHOOK
    names_users: bool = False
