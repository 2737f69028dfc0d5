from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.transfer.formats import ENCODINGS, Format, Found, NoTable, detect
from app.modules.addresses.transfer.headings import known
from tests.unit.addresses.transfer.files import cells

TABLE = "Name;Straße;PLZ;Ort\r\nMüller, Hans;Hauptstraße 5;50667;Köln\r\nWeiß, Eva;Domkloster 4;50667;Köln\r\n"


def found(content: bytes, **chosen: object) -> Found:
    # In small pieces: signs of several bytes are cut anywhere.
    pieces = [content[place : place + 7] for place in range(0, len(content), 7)]
    return detect(pieces, known, **chosen)  # type: ignore[arg-type] # what a test chooses


@pytest.mark.parametrize(
    ("content", "encoding", "because"),
    [
        (TABLE.encode(), "utf-8", "valid"),
        (codecs.BOM_UTF8 + TABLE.encode(), "utf-8", "bom"),
        (TABLE.encode("cp1252"), "windows-1252", "otherwise"),
        (TABLE.encode("utf-16"), "utf-16", "bom"),
        (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), "utf-16", "bom"),
        (b"Name;Ort\r\nMeier;Bonn\r\n", "utf-8", "ascii"),
        ((TABLE * 20).encode() + b"M\xfcller;;;\r\n", "utf-8", "mostly"),
        (TABLE.encode()[:-8] + "ö".encode()[:1], "utf-8", "valid"),
    ],
)
def test_the_encoding_is_found_and_explained(content: bytes, encoding: str, because: str) -> None:
    assert (found(content).format.encoding, found(content).encoding_because) == (encoding, because)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found_though_texts_have_commas_and_line_breaks(separator: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(["Name", "Bemerkung", "Telefon"])
    for place in range(20):
        writer.writerow([f"Müller, Hans & Co; {place}", 'sagt: "gern,\r\nmorgen"', "0221 4710-100"])
    answer = found(text.getvalue().encode())
    assert answer.format == Format("utf-8", separator, header=True)
    assert (answer.separator_because, answer.columns, answer.even, answer.looked) == ("counted", 3, 21, 21)


def test_headings_that_are_known_outweigh_commas_in_every_row() -> None:
    rows = "".join(f"Firma {n}, Abteilung, Haus {n}; 0221, 4710, {n}\n" for n in range(10))
    assert found(f"Name;Telefon\n{rows}".encode()).format.separator == ";"


def test_a_first_line_that_states_the_separator_is_believed_and_left_out() -> None:
    content = b"sep=|\r\nName|Ort\r\nA;B;C|Bonn\r\n"
    answer = found(content)
    assert (answer.format.separator, answer.separator_because) == ("|", "stated")
    assert cells(content, answer.format) == [["A;B;C", "Bonn"]]


def test_a_file_of_one_column_is_read_too() -> None:
    answer = found(b"Telefon\n0221 4710-100\n0221 4710-101\n")
    assert (answer.separator_because, answer.columns, answer.format.header) == ("single", 1, True)


@pytest.mark.parametrize(
    ("first", "header"),
    [
        ("Name;Ort;Telefon", True),
        ("Bogus;Unheard;Of", True),
        ("Meier GmbH;Bonn;0221 4710-100", False),
        ("Meier GmbH;Bonn;info@meier.example", False),
        ("gleich;gleich;gleich", False),
    ],
)
def test_whether_the_first_row_names_the_columns_shows_in_what_it_says(first: str, header: bool) -> None:
    assert found(f"{first}\nA;B;C\nD;E;F\n".encode()).format.header is header


def test_what_is_chosen_is_not_looked_for() -> None:
    answer = found(TABLE.encode(), encoding="windows-1252", separator=",", header=False)
    assert answer.format == Format("windows-1252", ",", header=False)
    assert (answer.encoding_because, answer.separator_because) == ("chosen", "chosen")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\r\n  \n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (codecs.BOM_UTF16_LE, "empty"),
        (b"sep=;\n", "empty"),
        (b"PK\x03\x04rest of an xlsx", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest of an xls", "spreadsheet"),
        (b"BEGIN:VCARD\nVERSION:3.0\n", "vcard"),
        (b"%PDF-1.7", "not_a_table"),
        (codecs.BOM_UTF8 + b"<!doctype html>", "not_a_table"),
        (b"\x00\x01\x02\x03", "not_a_table"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(content: bytes, code: str) -> None:
    with pytest.raises(NoTable) as refused:
        found(content)
    assert refused.value.code == code


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_are_refused(content: bytes) -> None:
    try:
        answer = found(content)
    except NoTable:
        return
    cells(content, answer.format)


WORDS = st.text(st.sampled_from("abcäöüßéÄ xyz"), min_size=1, max_size=8).filter(str.strip)


@given(
    st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=3, max_size=12),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_of_words_is_read_back_whatever_wrote_it(
    rows: list[list[str]], separator: str, encoding: str, end: str
) -> None:
    text = end.join(separator.join(row) for row in [["Name", "Ort", "Land"], *rows])
    answer = found(text.encode(encoding))
    read = cells(text.encode(encoding), answer.format)
    if answer.format.encoding != "utf-8" or encoding.startswith("utf-8"):
        assert read == rows
    else:
        # Without any umlaut, or with a few that happen to be UTF-8: nobody can tell.
        assert text.encode(encoding).decode(ENCODINGS["utf-8"]) is not None
    assert answer.format.separator == separator
    assert answer.format.header
