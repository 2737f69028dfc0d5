"""`python -m simulator`: its start, its end, its page, its documentation, and that it stands on its own."""

from __future__ import annotations

import ast
import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

import simulator as package
from simulator.quirks import Quirks
from tests.simulator.conftest import Running

FOLDER = Path(str(package.__file__)).parent
ROOT = FOLDER.parent
LABEL = "kein echtes Placetel"


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_url_and_ends_at_once_even_while_a_request_is_under_way(ending: signal.Signals):
    with _start("--port", "0", "--api-key", "k") as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        url = line.split()[-1]
        assert LABEL in line
        requests.post(f"{url}control/quirks", json={"api_slow": 60}, timeout=10)
        with socket.create_connection(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))) as waiting:
            waiting.sendall(b"GET /v2/me HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            began = time.monotonic()
            program.send_signal(ending)
            assert program.wait(10) == 0
            assert time.monotonic() - began < 3
        assert program.stderr is not None
        assert program.stderr.read() == ""


def test_a_port_in_use_is_one_clear_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with _start("--port", str(port)) as program:
            output, errors = program.communicate(timeout=20)
    assert program.returncode == 1
    assert output == ""
    assert errors == f"The simulator cannot start: 127.0.0.1:{port} is in use or not available.\n"


def test_it_listens_on_this_machine_only():
    with _start("--host", "0.0.0.0") as program:
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 2
    assert "loopback" in errors


def test_it_shares_no_code_with_the_application():
    imported = set()
    for source in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"flask", "werkzeug", "requests", "simulator"}


def test_the_page_says_everywhere_that_it_is_a_simulator(simulator: Running):
    page = requests.get(f"{simulator.base}/", timeout=10).text
    assert LABEL in re.findall(r"<title>(.*?)</title>", page)[0]
    assert LABEL in re.findall(r"<h1>(.*?)</h1>", page)[0]
    assert LABEL in re.findall(r"<footer>(.*?)</footer>", page, re.DOTALL)[0]
    assert LABEL in simulator.state()["simulator"]


def test_the_page_has_no_inline_script_or_style_and_loads_nothing_from_elsewhere(simulator: Running):
    answer = requests.get(f"{simulator.base}/", timeout=10)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", answer.text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", answer.text) == []
    files = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(files) == 3
    for file in files:
        assert requests.get(simulator.base + file, timeout=10).status_code == 200
    sources = [path.read_text("utf-8") for path in (FOLDER / "static").iterdir()]
    links = {link for source in sources for link in re.findall(r"https?://[\w.]+", source)}
    assert links <= {"http://www.w3.org"}  # the name of SVG, nothing that is loaded


def test_the_page_offers_every_quirk_and_every_demo_caller(simulator: Running):
    page = requests.get(f"{simulator.base}/", timeout=10).text
    offered = set(re.findall(r'data-quirk="(\w+)"', page))
    assert offered == {quirk.name for quirk in Quirks.describe()}
    assert page.count("data-caller=") == len(simulator.state()["callers"])


def test_the_documentation_lists_every_quirk_with_its_default():
    page = (ROOT / "docs" / "simulator.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", page, re.MULTILINE))
    assert told == {quirk.name: json.dumps(quirk.default) for quirk in Quirks.describe()}


def test_every_quirk_is_tried_by_a_test():
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_quirks_*.py"))
    assert {quirk.name for quirk in Quirks.describe() if not re.search(rf"\b{quirk.name}\b", tests)} == set()
