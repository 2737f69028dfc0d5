"""Whether a person stands in a row of a table: surely, perhaps, or not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.modules.addresses.imports.standing import Wanted

TWO = ("first_name", "last_name", "city", "phone")
OF_A_CONTACT = ("name", "contact1.first_name", "contact1.last_name", "contact2.first_name", "contact2.last_name")
UNKNOWN = ("", "", "", "")
WHOLE = ("name", "contact1.name", "city")


def standing(name: str, cells: Sequence[str], columns: Sequence[str] = TWO, *, company: bool = False) -> str:
    wanted = Wanted([name], [name] if company else [], [], lambda _cell: ())
    return wanted.stands_in(cells, columns)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Max Muster", ["Max", "Muster", "Köln", ""]),
        ("Max Muster", ["  MAX ", " muster", "Köln", ""]),
        ("Max Muster", ["Muster", "Max", "Köln", ""]),
        ("Max Muster", ["Dr. Max", "von Muster", "", ""]),
        ("Prof. Dr. Max Muster", ["Max", "Muster", "", ""]),
        ("Muster, Max", ["Max", "Muster", "", ""]),
        ("Max Emil Muster", ["Max", "Muster", "", ""]),
        ("Max Emil Muster", ["Max E.", "Muster", "", ""]),
        ("Max Muster", ["Max Emil", "Muster", "", ""]),
        ("Jörg Müller", ["JOERG", "Mueller", "", ""]),
        ("Joerg Mueller", ["Jörg", "Müller", "", ""]),
        ("Jörg Großmann", ["Jorg", "GROSSMANN", "", ""]),
        ("Anna Meyer-Schulze", ["Anna", "Meyer Schulze", "", ""]),
        ("Ludwig van der Muster", ["Ludwig", "Muster", "", ""]),
        ("Ling Van", ["Ling", "Van", "", ""]),
        ("Max Muster", ["", "Max Muster", "", ""]),
    ],
)
def test_first_and_last_name_in_the_columns_of_one_person_are_he(name: str, cells: list[str]) -> None:
    assert standing(name, cells) == "surely"


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (["Muster AG", "Max", "Muster", "", ""], OF_A_CONTACT),
        (["Muster AG", "Erika", "Meier", "Max", "Muster"], OF_A_CONTACT),
        (["Muster AG", "Muster, Max", "Köln"], WHOLE),
        (["Muster AG", "Dr. Max Emil Muster", "Köln"], WHOLE),
        (["z. Hd. Max Muster, Einkauf", "", ""], UNKNOWN),
        (["MUSTER MAX", "", ""], UNKNOWN),
        (["max.muster@example.org", "", ""], UNKNOWN),
    ],
)
def test_a_whole_name_and_the_columns_of_any_contact_are_he(cells: list[str], columns: tuple[str, ...]) -> None:
    assert standing("Max Muster", cells, columns) == "surely"


@pytest.mark.parametrize(
    ("name", "cells", "columns"),
    [
        # Somebody else's first name, and the name in a company's.
        ("Max Muster", ["Muster Bau GmbH", "Max", "Meier", "", ""], OF_A_CONTACT),
        ("Max Muster", ["Bau GmbH", "Max", "Meier", "Erika", "Muster"], OF_A_CONTACT),
        # A town that is called like him.
        ("Peter Hagen", ["Peter", "Schmidt", "Hagen", ""], TWO),
        ("Max Muster", ["Max", "Muster", "Köln", ""], UNKNOWN),
        ("Max Muster", ["Max", "Muster-Schmidt", "", ""], TWO),
        ("Anna Meyer-Schulze", ["Anna", "Schulze", "", ""], TWO),
        ("Max Muster", ["Hans Max", "Muster", "", ""], TWO),
        ("Max Muster", ["Max Muster-Schmidt", "", "", ""], UNKNOWN),
        ("Muster", ["Erika", "Muster", "", ""], TWO),
    ],
)
def test_parts_of_a_name_that_stand_apart_otherwise_are_for_a_person_to_judge(
    name: str, cells: list[str], columns: tuple[str, ...]
) -> None:
    assert standing(name, cells, columns) == "perhaps"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Max Muster", ["Max", "Mustermann", "", ""]),
        ("Max Muster", ["Maximilian", "Muster", "", ""]),
        ("Max Muster", ["Erika", "Muster", "", ""]),
        ("Max Muster", ["Max", "Meier", "", ""]),
        ("Max Muster", ["", "", "", ""]),
        ("Max Muster", ["Max Mustermann", "", "", ""]),
        ("Muster AG", ["Erika", "Muster", "AGB", ""]),
        ("---", ["---", "", "", ""]),
        ("", ["", "", "", ""]),
    ],
)
def test_other_names_are_not_his(name: str, cells: list[str]) -> None:
    assert standing(name, cells) == "not"


def test_a_companys_name_is_no_first_and_last_name() -> None:
    cells = ["Schmidt", "Berlin", "", ""]
    assert standing("Schmidt Berlin", cells, company=True) == "perhaps"
    assert standing("Schmidt Berlin GmbH", cells) == "perhaps"
    assert standing("Schmidt Berlin GmbH", ["SCHMIDT Berlin gmbh", "", "", ""]) == "surely"
    assert standing("Siemens", ["Siemens", "Max Meier", ""], WHOLE, company=True) == "surely"
    assert standing("Siemens", ["Siemens Bau", "Max Meier", ""], WHOLE, company=True) == "perhaps"


def test_a_number_is_he_in_any_spelling_and_only_the_cells_with_its_last_digits_are_read() -> None:
    read: list[str] = []

    def numbers(cell: str) -> list[str]:
        read.append(cell)
        return ["+491713920001"]

    wanted = Wanted([], [], ["+491713920001"], numbers)
    assert wanted.stands_in(["Fremd", "0171 / 392 00-01"]) == "surely"
    assert wanted.stands_in(["Fremd", "0171 / 392 00-02"]) == "not"
    assert wanted.stands_in(["Fremd 392", "0001"]) == "not"
    assert read == ["0171 / 392 00-01"]
