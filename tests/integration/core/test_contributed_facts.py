"""What modules contribute about whom a call is with: refused when wrong, absent when inactive, alone when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.facts import Contribution, Fact, FactKind, Facts, Subject, Word
from app.core.kernel import Kernel, ModuleSetup
from app.core.modules import Module, ModuleError
from tests.conftest import NOW

ANNA = Subject("+493023125100", None, None, NOW, "call:1")
BEN = Subject(None, 7, None, NOW, "call:2")
STOCK = FactKind("warehouse.stock", "Stock", "id")


def everybody(kind: str = "warehouse.stock") -> Callable[[Session, Sequence[Subject]], dict[Subject, list[Fact]]]:
    return lambda _session, subjects: {subject: [Fact(kind, ("12 pieces",))] for subject in subjects}


@pytest.fixture
def setup(app: Flask, monkeypatch: pytest.MonkeyPatch) -> ModuleSetup:
    """Of a module that is installed on top of the others."""
    kernel: Kernel = app.extensions["durchwahl"]
    monkeypatch.setattr(kernel, "facts", Facts(kernel.database))
    return ModuleSetup(kernel, Module("warehouse", "Warehouse", "", "id", lambda _setup: None))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (replace(STOCK, key="addresses.stock"), "does not begin with warehouse."),
        (replace(STOCK, key="warehouse."), "does not begin with warehouse."),
        (replace(STOCK, permissions=("warehouse.see",)), "unknown permission warehouse.see"),
        (replace(STOCK, label=""), "no label"),
        (replace(STOCK, icon=""), "no icon"),
    ],
)
def test_a_wrong_kind_is_refused_at_the_start(setup: ModuleSetup, kind: FactKind, says: str) -> None:
    with pytest.raises(ModuleError, match=says):
        setup.facts([kind], everybody())


def test_a_second_contribution_a_key_twice_and_none_at_all_are_refused(setup: ModuleSetup) -> None:
    wrong: Any = None
    for kinds, find in (([], everybody()), ([STOCK], wrong)):
        with pytest.raises(ModuleError, match="facts are kinds"):
            setup.facts(kinds, find)
    with pytest.raises(ModuleError, match="declared twice"):
        setup.facts([STOCK, STOCK], everybody())
    setup.facts([STOCK], everybody())
    with pytest.raises(ModuleError, match="once"):
        setup.facts([replace(STOCK, key="warehouse.more")], everybody())


def test_only_active_modules_are_asked_and_each_once_for_all(setup: ModuleSetup) -> None:
    asked: list[Sequence[Subject]] = []

    def find(_session: Session, subjects: Sequence[Subject]) -> Mapping[Subject, Sequence[Fact]]:
        asked.append(subjects)
        return {BEN: [Fact("warehouse.stock", (3,))]}

    setup.facts([STOCK], find)
    facts = setup.kernel.facts
    assert facts.about([ANNA, BEN, ANNA], lambda name: name == "warehouse").facts == {
        ANNA: (),
        BEN: (Fact("warehouse.stock", (3,)),),
    }
    assert asked == [(ANNA, BEN)]
    assert facts.about([ANNA], lambda _name: False).facts == {ANNA: ()}
    assert facts.kinds(lambda _name: False) == {}
    assert facts.about([], lambda _name: True).facts == {}
    assert len(asked) == 1


def _no_table(session: Session, _subjects: Sequence[Subject]) -> Mapping[Subject, Sequence[Fact]]:
    session.execute(text("SELECT name FROM no_such_table"))
    return {}


FAILING: dict[str, Any] = {
    "a statement fails": _no_table,
    "it raises": lambda _session, _subjects: dict[Any, Any]()[0],
    "a kind of another module": everybody("addresses.name"),
    "nothing of the kind": lambda _session, _subjects: None,
    "about somebody else": lambda _session, _subjects: {replace(BEN, address_id=8): []},
    "no fact": lambda _session, subjects: {subjects[0]: ["12 pieces"]},
    "an unknown word": lambda _session, subjects: {subjects[0]: [Fact("warehouse.stock", (Word("few"),))]},
}


@pytest.mark.parametrize("why", FAILING)
def test_a_contributor_that_fails_costs_nobody_elses_facts_and_is_named(
    setup: ModuleSetup, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    facts = setup.kernel.facts
    setup.facts([STOCK], FAILING[why])
    facts.add(Contribution("addresses", (FactKind("addresses.name", "Name", "id"),), everybody("addresses.name")))
    with caplog.at_level(logging.ERROR, "app.core.facts"):
        found = facts.about([ANNA], lambda _name: True)
    assert found.failed == ("warehouse",)
    assert [fact.kind for fact in found.facts[ANNA]] == ["addresses.name"]
    (record,) = caplog.records
    assert "the facts of warehouse are missing" in record.getMessage()
    assert "no_such_table" not in record.getMessage()
