from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.correcting import PREFIX, spellings
from app.modules.addresses.documents import document, vocabulary_of


def test_a_document_holds_every_word_once_and_both_ways() -> None:
    made = document(["Müller & Söhne", None, "", "müller", "Köln"], ["490221471012", ""])
    assert made.text == " mueller muller & soehne sohne koeln koln 490221471012 "
    assert document([None, ""], []).text == ""


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("Meyer-Schmidt", ["meyer-schmidt", "meyer", "schmidt"]),
        ("(Saale)", ["saale"]),
        ("Rheinwerk, Berlin", ["rheinwerk", "berlin"]),
        ("„Zum Löwen“", ["zum", "loewen", "lowen"]),
        ("max@rheinwerk.example", ["max@rheinwerk.example"]),
        ("www.rheinwerk.example", ["rheinwerk"]),
        ("100 %", ["100", "%"]),
        ("Ludwig-Maximilians-Universität", ["maximilians", "universitaet"]),
    ],
)
def test_words_are_found_by_their_beginning_and_that_of_their_parts(text: str, begins: list[str]) -> None:
    made = document([text], []).text
    assert all(f" {word} " in made for word in begins)


def test_the_vocabulary_knows_how_words_are_written() -> None:
    made = document(["Müller GmbH, Köln 50667", "info@müller.example", "AB"], ["490221471012"])
    assert made.vocabulary == {
        "mueller": "Müller",
        "muller": "Müller",
        "gmbh": "GmbH",
        "koeln": "Köln",
        "koln": "Köln",
    }


@given(st.lists(st.text(max_size=60), max_size=6))
def test_a_text_tells_its_vocabulary(texts: list[str]) -> None:
    made = document(texts, ["490221471012"])
    assert vocabulary_of(made.text) == set(made.vocabulary)
    assert all(len(word) <= 40 and len(written) <= 40 for word, written in made.vocabulary.items())


@pytest.mark.parametrize(
    "typed", ["sonenschein", "sonnenschien", "sonnnenschein", "sonmenschein", "onnenschein", "sonnenscheim"]
)
def test_a_word_and_the_same_word_mistyped_share_a_spelling(typed: str) -> None:
    assert spellings(typed) & spellings("sonnenschein")


@given(st.text(min_size=1, max_size=20))
def test_no_spelling_is_longer_than_the_beginning(word: str) -> None:
    assert all(len(one) <= PREFIX for one in spellings(word))
