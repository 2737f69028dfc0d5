"""The part of the page about load: what held, what was saturated, what grew, and its charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import sections
from benchmarks.load import __main__ as program
from benchmarks.load import chart, report
from benchmarks.load.plan import INSTALLATIONS
from benchmarks.plan import ALL, TWO
from benchmarks.results import BARE, DURCHWAHL
from tests.unit.benchmarks.test_aims import MACHINE
from tests.unit.benchmarks.test_load_rules import SLOW_TIMES, looks, step

SQLITE, *_, TWICE = (one.name for one in INSTALLATIONS)
PROCESSES = {"instance 1": {"memory_kib": 120 * 1024, "files": 310}, "nginx": {"memory_kib": 9 * 1024, "files": 620}}


def climbed(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    rest = {
        "messages_per_second": 40.0,
        "server_cpu_ms": 9.25,
        "server_cores": 0.2,
        "machine_cores": 1.1,
        "processes": PROCESSES,
    }
    return [step(**rest, **change) for change in changes]


def soaked(kib_each_look: float, lost: int = 0) -> dict[str, Any]:
    found = looks(*((150_000.0 + kib_each_look * place, 320.0) for place in range(61)))
    sent = {"sent": 12_000, "delivered_ms": step()["delivered_ms"]}
    return {"seconds": 600.0, "looks": found, "lost": lost, "concerned": sent, "all": {"sent": 240}}


def installation(soak: dict[str, Any] | None = None, lost: int = 0) -> dict[str, Any]:
    def pipeline(*rates: float) -> dict[str, Any]:
        steps = [{"offered": rate, "achieved": rate, "sent_per_second": rate} for rate in rates]
        over = {"offered": 500.0, "achieved": 300.0, "sent_per_second": 500.0, "delivered_ms": SLOW_TIMES}
        climbs = {TWO: climbed(*steps, over), ALL: climbed({"offered": 20.0, "achieved": 7.0, "lost": lost})}
        return {"begin": PROCESSES, "connected": PROCESSES, "climbs": climbs, **({"soak": soak} if soak else {})}

    return {"pipelines": {DURCHWAHL: pipeline(20.0, 30.0), BARE: pipeline(20.0, 30.0, 45.0)}, "made": MACHINE}


def test_the_page_says_what_held_where_it_ended_and_what_was_not_measured() -> None:
    page = report.part({TWICE: installation(soaked(1.0))})
    assert "| PostgreSQL, 2 instances, 1000 connected | to two concerned | Durchwahl | 30 |" in page
    assert "500/s: 300.0/s answered; way to the screen: p99 1.0 s" in page
    assert "| to all connected | Durchwahl | none |" in page
    assert "120 + 9 | 310 + 620" in page
    assert "Not measured yet: SQLite, one instance, 300 connected; " in page
    assert "2 instances, 1000 connected | Durchwahl, instance 1 | 10.0 | 20.4 | 146.5 → 146.5 | +6.0 |" in page


def test_installations_stand_in_the_order_of_the_plan_however_they_were_measured() -> None:
    page = report.part({TWICE: installation(), SQLITE: installation()})
    assert page.index("Step by step: SQLite") < page.index("Step by step: PostgreSQL")
    assert "the soak of SQLite, one instance, 300 connected" in page
    assert "### Soak" not in page


def verdicts(found: dict[str, Any]) -> dict[str, bool | None]:
    return {one["aim"].partition(": ")[2][:12]: one["met"] for one in report.aims({SQLITE: found})}


def test_each_aim_is_judged() -> None:
    found = [one["met"] for one in report.aims({SQLITE: installation(soaked(1.0))})]
    assert found == [True, False, True, True]


@pytest.mark.parametrize(
    ("found", "aim"),
    [(installation(soaked(1.0), lost=2), "no message o"), (installation(soaked(1.0, lost=1)), "no message o")],
)
def test_a_lost_message_is_a_missed_aim(found: dict[str, Any], aim: str) -> None:
    assert verdicts(found)[aim] is False


def test_memory_that_grows_is_a_missed_aim() -> None:
    assert verdicts(installation(soaked(100.0)))["memory and o"] is False
    assert "**grows**" in report.part({SQLITE: installation(soaked(100.0))})


def test_a_step_in_which_the_measuring_program_was_the_limit_is_marked() -> None:
    found = installation()
    found["pipelines"][DURCHWAHL]["climbs"][TWO][1]["driver_cores"] = 0.95
    assert "0.20, 0.95, 1.10 ⚠" in report.part({SQLITE: found})


def test_every_chart_is_a_picture_that_tells_in_words_what_it_shows() -> None:
    pictures = report.charts({SQLITE: installation(soaked(1.0)), TWICE: installation(soaked(0.0))})
    assert set(pictures) == {*report.CLIMBS, *report.SOAKS}
    for picture in pictures.values():
        root = ElementTree.fromstring(picture)
        said = root.findtext("{http://www.w3.org/2000/svg}desc")
        assert said is not None
        assert said.startswith("SQLite, one instance, 300 connected: ")
        lines = root.findall("{http://www.w3.org/2000/svg}polyline")
        assert len(lines) == 4
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        for line in lines:
            for point in line.attrib["points"].split():
                across, down = map(float, point.split(","))
                assert chart.LEFT <= across <= chart.LEFT + chart.PANEL_WIDTH <= width
                assert 0 <= down <= height


def test_there_is_no_chart_of_what_was_not_measured() -> None:
    assert set(report.charts({SQLITE: installation()})) == set(report.CLIMBS)
    assert report.charts({}) == {}


def test_axes_reach_around_all_values() -> None:
    axis = chart.logarithmic([18.0, 520.0], "ms", (1, 2, 5))
    assert axis.ticks == (10, 20, 50, 100, 200, 500, 1000)
    assert chart.logarithmic([20.0], "", (1, 2, 5)).ticks == (20, 50)
    assert chart.linear([0.0, 9.8], "minutes").ticks == (0, 2, 4, 6, 8, 10)
    assert chart.linear([0.0, 0.0], "").share(0.0) == 0


def test_a_run_that_measures_nothing_says_so_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--quick", "--minutes", "0", "--output", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "sqlite-1x300: left out, the time is over" in said
    assert "Nothing was measured." in said
    assert list(tmp_path.iterdir()) == []


def test_only_those_without_figures_are_measured_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sections.write_figures(tmp_path, {SQLITE: installation()}, sections.LOAD_FIGURES)
    program.main(["--quick", "--missing", "--minutes", "0", "--output", str(tmp_path)])
    said = capsys.readouterr().err
    assert SQLITE not in said
    assert TWICE in said


def test_installations_have_names_of_their_own() -> None:
    names = [one.name for one in INSTALLATIONS]
    assert names == ["sqlite-1x300", "postgresql-1x500", "postgresql-1x1000", "postgresql-2x500", "postgresql-2x1000"]


def test_a_soak_of_another_run_has_a_stamp_of_its_own() -> None:
    of_one_run = {**installation(soaked(1.0)), "soaked": MACHINE}
    later = {**of_one_run, "soaked": {**MACHINE, "commit": "feedbeef0000"}}
    row = "| the soak of SQLite, one instance, 300 connected | feedbeef0000 |"
    assert row not in report.part({SQLITE: of_one_run})
    assert row in report.part({SQLITE: later})
