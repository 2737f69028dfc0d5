"""Collects the texts of core and of each module, keeps what is translated, and compiles it.

    python -m scripts.translations            update the .po files and compile them (`make translations`)
    python -m scripts.translations --check    change nothing; name what is missing or out of date, exit code 1

Source texts are English and stand in code and templates; German stands in the .po files. A catalogue belongs to core or
to one module: its own code, and the templates in the folder named after it. The files change only where a text does: no
line numbers and no dates of the run are written.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de",)  # English is the language of the source texts
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
COMMENT = "Translators:"  # a comment that begins so is shown to whoever translates
FIRST = datetime(2026, 1, 1, tzinfo=UTC)  # one date for all new catalogues, so that a run leaves no trace of its time


@dataclass(frozen=True)
class Source:
    """What a catalogue is collected from, and the folder that it lies in."""

    name: str
    folder: Path
    code: tuple[Path, ...]
    templates: tuple[Path, ...]


def sources() -> list[Source]:
    """Core, with every template outside the modules' folders, and each module."""
    modules = sorted(path.parent for path in (ROOT / "app" / "modules").glob("*/__init__.py"))
    templates, app = ROOT / "templates", ROOT / "app"
    of_modules = {module.name for module in modules}
    core = Source(
        "core",
        app / "core" / "translations",
        tuple(sorted((*app.glob("*.py"), *(app / "core").rglob("*.py")))),
        tuple(p for p in sorted(templates.rglob("*")) if p.relative_to(templates).parts[0] not in of_modules),
    )
    return [
        core,
        *(
            Source(
                module.name,
                module / "translations",
                tuple(sorted(module.rglob("*.py"))),
                tuple(sorted((templates / module.name).rglob("*"))),
            )
            for module in modules
        ),
    ]


def texts(source: Source) -> Iterator[tuple[str, str | tuple[str, ...], list[str], str | None]]:
    """Every text of a source: its file, the text (or singular and plural), comments, context."""
    templates = [path for path in source.templates if path.suffix in {".html", ".txt", ".xml"}]
    for method, paths in (("python", source.code), ("jinja2", templates)):
        for path in paths:
            options = {"silent": "false"} if method == "jinja2" else {}
            found = extract_from_file(method, path, KEYWORDS, [COMMENT], options, strip_comment_tags=True)
            for _line, text, comments, context in found:
                yield path.relative_to(ROOT).as_posix(), text, comments, context


def collected(source: Source) -> Catalog:
    """The texts of a source as a catalogue without translations."""
    catalog = Catalog(project="Durchwahl", creation_date=FIRST, revision_date=FIRST, fuzzy=False)
    for path, text, comments, context in texts(source):
        catalog.add(text, None, [(path, 0)], auto_comments=comments, context=context)
    return catalog


def updated(path: Path, template: Catalog, language: str) -> Catalog:
    """The catalogue of a file with exactly the template's texts; known translations are kept, none is guessed."""
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    else:
        catalog = Catalog(locale=language, project="Durchwahl", creation_date=FIRST, revision_date=FIRST)
    catalog.fuzzy = False
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    """The text form, in an order and shape that depend on the texts only."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
    return buffer.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """The compiled form."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Texts without a translation, or with one that is marked as a guess."""
    missing = []
    for message in catalog:
        forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            missing.append(message.id[0] if isinstance(message.id, list | tuple) else message.id)
    return missing


def main(*, check: bool) -> int:
    """Updates and compiles every catalogue, or checks that this would change nothing; 1 when something is amiss."""
    amiss = 0
    for source in sources():
        template = collected(source)
        if not template:
            continue
        for language in LANGUAGES:
            folder = source.folder / language / "LC_MESSAGES"
            po, mo = folder / "messages.po", folder / "messages.mo"
            catalog = updated(po, template, language)
            for path, content in ((po, po_bytes(catalog)), (mo, mo_bytes(catalog))):
                if path.exists() and path.read_bytes() == content:
                    continue
                if check:
                    print(f"{path.relative_to(ROOT)} is out of date: run `make translations`")
                    amiss += 1
                else:
                    folder.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
            for text in (missing := untranslated(catalog)):
                print(f"{po.relative_to(ROOT)} lacks a translation of: {text}")
            amiss += len(missing) if check else 0
            print(f"{source.name}: {len(catalog)} texts, {len(missing)} without a {language} translation")
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
