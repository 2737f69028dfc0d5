from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.registry import BadProvider, UnknownProvider
from tests.unit.contract.fake_http import FakeHttp
from tests.unit.contract.subjects import CLOCK

DECLARED = """
from tests.unit.contract.recording import PROVIDER as RECORDING
from dataclasses import replace
from app.modules.callcenter.providers.tel.provider import TelSettings
PROVIDER = replace(RECORDING, key={key!r}, settings=TelSettings)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of providers, empty so far."""
    package = tmp_path / "some_providers"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("some_providers")]:
        monkeypatch.delitem(sys.modules, name)
    return package


def add(package: Path, name: str, text: str) -> None:
    (package / name).mkdir()
    (package / name / "__init__.py").write_text(text)


def test_the_providers_of_this_house_are_found() -> None:
    found = list(registry.provider_types())
    assert found == sorted(found)
    assert {"cti", "placetel", "tel"} <= set(found)
    assert registry.provider_type("placetel").title == "Placetel"


def test_an_unknown_provider_is_a_lookup_error() -> None:
    with pytest.raises(UnknownProvider):
        registry.build("asterisk", None, FakeHttp(), CLOCK)


def test_a_new_folder_is_a_new_provider_and_nothing_else_is_edited(folder: Path) -> None:
    add(folder, "nfon", DECLARED.format(key="nfon"))
    (folder / "base.py").touch()  # a module beside the folders is none
    assert list(registry.scan([str(folder)], "some_providers")) == ["nfon"]


@pytest.mark.parametrize("text", ["", "PROVIDER = 'nfon'", DECLARED.format(key="other")])
def test_a_folder_that_declares_nothing_or_another_key_is_refused(folder: Path, text: str) -> None:
    add(folder, "nfon", text)
    with pytest.raises(BadProvider, match="nfon"):
        registry.scan([str(folder)], "some_providers")


def test_a_setting_that_nobody_would_be_asked_for_is_refused(folder: Path) -> None:
    add(folder, "nfon", DECLARED.replace(", settings=TelSettings", "").format(key="nfon"))
    with pytest.raises(BadProvider, match="setting secret of nfon"):
        registry.scan([str(folder)], "some_providers")
