"""docs/data-classes.md names the class of every column as the removal of a person knows it.

``python -m tests.integration.callcenter.test_data_classes`` writes its tables anew after a change.
"""

from __future__ import annotations

from pathlib import Path

from tests.integration.callcenter.personal_columns import CLEARED, KEPT, NOTHING, SECRET, listed

PAGE = Path(__file__).resolve().parents[3] / "docs" / "data-classes.md"
CLASSES = {"secret": SECRET, "personal": CLEARED, "kept": KEPT, "ours": NOTHING}


def table(name: str) -> str:
    """The columns of a class; one that holds a secret stands there only."""
    secret = listed(SECRET)
    lines = ["| table | columns |", "|---|---|"]
    for where, names in sorted(CLASSES[name].items()):
        shown = [one for one in names.split() if name == "secret" or f"{where}.{one}" not in secret]
        if shown:
            lines.append(f"| `{where}` | {', '.join(f'`{one}`' for one in shown)} |")
    return "\n".join(lines) + "\n"


def renewed(text: str) -> str:
    for name in CLASSES:
        before, began, rest = text.partition(f"<!-- {name} -->\n")
        _old, ended, after = rest.partition(f"<!-- end of {name} -->")
        assert began, name
        assert ended, name
        text = f"{before}{began}{table(name)}{ended}{after}"
    return text


def test_the_classes_on_the_page_are_those_of_the_columns() -> None:
    text = PAGE.read_text("utf-8")
    assert renewed(text) == text, "python -m tests.integration.callcenter.test_data_classes"


def test_every_secret_is_a_column_that_has_a_class_besides() -> None:
    assert listed(SECRET) <= listed(CLEARED) | listed(KEPT) | listed(NOTHING)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
