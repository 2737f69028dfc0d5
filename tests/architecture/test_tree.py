"""What a careful reader would stop at, found by pattern: in the files' sizes and names, in code, locks and tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, python_files

LINES = 400
FOLDERS = ("app", "simulator", "scripts", "benchmarks", "tests", "templates", "static/js", "static/css")
SAY_NOTHING = re.compile(r"(utils?|helpers?|managers?|misc|common)\.(py|js|css|html)")


def test_no_file_is_longer_than_400_lines() -> None:
    long = {place(path): n for path in own_files() if (n := line_count(path.read_text("utf-8"))) > LINES}
    assert not long, f"split by subject: {long}"


def test_every_file_name_says_what_is_inside() -> None:
    assert not [place(path) for path in own_files() if says_nothing(path.name)]


@pytest.mark.parametrize(
    "name", ["requirements.in", "requirements-dev.in", "requirements.lock", "requirements-dev.lock", ".npmrc"]
)
def test_the_python_locks_name_no_host(name: str) -> None:
    assert_no_line(ROOT / name, names_a_host)


@pytest.mark.parametrize("name", ["package.json", "package-lock.json"])
def test_the_npm_lock_names_no_host(name: str) -> None:
    assert_no_line(ROOT / name, names_a_host)


def test_every_locked_package_has_a_version_and_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert not unpinned((ROOT / name).read_text("utf-8")), name


def test_the_development_lock_holds_the_running_one() -> None:
    running, development = (
        versions((ROOT / f"{n}.lock").read_text("utf-8")) for n in ("requirements", "requirements-dev")
    )
    assert running.items() <= development.items()


def test_phone_numbers_are_never_searched_by_like() -> None:
    for path in python_files("app"):
        assert_no_line(path, searches_numbers_by_like)


def test_every_exception_from_a_rule_has_its_reason_on_the_line() -> None:
    for path in [
        *python_files("app", "simulator", "scripts", "tests", "migrations"),
        ROOT / "config.py",
        ROOT / "loglines.py",
        ROOT / "wsgi.py",
    ]:
        assert_no_line(path, is_exception_without_reason)


def test_no_work_is_left_for_later() -> None:
    for path in own_files():
        assert_no_line(path, leaves_work)


def test_no_test_can_be_left_out() -> None:
    for path in python_files("tests"):
        assert_no_line(path, leaves_a_test_out)


def own_files() -> Iterator[Path]:
    """The text files that we wrote, of the kinds that people read as code."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".js", ".css", ".html", ".sh"} and not {"node_modules", "vendor"} & set(
                path.parts
            ):
                yield path


def line_count(text: str) -> int:
    return len(text.splitlines())


def says_nothing(name: str) -> bool:
    return SAY_NOTHING.fullmatch(name) is not None


def names_a_host(line: str) -> bool:
    return "://" in line or "registry." in line


def versions(lock: str) -> dict[str, str]:
    """Name → version and marker of every package in a lock, markers left away."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock, re.MULTILINE))


def unpinned(lock: str) -> list[str]:
    """The entries of a lock without an exact version or without a hash."""
    entries = re.split(r"\n(?=\S)", lock.strip())
    return [e.splitlines()[0] for e in entries if not re.match(r"[a-z0-9-]+==\S", e) or "--hash=sha256:" not in e]


def searches_numbers_by_like(line: str) -> bool:
    code = re.sub(r"(customer|supplier)_number", "", line.partition("#")[0])
    # On a column, startswith, endswith and contains are LIKE under another name.
    likes = re.search(r"\.i?like\(|\bI?LIKE\b ?['\"%:?]|\b[A-Z]\w+\.\w+\.\w*(startswith|endswith|contains)\(", code)
    return bool(likes and re.search(r"phone|e164|stem|number", code, re.IGNORECASE))


def is_exception_without_reason(line: str) -> bool:
    found = re.search(r"#\s*(noqa(: *[A-Z0-9, ]+)?|type: *ignore(\[[^\]]*\])?|pragma:[\w ]*)(?P<rest>.*)", line)
    return bool(found and not re.search(r"[^\W\d_]{2,}", found["rest"]))


def leaves_work(line: str) -> bool:
    return bool(UNFINISHED.search(line))


def leaves_a_test_out(line: str) -> bool:
    return bool(LEFT_OUT.search(line))


# Put together, so that this file does not hold the words that it looks for.
UNFINISHED = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK", "NotImplemented" + "Error"]) + r")\b"
)
LEFT_OUT = re.compile(
    "|".join(
        [
            r"\bsk" + r"ip(if|Test|_module|ped)?\(",
            r"mark\.sk" + "ip",
            "xf" + "ail",
            "import" + "orskip",
            "collect_" + "ignore",
            "de" + "select",
        ]
    )
)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def assert_no_line(path: Path, wrong: Callable[[str], bool]) -> None:
    lines = path.read_text("utf-8").splitlines()
    found = [f"{place(path)}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if wrong(line)]
    assert not found, "\n".join(found)


# ------------------------------------------------------------------------------------ that these checks can fail


def test_the_check_of_lengths_counts_lines() -> None:
    assert line_count("x\n" * 401) > LINES >= line_count("x\n" * 400)


@pytest.mark.parametrize("name", ["util.py", "utils.py", "helpers.js", "manager.py", "common.css", "misc.html"])
def test_the_check_of_names_sees(name: str) -> None:
    assert says_nothing(name)
    assert not says_nothing(f"phone_{name}")


def test_the_check_of_locks_sees_a_host_a_missing_hash_and_a_range() -> None:
    assert names_a_host("--index-url https://example.test/simple")
    assert names_a_host('"resolved": "registry.example.test/x.tgz"')
    good = "a==1 \\\n    --hash=sha256:00\nb==2 ; sys_platform == 'win32' \\\n    --hash=sha256:00"
    assert unpinned(good) == []
    assert unpinned("a==1\n" + good) == ["a==1"]
    assert unpinned(good + "\nc>=3 \\\n    --hash=sha256:00") == ["c>=3 \\"]
    assert versions(good) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "line",
    [
        "select(PhoneNumber).where(PhoneNumber.e164.like(f'%{digits}'))",
        "query.filter(Address.phone.ilike(text))",
        "text('SELECT id FROM phone_number WHERE e164 LIKE :suffix')",
        "PhoneNumber.raw.endswith(last_eight)",
        "PhoneNumber.e164.icontains(digits)",
    ],
)
def test_the_check_of_like_sees(line: str) -> None:
    assert searches_numbers_by_like(line)


@pytest.mark.parametrize(
    "line",
    ["Address.customer_number.ilike(start)", 'e164.endswith("0")', "Address.name.ilike(text)  # not a phone number"],
)
def test_other_columns_may_be_searched_by_like(line: str) -> None:
    assert not searches_numbers_by_like(line)


@pytest.mark.parametrize(
    "mark", ["# noqa", "# noqa: S101", "# type: ignore", "# type: ignore[arg-type]", "# pragma: no cover"]
)
def test_the_check_of_exceptions_wants_a_reason(mark: str) -> None:
    assert is_exception_without_reason(f"x = 1  {mark}")
    assert not is_exception_without_reason(f"x = 1  {mark} – the package publishes no types") or "pragma" in mark


def test_the_check_of_unfinished_work_sees() -> None:
    for word in ("TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error"):
        assert leaves_work(f"# {word}: later")
    assert not leaves_work("the hacksaw and the method are done")


def test_the_check_of_tests_left_out_sees() -> None:
    for line in (
        "@pytest.mark.sk" + "ip",
        "@pytest.mark.sk" + "ipif(no_browser)",
        "pytest.sk" + "ip('no browser')",
        "@pytest.mark.xf" + "ail(strict=True)",
        "browser = pytest.import" + "orskip('playwright')",
    ):
        assert leaves_a_test_out(line)
    assert not leaves_a_test_out("def test_a_card_can_be_sk" + "ipped_by_keyboard() -> None:")
