"""Two who choose at the same moment: the last one counts, nothing is lost, nobody gets an error. Real threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app.core.accounts import service
from app.core.database import reading
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import choices, remembered
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from tests.conftest import PASSWORD
from tests.integration.callcenter.phone_system import CUSTOMER_E164, PhoneSystem, all_calls, call_id, configure

ROUNDS = 10


def test_whoever_chooses_last_counts_for_everybody_at_one_call_and_at_two(own_app: Flask) -> None:
    with own_app.app_context():
        configure(own_app)
        users = [service.create_user(name, PASSWORD, "staff") for name in ("anna", "ben", "clara")]
        persons = [
            Person(create_address({"name": name}, [NumberInput("0171 3920001")])) for name in ("Erste", "Zweite")
        ]
        phones = PhoneSystem(own_app)
        for _ in range(2):
            phones.incoming(call_id())
        calls = [call.id for call in all_calls()]

    def choose(user: int, person: Person, call: int, scope: Scope, gate: threading.Barrier) -> None:
        with own_app.app_context():
            gate.wait()
            choices.choose(call, person, user, scope)

    for number in range(ROUNDS):
        gate = threading.Barrier(3)
        with ThreadPoolExecutor(3) as pool:
            work = [
                pool.submit(choose, users[0], persons[number % 2], calls[0], Scope.ALL, gate),
                pool.submit(choose, users[1], persons[(number + 1) % 2], calls[number % 2], Scope.ALL, gate),
                pool.submit(choose, users[2], persons[0], calls[1], Scope.MINE, gate),
            ]
            for one in work:
                one.result()
        with own_app.app_context(), reading() as session:
            kept = {row.for_user: row for row in remembered.of_number(session, CUSTOMER_E164)}
        assert set(kept) == {None, users[2]}
        assert kept[None].by in users[:2]
        assert kept[users[2]].person == persons[0]
        with own_app.app_context():
            (first, *_) = all_calls()
            everybody = [choice for choice in first.chosen if choice.scope is Scope.ALL]
        assert len(everybody) == 1
        assert first.address_id == everybody[0].person.address_id
