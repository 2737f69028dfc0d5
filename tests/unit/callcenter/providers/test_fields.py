"""The fields that a provider declares for itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.modules.callcenter.providers import fields
from app.modules.callcenter.providers.fields import Kind


@dataclass(frozen=True, slots=True)
class Settings:
    shared_secrets: tuple[str, ...] = field(default=(), repr=False)
    address: str = fields.text({"en": "Address", "de": "Adresse"}, required=True)
    pin: str = fields.secret("PIN")
    mode: str = fields.choice("Mode", {"loud": "loud", "soft": "soft"})
    quiet: bool = fields.switch("Quiet", default=True)
    forgotten: str = ""


def test_they_are_told_in_their_order_with_their_kind() -> None:
    told = fields.asked(Settings)
    assert [(name, one.kind) for name, one in told.items()] == [
        ("address", Kind.TEXT),
        ("pin", Kind.SECRET),
        ("mode", Kind.CHOICE),
        ("quiet", Kind.SWITCH),
    ]
    assert [name for name, one in told.items() if one.required] == ["address"]


def test_settings_can_be_made_without_arguments() -> None:
    made = Settings()
    assert (made.address, made.pin, made.mode, made.quiet) == ("", "", "loud", True)


def test_a_secret_stays_out_of_the_repr_and_the_others_are_in_it() -> None:
    told = repr(Settings(address="a.example", pin="1234"))
    assert "1234" not in told
    assert "a.example" in told


def test_a_field_that_nobody_would_be_asked_for_is_named() -> None:
    assert fields.unexplained(Settings) == ["forgotten"]


@pytest.mark.parametrize(
    ("words", "language", "told"),
    [
        ("PIN", "de", "PIN"),
        ({"en": "Address", "de": "Adresse"}, "de", "Adresse"),
        ({"en": "Address", "de": "Adresse"}, "en", "Address"),
        ({"en": "Address"}, "de", "Address"),
        ({"fr": "Adresse"}, "de", "Adresse"),
        ({}, "de", ""),
    ],
)
def test_words_are_told_in_the_language_that_there_is(words: fields.Words, language: str, told: str) -> None:
    assert fields.in_language(words, language) == told
