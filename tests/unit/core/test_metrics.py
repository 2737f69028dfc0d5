from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.metrics import BUCKETS, Family, Metrics, added
from app.core.metrics_files import Shared

DONE = Family("done_total", "counter", "What was done.", ("what", "how"))
TRIED = Family("tried_total", "counter", "What was tried.")
TOOK = Family("took_seconds", "histogram", "How long it took.")
OPEN = Family("open", "gauge", "What is open.")
SHARED = Family("shared", "gauge", "What all see alike.")


def make(value: float = 3.0) -> Metrics:
    metrics = Metrics()
    metrics.declare(DONE, TRIED, TOOK)
    metrics.gauge(OPEN, lambda: {(): value})
    metrics.common_gauge(SHARED, lambda: {(): 7.0})
    return metrics


def line(text: str, begin: str) -> str:
    """The value on the one line that begins so."""
    (found,) = (one for one in text.splitlines() if one.startswith(f"{begin} "))
    return found.rpartition(" ")[2]


def test_a_counter_is_told_by_its_labels() -> None:
    metrics = make()
    metrics.count(DONE, "bread", "well")
    metrics.count(DONE, "bread", "well", by=2)
    metrics.count(DONE, "cake", 'with "sugar"\n')
    text = metrics.text(metrics.samples())
    assert "# HELP done_total What was done.\n# TYPE done_total counter\n" in text
    assert line(text, 'done_total{what="bread",how="well"}') == "3"
    assert r'done_total{what="cake",how="with \"sugar\"\n"} 1' in text


def test_what_has_no_labels_is_told_before_anything_happened() -> None:
    metrics = make()
    text = metrics.text(metrics.samples())
    assert line(text, "tried_total") == "0"
    assert line(text, "took_seconds_count") == "0"
    assert line(text, "open") == "3"


@pytest.mark.parametrize(
    ("seconds", "first"), [(0.0, "0.0025"), (0.0025, "0.0025"), (0.0026, "0.005"), (10.0, "10"), (11.0, "+Inf")]
)
def test_a_time_counts_in_its_bucket_and_in_all_above(seconds: float, first: str) -> None:
    metrics = make()
    metrics.observe(TOOK, seconds)
    text = metrics.text(metrics.samples())
    bounds = [*(f"{bound:g}" for bound in BUCKETS), "+Inf"]
    told = [line(text, f'took_seconds_bucket{{le="{bound}"}}') for bound in bounds]
    reached = bounds.index(first)
    assert told == ["0"] * reached + ["1"] * (len(bounds) - reached)
    assert float(line(text, "took_seconds_sum")) == seconds
    assert line(text, "took_seconds_count") == "1"


def test_a_name_is_counted_once() -> None:
    with pytest.raises(ValueError, match="done_total"):
        make().declare(DONE)


def test_the_figures_of_two_are_added() -> None:
    first, second = make(1.0), make(2.0)
    first.count(TRIED)
    second.count(TRIED, by=4)
    second.count(DONE, "bread", "well")
    text = first.text(added([first.samples(), second.samples()]))
    assert line(text, "tried_total") == "5"
    assert line(text, 'done_total{what="bread",how="well"}') == "1"
    assert line(text, "open") == "3"


def test_whoever_is_asked_tells_the_figures_of_all_that_run(tmp_path: Path) -> None:
    first, second = make(1.0), make(2.0)
    asked, other = Shared(first, tmp_path, 8000), Shared(second, tmp_path, 8000)
    first.count(TRIED)
    second.count(TRIED, by=4)
    for one in (asked, other, asked):
        one.write()
    for one in (asked, other):
        assert line(one.text(), "tried_total") == "5"
        assert line(one.text(), "open") == "3"
        assert line(one.text(), "shared") == "7"
    asked.end()
    other.end()


def test_counts_outlive_their_worker_once_and_what_was_open_does_not(tmp_path: Path) -> None:
    first, second = make(1.0), make(2.0)
    asked, ended = Shared(first, tmp_path, 8000), Shared(second, tmp_path, 8000)
    second.count(TRIED, by=4)
    ended.write()
    second.count(TRIED)
    ended.end()
    for _repeated in range(3):
        asked.write()
        assert line(asked.text(), "tried_total") == "5"
        assert line(asked.text(), "open") == "1"
    asked.end()


def test_another_instance_with_the_same_folder_is_not_added(tmp_path: Path) -> None:
    first, second = make(), make()
    second.count(TRIED, by=4)
    one, other = Shared(first, tmp_path, 8000), Shared(second, tmp_path, 8001)
    one.write()
    other.write()
    assert line(one.text(), "tried_total") == "0"
    one.end()
    other.end()


KILLED = """
import os, signal, sys
from pathlib import Path
from app.core.metrics_files import Shared
from tests.unit.core.test_metrics import TRIED, make
metrics = make()
metrics.count(TRIED, by=7)
Shared(metrics, Path(sys.argv[1]), 8000).write()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_was_killed_leaves_what_it_had_written(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    asked = Shared(make(), tmp_path, 8000)
    assert line(asked.text(), "tried_total") == "7"
    assert line(asked.text(), "open") == "3"


def test_a_full_disk_costs_the_figures_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "metrics"
    blocked.write_text("a file where a folder should be")
    figures = Shared(make(), blocked, 8000)
    figures.write()
    figures.write()
    assert len(caplog.messages) == 1
    assert line(figures.text(), "tried_total") == "0"
