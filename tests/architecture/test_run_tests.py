"""The program behind `make test` fails where it must: a level that did not run whole has shown nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scripts.run_tests import (
    FOREIGN_VARIABLES,
    STEPS,
    Result,
    Step,
    closing_line,
    level,
    outside_all_levels,
    python,
    run,
    table,
)

PASSES = "def test_one():\n    assert True\n"
FAILS = "def test_two():\n    assert False\n"
SKIPPED = "import pytest\n@pytest.mark.sk" + "ip(reason='x')\ndef test_three():\n    assert True\n"
EXPECTED = "import pytest\n@pytest.mark.xf" + "ail\ndef test_four():\n    assert False\n"


def run_level(folder: Path, source: str, *options: str) -> Result:
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")  # not our own conftest and options
    tests = folder / "test_sample.py"
    tests.write_text(source, "utf-8")
    step = level("sample", str(tests), options=["-p", "no:cacheprovider", "--rootdir", str(folder), *options])
    return run(step, folder, dict(os.environ))


def test_a_level_that_ran_whole_has_no_problem(tmp_path: Path) -> None:
    result = run_level(tmp_path, PASSES)
    assert (result.problems, result.counts["passed"]) == ([], 1)
    assert closing_line([result], 0) == "1 passed, 0 failed"


@pytest.mark.parametrize(
    ("source", "problem", "line"),
    [
        (PASSES + FAILS, "1 failed", "1 passed, 1 failed"),
        (PASSES + SKIPPED, "1 skipped", "1 passed, 1 failed, 1 skipped"),
        (PASSES + EXPECTED, "1 skipped", "1 passed, 1 failed, 1 skipped"),
        ("", "no test passed", "0 passed, 1 failed"),
        ("import nothing_of_that_name\n", "1 failed", "0 passed, 1 failed"),
        ("import os\n" + PASSES + "def test_x():\n    os._exit(0)\n", "no test passed", "0 passed, 1 failed"),
    ],
    ids=["a failure", "one left out", "a failure expected", "no test", "not importable", "ended from inside"],
)
def test_a_level_that_did_not_run_whole_fails(tmp_path: Path, source: str, problem: str, line: str) -> None:
    result = run_level(tmp_path, source)
    assert problem in result.problems
    assert closing_line([result], 0) == line


def test_a_level_that_left_tests_out_fails(tmp_path: Path) -> None:
    result = run_level(tmp_path, PASSES + FAILS, "-k", "test_one")
    assert result.exit_code == 0
    assert result.problems == ["1 de" + "selected"]


def test_a_check_that_fails_counts_as_one_failure(tmp_path: Path) -> None:
    good, bad = (run(Step(n, (sys.executable, "-c", f"exit({n})")), tmp_path, dict(os.environ)) for n in ("0", "1"))
    assert (good.problems, bad.problems) == ([], ["exit code 1"])
    assert closing_line([good, bad], 0) == "0 passed, 1 failed"
    assert "exit code 1" in table([good, bad], 1.0)


def test_what_a_step_prints_is_kept_whole(tmp_path: Path) -> None:
    result = run(Step("talks", python("this")), tmp_path, dict(os.environ))
    assert result.output.startswith("The Zen of Python")
    assert result.output.rstrip().endswith("let's do more of those!")


def test_a_test_file_in_no_level_is_named(tmp_path: Path) -> None:
    for name in ("tests/unit/test_a.py", "tests/elsewhere/test_b.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.touch()
    assert outside_all_levels(STEPS, tmp_path / "tests") == ["tests/elsewhere/test_b.py"]


def test_settings_of_a_developers_own_server_do_not_reach_the_tests() -> None:
    for name in ("DATABASE_URL", "SECRET_KEY", "REDIS_URL", "FLASK_DEBUG", "PYTEST_ADDOPTS", "PORT"):
        assert FOREIGN_VARIABLES.fullmatch(name)
    for name in ("PATH", "HOME", "TEST_POSTGRES_URL", "CI", "LANG"):
        assert not FOREIGN_VARIABLES.fullmatch(name)
