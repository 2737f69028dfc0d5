"""``flask addresses import``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.modules.addresses.services import create_address
from tests.integration.addresses.importing import addresses

GOOD = "Kundennummer;Name;Ort;Telefon\nK-1;Müller & Söhne;Köln;0221 4710-1\nK-2;Weiß;Bonn;beim Pförtner\n"
BAD = "Kundennummer;Name;E-Mail\nK-1;Müller;nobody\nK-2;Weiß;a@b.example\n"


def run(app: Flask, *arguments: str | Path, given: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["addresses", "import", *map(str, arguments)], input=given)


def file(folder: Path, text: str = GOOD, encoding: str = "utf-8") -> Path:
    path = folder / "addresses.csv"
    path.write_bytes(text.encode(encoding))
    return path


def one_line(result: Result) -> str:
    assert result.exit_code == 1
    (line,) = result.output.strip().splitlines()
    return line


def test_a_file_is_imported_and_counted(app: Flask, tmp_path: Path) -> None:
    done = run(app, file(tmp_path))
    assert (done.exit_code, done.output) == (
        0,
        (
            "Read 2 rows: 2 created, 0 changed, 0 as they were, 0 refused.\n"
            "1 phone number cannot be read; it is kept as typed and marked.\n"
        ),
    )
    assert [(one.name, one.customer_number) for one in addresses()] == [("Müller & Söhne", "K-1"), ("Weiß", "K-2")]
    assert "2 as they were" in run(app, file(tmp_path)).output


def test_a_trial_run_says_the_same_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    done = run(app, file(tmp_path), "--dry-run")
    assert done.exit_code == 0
    assert done.output.startswith("Would read 2 rows: 2 created, ")
    assert addresses() == []


def test_standard_input_is_a_file_too(app: Flask) -> None:
    assert run(app, "-", given=GOOD).exit_code == 0
    assert len(addresses()) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_umlauts_come_in_whatever_wrote_them(app: Flask, tmp_path: Path, encoding: str) -> None:
    assert run(app, file(tmp_path, encoding=encoding)).exit_code == 0
    assert addresses()[0].name == "Müller & Söhne"


def test_rows_that_are_refused_are_named_and_end_it_with_status_1(app: Flask, tmp_path: Path) -> None:
    done = run(app, file(tmp_path, BAD))
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "Read 2 rows: 1 created, 0 changed, 0 as they were, 1 refused.",
        "Line 2: E-Mail: This is no e-mail address. (nobody)",
        "Error: 1 of 2 rows was refused; --failures FILE writes it down with its reason.",
    ]
    assert [one.name for one in addresses()] == ["Weiß"]


def test_rows_that_are_refused_are_written_down_corrected_and_imported_again(app: Flask, tmp_path: Path) -> None:
    failures = tmp_path / "failures.csv"
    assert run(app, file(tmp_path, BAD), "--failures", failures).exit_code == 1
    text = failures.read_bytes().decode()
    assert text == (
        "\ufeffKundennummer;Name;E-Mail;Import: line;Import: value;Import: reason\r\n"
        "K-1;Müller;nobody;2;nobody;E-Mail: This is no e-mail address.\r\n"
    )
    failures.write_text(text.replace("Müller;nobody", "Müller;c@d.example"), "utf-8", newline="")
    assert run(app, failures).output == "Read 1 row: 1 created, 0 changed, 0 as they were, 0 refused.\n"
    assert addresses()[1].email == "c@d.example"


def test_nothing_is_written_where_nothing_was_refused(app: Flask, tmp_path: Path) -> None:
    assert run(app, file(tmp_path), "--failures", tmp_path / "failures.csv").exit_code == 0
    assert not (tmp_path / "failures.csv").exists()


def test_what_is_detected_and_proposed_can_be_overridden(app: Flask, tmp_path: Path) -> None:
    path = file(tmp_path, "Name,Wo|K-1\nMüller,Köln|0221 4710-1\n", "cp1252")
    assignment = tmp_path / "assignment.txt"
    assignment.write_text("# who\n1=city\nK-1 = mobile\nName,Wo=name\n\n", "utf-8")
    done = run(app, path, "--encoding", "windows-1252", "--separator", "comma", "--assignment", assignment)
    assert "the file has no column" in one_line(done)
    path = file(tmp_path, "A;B;C\nMüller;Wien;01 4710\n")
    assignment.write_text("A=name\nB=city\n3=phone\n", "utf-8")
    options = ("--assignment", assignment, "--country", "Österreich", "--role", "none")
    assert run(app, path, *options).exit_code == 0
    (found,) = addresses()
    assert (found.name, found.city, found.country, found.customer_number) == ("Müller", "Wien", "AT", None)
    assert found.numbers[0].e164 == "+4314710"


def test_without_headings_columns_are_assigned_by_their_place(app: Flask, tmp_path: Path) -> None:
    assignment = tmp_path / "assignment.txt"
    assignment.write_text("1=name\n", "utf-8")
    path = file(tmp_path, "Müller;0221 4710-1\nWeiß;0221 4710-2\n")
    assert run(app, path, "--no-headings", "--assignment", assignment).exit_code == 0
    assert [(one.name, one.numbers[0].e164) for one in addresses()] == [
        ("Müller", "+4922147101"),
        ("Weiß", "+4922147102"),
    ]


def test_addresses_that_are_there_can_be_left_or_emptied(app: Flask, tmp_path: Path) -> None:
    create_address({"name": "Müller", "customer_number": "K-1", "city": "Berlin"})
    path = file(tmp_path, "Kundennummer;Name;Ort\nK-1;Neu;\nK-2;Weiß;\n")
    done = run(app, path, "--leave-existing")
    assert "1 created, 0 changed, 0 as they were, 1 left alone, 0 refused" in done.output
    assert addresses()[0].name == "Müller"
    run(app, path)
    assert (addresses()[0].name, addresses()[0].city) == ("Neu", "Berlin")
    run(app, path, "--clear-empty")
    assert addresses()[0].city == ""


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "holds no rows."),
        (b"PK\x03\x04", "is a spreadsheet: save it as CSV first."),
        (b"BEGIN:VCARD\n", "holds vCards and no table."),
        (b"\x00\x01", "is no table of text."),
    ],
)
def test_a_file_that_is_no_table_is_called_by_its_name(app: Flask, tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert one_line(run(app, path)) == f"Error: The file {path} {line}"


@pytest.mark.parametrize(
    ("text", "assignment", "options", "line"),
    [
        ("Unbekannt;Auch\n1;2\n", None, (), "No column of the file is assigned: use --assignment."),
        ("Ort;Telefon\nBonn;1\n", None, (), "No column is assigned to the name, nor to a number or ID by which"),
        ("A;B\n1;2\n", "A=name\nB=name\n", (), "Two columns are assigned to name: use --assignment."),
        ("A;B\n1;2\n", "A=label\nB=name\n", (), "A label has no number column to its left."),
        ("A;B\n1;2\n", "A\n", (), "line 1: write HEADING=FIELD."),
        ("A;B\n1;2\n", "\nA=nonsense\n", (), "line 2: there is no field nonsense; see docs/import.md."),
        (GOOD, None, ("--country", "Absurdistan"), "Absurdistan is no country: give its code of two letters."),
        (GOOD, None, ("--assignment", "/nowhere"), "The file /nowhere cannot be read (FileNotFoundError)."),
        (BAD, None, ("--failures", "/nowhere/at/all"), "The file /nowhere/at/all cannot be written"),
    ],
)
def test_what_cannot_be_imported_ends_in_one_line(
    app: Flask, tmp_path: Path, text: str, assignment: str | None, options: tuple[str, ...], line: str
) -> None:
    if assignment is not None:
        (tmp_path / "a.txt").write_text(assignment, "utf-8")
        options = ("--assignment", str(tmp_path / "a.txt"))
    assert line in one_line(run(app, file(tmp_path, text), *options))


def test_a_file_that_is_not_there_ends_in_one_line(app: Flask, tmp_path: Path) -> None:
    line = one_line(run(app, tmp_path / "nothing.csv"))
    assert line == f"Error: The file {tmp_path / 'nothing.csv'} cannot be read (No such file or directory)."
    assert one_line(run(app, tmp_path)) == f"Error: {tmp_path} is a folder."


def test_the_help_names_every_option(app: Flask) -> None:
    told = run(app, "--help").output
    for option in ("--dry-run", "--encoding", "--separator", "--no-headings", "--assignment", "--country", "--role",
                   "--leave-existing", "--clear-empty", "--failures"):  # fmt: skip
        assert option in told
