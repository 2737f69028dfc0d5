"""The provider that docs/providers.md builds: its files as they stand on that page, and nothing else."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import ProviderType

PAGE = Path(__file__).parents[3] / "docs" / "providers.md"
KEY = "doorphone"
#: ``**`doorphone/parse.py`**`` and the block behind it.
_FILE = re.compile(rf"^\*\*`{KEY}/([A-Za-z_/.-]+)`\*\*\n+```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PACKAGE = "providers_of_the_guide"


def files() -> dict[str, str]:
    """The files of the page by their path in the folder."""
    return dict(_FILE.findall(PAGE.read_text("utf-8")))


@cache
def provider_type() -> ProviderType:
    """The provider, found by the scan that finds all others."""
    package = Path(_kept().name) / _PACKAGE
    for name, text in {"__init__.py": "", **{f"{KEY}/{name}": text for name, text in files().items()}}.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    sys.path.append(str(package.parent))
    return registry.scan([str(package)], _PACKAGE)[KEY]


@cache
def _kept() -> TemporaryDirectory[str]:
    """Removed when the process ends."""
    return TemporaryDirectory(prefix="guide-")
