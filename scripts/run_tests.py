"""What `make test` runs once the environment stands: the checks, then every level of tests; sums them up in a table.

    python -m scripts.run_tests [STEP…]     all steps, or only those named (see the table for the names)

Every step runs even when an earlier one has failed. A level of tests fails when a test fails, and also when it ran
nothing, skipped, expected a failure or left a test out: a level that did not run whole has shown nothing.
Quiet on success; the whole output of what failed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.services import ServerDidNotStart, postgres_server

ROOT = Path(__file__).resolve().parent.parent
STEP_SECONDS = 60 * 60  # a step that hangs must not hold up the rest for ever
LANES = 2  # steps that run side by side

# Settings of a developer's own server must not reach the tests, nor options of his pytest.
FOREIGN_VARIABLES = re.compile(
    r"(FLASK_|PYTEST_|HYPOTHESIS_).*|SECRET_KEY|DATABASE_URL|REDIS_URL|DATA_DIR|HOST|PORT|MAX_SOCKETS|PYTHONWARNINGS"
)
COLUMNS = (("passed", 7), ("failed", 7), ("skipped", 8))  # of the table: what is counted, and how wide
COUNTS = re.compile(r"(\d+) (passed|failed|skipped|deselected|xfailed|xpassed|error)s?\b")

RUNNING: list[subprocess.Popen[bytes]] = []  # the steps under way, to be ended when we are


@dataclass(frozen=True)
class Step:
    """A command of its own; a level of tests when it has paths of tests."""

    name: str
    command: tuple[str, ...]
    tests: tuple[str, ...] = ()
    alone: bool = False  # measures time or needs the machine's attention: nothing beside it


def python(*arguments: str) -> tuple[str, ...]:
    """A module run by our own interpreter."""
    return (sys.executable, "-m", *arguments)


def level(name: str, *paths: str, options: Sequence[str] = (), alone: bool = False) -> Step:
    """A level of tests: pytest over the folders, with bounded and repeatable examples from Hypothesis."""
    command = python("pytest", "-q", "--hypothesis-profile=ci", *options, *paths)
    return Step(name, command, paths, alone)


def program(name: str) -> str:
    """A program beside our interpreter, in the same environment."""
    return str(Path(sys.executable).parent / name)


STEPS = (
    Step("mypy", python("mypy")),
    Step("ruff", python("ruff", "check", ".")),
    Step("format", python("ruff", "format", "--check", ".")),
    Step("imports", (program("lint-imports"), "--no-logo")),
    Step("translations", python("scripts.translations", "--check")),
    level("unit", "tests/unit", "tests/simulator", "tests/architecture"),
    level("sqlite", "tests/integration", options=["--database=sqlite"]),
    level("postgresql", "tests/integration", "tests/postgresql", options=["--database=postgresql"]),
    level("migrations", "tests/migrations"),
    level("cluster", "tests/cluster", options=["--database=postgresql"], alone=True),
    level("browser", "tests/browser", options=["--numprocesses=2", "--dist=loadfile"], alone=True),
)


@dataclass
class Result:
    """What came of a step."""

    step: Step
    seconds: float
    output: str
    exit_code: int
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """Why the step has failed, in words; empty when it has not."""
        found = [f"exit code {self.exit_code}"] if self.exit_code else []
        if self.step.tests:
            if not self.counts.get("passed"):
                found.append("no test passed")
            found += [f"{n} {kind}" for kind, n in self.counts.items() if kind != "passed" and n]
        return found


def outside_all_levels(steps: Sequence[Step], tests: Path) -> list[str]:
    """Files of tests that no level runs, as paths from the root."""
    root = tests.parent
    roots = [root / path for step in steps for path in step.tests]
    files = sorted(path for path in tests.rglob("test_*.py") if "__pycache__" not in path.parts)
    return [str(path.relative_to(root)) for path in files if not any(path.is_relative_to(r) for r in roots)]


def counted(report: Path, output: str) -> dict[str, int]:
    """The counts of a pytest run: from its JUnit report; what that does not tell, from the last line it printed."""
    counts = {"passed": 0, "failed": 0, "skipped": 0, "deselected": 0, "xpassed": 0}
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")
    except (FileNotFoundError, ElementTree.ParseError):
        return counts
    for suite in suites:
        total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))  # xfailed is "skipped" here
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        counts["failed"] += failed
        counts["skipped"] += skipped
        counts["passed"] += max(0, total - skipped - failed)
    last = output.rstrip().rpartition("\n")[2]
    for number, kind in COUNTS.findall(last):
        if kind in {"deselected", "xpassed"}:
            counts[kind] = int(number)
    return counts


def run(step: Step, folder: Path, environment: dict[str, str]) -> Result:
    """Runs a step to its end, or ends it with everything it has started after STEP_SECONDS."""
    report, log = folder / f"{step.name}.xml", folder / f"{step.name}.log"
    command = [*step.command, *([f"--junitxml={report}"] if step.tests else [])]
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that it can be ended as a whole
        )
        RUNNING.append(process)
        try:
            exit_code = process.wait(STEP_SECONDS)
        except subprocess.TimeoutExpired:
            end(process)
            exit_code = 124
        RUNNING.remove(process)
    text = log.read_text("utf-8", "replace")
    counts = counted(report, text) if step.tests else {}
    return Result(step, time.monotonic() - began, text, exit_code, counts)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a step: first as Ctrl-C would, so that it stops its servers; then by force."""
    for wish in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, wish)
            process.wait(15)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return


def told(result: Result) -> Result:
    """Prints a line about a step that has ended, and all that it said when it has failed."""
    if result.problems:
        line = "=" * 40
        print(f"{line} {result.step.name}\n{result.output.rstrip()}\n{line}", flush=True)
        print(f"FAILED  {result.step.name}: {', '.join(result.problems)}", flush=True)
    else:
        print(f"ok      {result.step.name}  ({result.seconds:.0f} s)", flush=True)
    return result


def table(results: Sequence[Result], seconds: float) -> str:
    """The table at the end."""
    lines = [f"{'step':<12} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}"]
    for result in results:
        cells = "".join(f" {result.counts[kind]:>{width}}" for kind, width in COLUMNS) if result.counts else " " * 25
        verdict = "; ".join(result.problems) or "ok"
        lines.append(f"{result.step.name:<12}{cells} {result.seconds:>8.1f}  {verdict}")
    lines.append(f"{'together':<12}{' ' * 25} {seconds:>8.1f}")
    return "\n".join(lines)


def closing_line(results: Sequence[Result], failed_otherwise: int) -> str:
    """'N passed, N failed' over all levels; a check or a level that failed without a failed test counts as one."""
    totals = {kind: sum(result.counts.get(kind, 0) for result in results) for kind, _ in COLUMNS}
    failed = totals["failed"] + failed_otherwise
    failed += sum(1 for result in results if result.problems and not result.counts.get("failed"))
    skipped = f", {totals['skipped']} skipped" if totals["skipped"] else ""
    return f"{totals['passed']} passed, {failed} failed{skipped}"


def run_all(steps: Sequence[Step], folder: Path, environment: dict[str, str]) -> list[Result]:
    """Runs the steps side by side, then one by one those that want to be alone."""
    with ThreadPoolExecutor(max_workers=LANES) as lanes:
        try:
            together = [lanes.submit(run, step, folder, environment) for step in steps if not step.alone]
            results = [told(future.result()) for future in together]
            return results + [told(run(step, folder, environment)) for step in steps if step.alone]
        finally:  # after Ctrl-C: nothing that was started stays behind
            lanes.shutdown(wait=False, cancel_futures=True)
            for process in list(RUNNING):
                end(process)


def main(names: Sequence[str]) -> int:
    """Runs the named steps, or all; 0 when everything passed, else 1."""
    if unknown := set(names) - {step.name for step in STEPS}:
        sys.exit(f"no step named {', '.join(sorted(unknown))}; there are: {', '.join(step.name for step in STEPS)}")
    steps = [step for step in STEPS if not names or step.name in names]
    environment = {k: v for k, v in os.environ.items() if not FOREIGN_VARIABLES.fullmatch(k)}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="durchwahl-tests-") as folder, postgres_server() as prefix:
        results = run_all(steps, Path(folder), {**environment, "TEST_POSTGRES_URL": prefix})
    outside = outside_all_levels(STEPS, ROOT / "tests")
    print(f"\n{table(results, time.monotonic() - began)}\n")
    for path in outside:
        print(f"FAILED  {path} belongs to no level of scripts/run_tests.py")
    print(closing_line(results, len(outside)))
    return 1 if outside or any(result.problems for result in results) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped then, too
    try:
        sys.exit(main(sys.argv[1:]))
    except ServerDidNotStart as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
