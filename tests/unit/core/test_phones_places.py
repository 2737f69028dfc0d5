"""Where a number comes from: places, countries and kinds of line, and what the table of them costs."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.core.phones import LINE_TYPES, Origin, classify, origin, places, plan
from app.core.phones.origins import origin_of
from app.core.values import Dialable

ROOT = Path(__file__).resolve().parents[3]
MAX_BYTES_OF_FILE, MAX_BYTES_IN_MEMORY = 300_000, 4_000_000


@pytest.mark.parametrize(
    ("e164", "country", "german", "english", "line_type"),
    [
        ("+492214710123", "DE", "Köln", "Cologne", "landline"),
        ("+498999998123", "DE", "München", "Munich", "landline"),
        ("+493023125123", "DE", "Berlin", "Berlin", "landline"),
        ("+491713920012", "DE", "Deutschland", "Germany", "mobile"),
        ("+4915301234567", "DE", "Deutschland", "Germany", "mobile"),
        ("+498003569377", "DE", "Deutschland", "Germany", "free"),
        ("+499001234567", "DE", "Deutschland", "Germany", "premium"),
        ("+491805123456", "DE", "Deutschland", "Germany", "shared_cost"),
        ("+4918512345678", "DE", "Deutschland", "Germany", "service"),
        ("+4970012345678", "DE", "Deutschland", "Germany", "personal"),
        ("+4932221234567", "DE", "Deutschland", "Germany", "voip"),
        ("+4315885812", "AT", "Wien, Österreich", "Vienna, Austria", "landline"),
        ("+41446681800", "CH", "Zürich, Schweiz", "Zurich, Switzerland", "landline"),
        ("+442079460123", "GB", "London, Vereinigtes Königreich", "London, United Kingdom", "landline"),
        ("+390212345678", "IT", "Mailand, Italien", "Milan, Italy", "landline"),
        ("+48221234567", "PL", "Warschau, Polen", "Warsaw, Poland", "landline"),
        ("+393123456789", "IT", "Italien", "Italy", "mobile"),
        ("+380441234567", "UA", "Kiew, Ukraine", "Kyiv, Ukraine", "landline"),
        ("+35226123456", "LU", "Luxemburg", "Luxembourg", "landline"),
    ],
)
def test_a_number_has_a_country_a_place_and_a_kind_of_line(
    e164: str, country: str, german: str, english: str, line_type: str
) -> None:
    found = origin_of(e164)
    assert (found.country, found.where("de"), found.where("en")) == (country, german, english)
    assert found.line_type == line_type


@pytest.mark.parametrize(
    ("e164", "country", "german"),
    [
        ("+12125550123", "US", "New York, NY, Vereinigte Staaten"),
        ("+14165550123", "CA", "Ontario, Kanada"),
        ("+17875550123", "PR", "Puerto Rico"),
        ("+74951234567", "RU", "Moskau, Russland"),
        ("+77172580123", "KZ", "Astana, Kasachstan"),
        ("+441481960194", "GG", "Guernsey"),
        ("+447911123456", "GG", "Guernsey"),
        ("+447400123456", "GB", "Vereinigtes Königreich"),
        ("+448001234567", "GB", "Vereinigtes Königreich"),
        ("+390669812345", "VA", "Vatikanstadt"),
        ("+390612345678", "IT", "Rom, Italien"),
        ("+4779123456", "SJ", "Spitzbergen und Jan Mayen"),
        ("+4748012345", "NO", "Norwegen"),
        ("+35818123456", "AX", "Ålandinseln"),
        ("+61412345678", "AU", "Australien"),
        ("+61891641234", "CX", "Weihnachtsinsel"),
        ("+59995181234", "CW", "Curaçao"),
        ("+5993181234", "BQ", "Karibische Niederlande"),
        ("+262269601234", "YT", "Mayotte"),
        ("+262262161234", "RE", "Réunion"),
    ],
)
def test_of_countries_that_share_a_code_the_right_one_is_named(e164: str, country: str, german: str) -> None:
    assert (origin_of(e164).country, origin_of(e164).where("de")) == (country, german)


@pytest.mark.parametrize("e164", ["+18005550123", "+78001234567", "+590690001234", "+590590271234"])
def test_where_several_countries_are_possible_none_is_named(e164: str) -> None:
    assert (origin_of(e164).country, origin_of(e164).where("de")) == (None, "")
    assert origin_of(e164).line_type in ("free", "mobile", "landline")


@pytest.mark.parametrize(
    ("e164", "line_type"),
    [
        ("+870773111632", "satellite"),
        ("+881612345678", "satellite"),
        ("+88216123456789", "satellite"),
        ("+883510012345678", "voip"),
        ("+80012345678", "free"),
        ("+979123456789", "premium"),
    ],
)
def test_a_number_of_no_country_is_international(e164: str, line_type: str) -> None:
    found = origin_of(e164)
    assert (found.country, found.where("de"), found.line_type) == (None, "International", line_type)


def test_the_own_country_is_named_only_where_no_place_is_known() -> None:
    assert origin_of("+492214710123").where("de", "DE") == "Köln"
    assert origin_of("+492214710123").where("de", "AT") == "Köln, Deutschland"
    assert origin_of("+4315885812").where("de", "AT") == "Wien"
    assert origin_of("+491713920012").where("de", "DE") == "Deutschland"


@pytest.mark.parametrize("raw", ["anonymous", "", None, "23", "7771234567@fpbx.de", "0123456789"])
def test_a_party_without_a_public_number_comes_from_nowhere(raw: str | None) -> None:
    assert origin(classify(raw)) is None
    assert origin(None) is None


def test_a_party_with_a_public_number_comes_from_where_the_number_does() -> None:
    assert origin(classify("00442079460123")) == origin_of("+442079460123")


def test_occupied_regions_are_not_named_after_the_occupier() -> None:
    assert origin_of("+78561234567").place is None


@given(st.sampled_from(sorted(places.table().countries)), st.text("0123456789", min_size=5, max_size=11))
def test_whatever_number_is_valid_has_an_origin_in_words_of_ours(region: str, digits: str) -> None:
    party = classify(f"+{plan.calling_code(region) or '88'}{digits}")
    found = origin(party)
    assert isinstance(found, Origin) == isinstance(party, Dialable)
    if found is not None:
        assert found.line_type in (None, *LINE_TYPES)
        assert found.country is None or places.country_names(found.country) == found.country_names
        for language in ("de", "en"):
            assert found.where(language) == " ".join(found.where(language).split())


def test_every_type_that_the_plan_tells_is_one_of_the_kinds_of_line() -> None:
    assert set(plan._LINE_TYPES.values()) | {"satellite"} == set(LINE_TYPES)


def test_countries_are_called_as_in_the_pick_lists_of_the_pages() -> None:
    known = dict(places.table().countries)
    del known[places.NO_COUNTRY]
    german, english = Locale("de").territories, Locale("en").territories
    assert known == {region: (german[region], english[region]) for region in known}
    assert len(known) == 245


def test_the_committed_table_is_the_one_that_the_sources_give() -> None:
    checked = _python("-m", "scripts.places", "--check")
    assert "up to date" in checked


def test_the_table_says_what_the_geocoder_says_of_ten_thousand_numbers() -> None:
    told = json.loads(_python("-m", "tests.unit.core.geocoder_comparison"))
    assert told["differences"] == []
    assert told["compared"] > 7_000
    assert told["places"] > 5_000


def test_the_application_never_loads_the_geocoder(tmp_path: Path) -> None:
    """Its data take 97 MB in each worker and a third of a second on the way of the first call."""
    program = """
import sys
from pathlib import Path
from app import create_app
from app.core.phones import classify, origin
from config import Config

app = create_app(Config.from_env({"SECRET_KEY": "0123456789abcdef" * 4, "DATA_DIR": sys.argv[1]}))
assert origin(classify("0221 4710123")).where("de") == "Köln"
print([name for name in sys.modules if name.startswith("phonenumbers.") and name.split(".")[1] in
       ("geocoder", "carrier", "timezone", "geodata", "carrierdata", "tzdata")])
"""
    assert _python("-c", program, str(tmp_path)).strip() == "[]"


def test_the_table_is_small_on_disk_and_in_memory() -> None:
    assert places.FILE.stat().st_size < MAX_BYTES_OF_FILE
    read = places.table.__wrapped__
    tracemalloc.start()
    try:
        table = read()
        held, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(table.begins) == len(table.marks) > 50_000
    assert held < MAX_BYTES_IN_MEMORY


def _python(*arguments: str) -> str:
    """What a process of its own prints: the geocoder must not stay in the one that runs the tests."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
