"""The rules for dialling in force, applied to a number as somebody typed or pressed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import phones
from app.core.values import Dialable, Internal, Party
from app.modules.callcenter import connection, home
from app.modules.callcenter.dial_results import DialState
from app.modules.callcenter.domain.dial_rules import DAY, Facts, Rules, Verdict, check, judge
from app.modules.callcenter.labels import labels
from app.modules.callcenter.models import DialOrderRow
from app.modules.callcenter.settings import CallcenterSettings

#: Of no country, as core.phones writes it.
_NO_COUNTRY = "001"
#: Orders that may have made a telephone ring, and those that are about to.
COUNTED = ("ordered", DialState.ACCEPTED.value, DialState.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class Judged:
    """A number as it was understood, and what the rules say of it."""

    target: Party
    e164: str | None
    number: str
    """As people write it; as typed where it is none."""
    country: str | None
    verdict: Verdict


def rules_of(chosen: CallcenterSettings) -> Rules:
    """The rules that these settings are."""
    return Rules(
        blocked_kinds=frozenset(chosen.dial_blocked_kinds),
        countries=frozenset(chosen.dial_countries),
        allowed=chosen.dial_allowed,
        blocked=chosen.dial_blocked,
        hour_limit=chosen.dial_hour_limit,
        day_limit=chosen.dial_day_limit,
    )


def rules() -> Rules:
    """The rules in force. From memory."""
    global _made
    chosen = connection.settings()
    made_of, found = _made
    if made_of is not chosen:
        found = rules_of(chosen)
        _made = chosen, found
    return found


#: The settings that the rules were made of last, and those: the same object as long as nobody changes them.
_made: tuple[CallcenterSettings | None, Rules] = (None, Rules())


def verdict_of(e164: str, chosen: Rules | None = None) -> Verdict:
    """What the rules in force, or these, say of a public number. From memory, and quick: cards ask for each call, and
    pages twice for each of hundreds.
    """  # fmt: skip
    return _verdict(e164, home.region(), chosen or rules())


@lru_cache(maxsize=1024)
def _verdict(e164: str, region: str, chosen: Rules) -> Verdict:
    country = phones.charged_country(e164)
    facts = Facts(
        number=e164,
        tariff=phones.tariff(e164),
        country=None if country == _NO_COUNTRY else country,
        home=country == region,
    )
    return judge(facts, chosen)


def judged(raw: str, chosen: Rules | None = None) -> Judged:
    """What the rules in force, or these, say of a number; limits aside. From memory."""
    region = home.region()
    target = phones.dialable_target(raw, region)
    # Six digits are none for any other rule either, but they shall be refused for what they are.
    enquiries = phones.short_tariff(raw, region) if not isinstance(target, Dialable) else "ordinary"
    known = isinstance(target, Internal) and labels().has_extension(target.raw)
    e164 = target.e164 if isinstance(target, Dialable) else None
    country = phones.charged_country(e164) if e164 else None
    refusal = check(target, emergency=phones.is_emergency(raw), known_extension=known)
    verdict = Verdict(refusal, f"number {refusal.value}" if refusal else "")
    if e164 is not None and refusal is None:
        verdict = verdict_of(e164, chosen)
    elif refusal is None or (enquiries != "ordinary" and not known):
        ruled = judge(Facts(target.raw, "ordinary" if known else enquiries, None), chosen or rules())
        verdict = ruled if ruled.refusal is not None or refusal is None else verdict
    number = home.format_party(target) or raw.strip()
    return Judged(target, e164, number, country, verdict)


def orders_within_a_day(session: Session, user_id: int, now: datetime, but: int | None = None) -> list[datetime]:
    """When the user gave the orders that count for the limits, without the order ``but``."""
    query = select(DialOrderRow.created_at).where(
        DialOrderRow.user_id == user_id, DialOrderRow.created_at > now - DAY, DialOrderRow.state.in_(COUNTED)
    )
    if but is not None:
        query = query.where(DialOrderRow.id != but)
    return list(session.execute(query).scalars())
