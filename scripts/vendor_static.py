"""Copies the pinned files of the npm packages in package.json into static/vendor, with their licences; what only the
browser tests need into tests/browser/vendor.

Run by `make vendor`. The result depends on package.json, package-lock.json and the files in scripts/vendored
only, so a second run changes nothing. `--lock` renews package-lock.json instead, free of any address.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / "scripts" / "vendored"
TARGET = ROOT / "static" / "vendor"
TESTS_TARGET = ROOT / "tests" / "browser" / "vendor"
SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Package:
    """One npm package: the folder it gets and the files it gives, as paths inside the package."""

    name: str
    folder: str
    files: tuple[str, ...]
    licence: Path | None = None  # ours, for a package that carries none


PACKAGES = (
    Package(
        "@tabler/core",
        "tabler",
        ("dist/css/tabler.min.css", "dist/js/tabler.min.js"),
        OURS / "tabler-LICENSE",
    ),
    Package("@tabler/icons", "tabler-icons", ()),
    Package("chart.js", "chart.js", ("dist/chart.umd.min.js",)),
    Package("htmx.org", "htmx", ("dist/htmx.min.js",)),
    Package("socket.io-client", "socket.io-client", ("dist/socket.io.esm.min.js",)),
    Package(
        "@fontsource-variable/inter",
        "inter",
        ("files/inter-latin-wght-normal.woff2", "files/inter-latin-ext-wght-normal.woff2"),
    ),
)

#: Never served: the browser tests put them into pages.
TESTS_PACKAGES = (Package("axe-core", "axe-core", ("axe.min.js",)),)

README = """\
# Files of others

Copied here by `make vendor` from the npm packages pinned in package.json and package-lock.json and committed.
{use} To change them, edit scripts/vendor_static.py or scripts/vendored/ and run
`make vendor` again.

| package | version | licence | files |
|---|---|---|---|
"""


def npm(*arguments: str, folder: Path) -> None:
    """Runs npm in a folder; ends the program with npm's own words when it fails."""
    if shutil.which("npm") is None:
        sys.exit("make vendor needs npm; on Debian: sudo apt-get install npm")
    done = subprocess.run(["npm", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed:\n{done.stderr}")


def without_source_map(text: str) -> str:
    """The text without the comment that names a source map: no map is served, a browser would get a 404."""
    text = re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", text)
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE).rstrip() + "\n"


def without_remote(name: str, text: str) -> str:
    """The style sheet, if it loads nothing from another host; ends the program otherwise."""
    if found := re.search(r"""@import[^;]*//|url\(\s*["']?\s*(?:https?:)?//[^)]*""", text):
        sys.exit(f"{name} loads something from another host: {found.group()[:100]}")
    return text


def icon_names() -> list[str]:
    """The names in icons.txt, each once, in order of the alphabet."""
    lines = (line.strip() for line in (OURS / "icons.txt").read_text("utf-8").splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def sprite(icons: Path) -> str:
    """One SVG with a symbol for each icon, drawn with strokes in the colour of the text around it."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.Element(f"{{{SVG}}}svg")
    for name in icon_names():
        source = icons / f"{name}.svg"
        if not source.is_file():
            sys.exit(f"scripts/vendored/icons.txt: Tabler has no outline icon named {name}")
        symbol = ElementTree.SubElement(
            root,
            f"{{{SVG}}}symbol",
            {
                "id": name,
                "viewBox": "0 0 24 24",
                "fill": "none",
                "stroke": "currentColor",
                "stroke-width": "2",
                "stroke-linecap": "round",
                "stroke-linejoin": "round",
            },
        )
        # The first path of each icon is an invisible frame of the full size; the viewBox says the same.
        drawn = [part for part in ElementTree.parse(source).getroot() if part.get("d") != "M0 0h24v24H0z"]
        for part in drawn:
            part.tail = None
            symbol.append(part)
        symbol.tail = "\n"
    root.text = "\n"
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def licence_of(package: Package, source: Path) -> Path:
    """The package's licence file, or ours where it has none."""
    if package.licence:
        return package.licence
    found = sorted(path for path in source.iterdir() if path.name.upper().startswith("LICEN"))
    if not found:
        sys.exit(f"{package.name} has no licence file")
    return found[0]


def copy(package: Package, modules: Path, target: Path) -> str:
    """Copies one package's files; returns its row for the table."""
    source, folder = modules / package.name, target / package.folder
    folder.mkdir(parents=True)
    about = json.loads((source / "package.json").read_text("utf-8"))
    for path in package.files:
        origin, copied = source / path, folder / Path(path).name
        if origin.suffix in {".css", ".js"}:
            text = without_remote(package.name, without_source_map(origin.read_text("utf-8")))
            copied.write_text(text, "utf-8")
        else:
            copied.write_bytes(origin.read_bytes())
    licence = licence_of(package, source).read_text("utf-8").strip() + "\n"
    (folder / "LICENSE").write_text(licence, "utf-8")
    names = [f"{package.folder}/{Path(path).name}" for path in package.files] or ["icons.svg"]
    return f"| {package.name} | {about['version']} | {about['license']} | {', '.join(names)} |\n"


def vendor() -> None:
    """Makes both folders anew."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(ROOT / file, work / file)
        npm("ci", "--ignore-scripts", folder=work)
        modules, made, for_tests = work / "node_modules", work / "vendor", work / "tests"
        fill(made, PACKAGES, modules, "A clone serves them without npm.")
        (made / "icons.svg").write_text(sprite(modules / "@tabler/icons/icons/outline"), "utf-8")
        fill(for_tests, TESTS_PACKAGES, modules, "Only the browser tests use them; they are never served.")
        for folder, target in ((made, TARGET), (for_tests, TESTS_TARGET)):
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(folder, target)
            files = sum(1 for path in target.rglob("*") if path.is_file())
            print(f"{target.relative_to(ROOT)}: {files} files")


def fill(folder: Path, packages: Sequence[Package], modules: Path, use: str) -> None:
    """Copies the packages into a new folder, with a table of them."""
    rows = [copy(package, modules, folder) for package in packages]
    (folder / "README.md").write_text(README.format(use=use) + "".join(rows), "utf-8")


def renew_lock() -> None:
    """Writes package-lock.json for the versions in package.json, with no registry's or sponsor's address."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            if (ROOT / file).exists():
                shutil.copy(ROOT / file, work / file)
        npm("install", "--package-lock-only", "--ignore-scripts", folder=work)
        lock = json.loads((work / "package-lock.json").read_text("utf-8"))
    for entry in lock["packages"].values():
        entry.pop("funding", None)
        entry.pop("resolved", None)
    text = json.dumps(lock, indent=2, ensure_ascii=False) + "\n"
    if "://" in text:
        sys.exit("package-lock.json would name an address")
    (ROOT / "package-lock.json").write_text(text, "utf-8")
    print(f"package-lock.json: {len(lock['packages']) - 1} packages")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lock", action="store_true", help="renew package-lock.json instead")
    if parser.parse_args().lock:
        renew_lock()
    else:
        vendor()
