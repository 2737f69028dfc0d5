from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.spreadsheets import BOM, csv_line
from app.modules.addresses.transfer.formats import Format
from app.modules.addresses.transfer.source import Record, Table
from tests.unit.addresses.transfer.files import Bytes, cells, records


def test_a_row_knows_the_line_where_it_begins() -> None:
    content = b'Name;Notiz\r\n\r\nA;"eins\r\nzwei\r\ndrei"\r\n;\r\nB;x\r\n'
    assert records(content) == [Record(3, ["A", "eins\r\nzwei\r\ndrei"]), Record(7, ["B", "x"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_is_one(end: str) -> None:
    assert [record.line for record in records(end.join(["Name", "A", "", "B"]).encode())] == [2, 4]


def test_headings_are_tidied_and_apart_from_the_rows() -> None:
    with Table(
        Bytes("\ufeffName ; Straße\n und Nr. ;x\nA;B;C\n".replace("\n und", " und").encode()), Format()
    ) as table:
        assert table.headings == ["Name", "Straße und Nr.", "x"]
        assert [record.cells for record in table] == [["A", "B", "C"]]


def test_without_headings_the_first_row_is_an_address() -> None:
    assert cells(b"A;B\nC;D\n", Format(header=False)) == [["A", "B"], ["C", "D"]]


def test_quotation_marks_within_a_text_stay() -> None:
    assert cells(b'N\n"5"" Rohr; gross"\n5" Rohr\n') == [['5" Rohr; gross'], ['5" Rohr']]


def test_a_quotation_mark_that_never_closes_is_named_with_its_line() -> None:
    broken = records(b'Name;Ort\nA;Bonn\nB;"Bonn\nC;Bonn\n')
    assert [(record.line, record.problem) for record in broken] == [(2, None), (3, "unclosed_quote")]
    assert records(b'Name\n"A')[0].problem == "unclosed_quote"


def test_nothing_within_a_text_without_an_end_is_taken_for_a_row() -> None:
    found = records(b'Name;Ort\nA;Bonn\nB;"' + b"x;y\n" * 60_000 + b"C;Bonn\n")
    assert found == [Record(2, ["A", "Bonn"]), Record(3, ['B;"x;y'], "unclosed_quote")]


@pytest.mark.parametrize(
    ("cell", "lines"),
    [(b"x" * 200_000, 1), (b'"' + b"x" * 200_000 + b'"', 1), (b'"' + b"x;y\n" * 60_000 + b'"', 60_001)],
)
def test_a_cell_that_is_too_long_is_a_fault_of_its_row_and_the_next_ones_are_read(cell: bytes, lines: int) -> None:
    found = records(b"Name;Ort\nA;Bonn\nB;" + cell + b'\nC;Bonn\nD;"Bo""nn"\n')
    assert [(record.line, record.problem) for record in found] == [
        (2, None),
        (3, "long_cell"),
        (3 + lines, None),
        (4 + lines, None),
    ]
    assert found[1].cells[0].startswith("B;")
    assert len(found[1].cells[0]) <= 200
    assert found[3].cells == ["D", 'Bo"nn']


def test_signs_that_cannot_be_read_are_a_fault_of_their_row() -> None:
    assert [record.problem for record in records("Name\nA\nMüller\n".encode("cp1252"))] == [None, "bad_signs"]


def test_an_apostrophe_that_guards_a_formula_is_taken_away_and_no_other() -> None:
    assert cells(b"N;M\n'+49 221 4710;'s Hertogenbosch\n''=1;'\n") == [
        ["+49 221 4710", "'s Hertogenbosch"],
        ["'=1", "'"],
    ]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffd")), min_size=2, max_size=3
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([";", ",", "\t"]),
)
def test_what_we_write_is_read_back_cell_by_cell(rows: list[list[str]], separator: str) -> None:
    text = BOM + "".join(csv_line(row, separator) for row in rows)
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    read = records(text.encode(), Format(separator=separator, header=False))
    assert [record.cells for record in read] == kept
    assert not any(record.problem for record in read)
