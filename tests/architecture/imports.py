"""What a Python file imports, by its syntax tree: imports inside functions and under TYPE_CHECKING count, too."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Import:
    """One name that a file imports, as a full dotted path: "app.core.values.Money" or "app.core.values"."""

    name: str
    line: int
    for_types_only: bool

    def is_of(self, *packages: str) -> bool:
        """True when the name is one of the packages or something inside one."""
        return any(self.name == package or self.name.startswith(package + ".") for package in packages)

    @property
    def is_standard_library(self) -> bool:
        return self.name.partition(".")[0] in sys.stdlib_module_names


def module_name(path: Path) -> str:
    """The dotted name of a file of the project."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python_files(*folders: str) -> list[Path]:
    """The Python files under folders of the project."""
    files = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert files, f"no Python file under {folders}"
    return files


def imports_of(path: Path) -> list[Import]:
    """The imports of a file of the project."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    return imports_in(path.read_text("utf-8"), package)


def imports_in(source: str, package: str) -> list[Import]:
    """The imports of a source text that stands in the package."""
    return list(_walk(ast.parse(source), package, for_types_only=False))


def _walk(node: ast.AST, package: str, *, for_types_only: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno, for_types_only)
    elif isinstance(node, ast.ImportFrom):
        dots = "." * node.level
        origin = importlib.util.resolve_name(dots + (node.module or ""), package) if dots else node.module
        for alias in node.names:
            yield Import(f"{origin}.{alias.name}", node.lineno, for_types_only)
    elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for guarded in node.body:
            yield from _walk(guarded, package, for_types_only=True)
        for other in node.orelse:
            yield from _walk(other, package, for_types_only=for_types_only)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _walk(child, package, for_types_only=for_types_only)
