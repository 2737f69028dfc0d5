"""Pages keep the strict content security policy, escape what they show, and load nothing from other hosts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, python_files

VENDOR = ROOT / "static/vendor"
#: What browsers get, and what only the browser tests use.
VENDORED = (VENDOR, ROOT / "tests/browser/vendor")


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_templates_have_no_inline_script_style_or_handler() -> None:
    assert_nothing(templates(), inline_code)


def test_nothing_leaves_the_escaping_without_a_reason() -> None:
    assert_nothing([*templates(), *python_files("app")], unescaped)


def test_pages_load_nothing_from_other_hosts() -> None:
    assert_nothing(templates(), remote_in_template)
    assert_nothing([*own("css"), *VENDOR.rglob("*.css")], remote_in_style)
    assert_nothing(own("js"), remote_in_script)


def test_scripts_write_no_markup_and_run_no_text() -> None:
    assert_nothing(own("js"), dangerous_script)


#: Where a script writes under a name that it computed, and whose name that is.
COMPUTED = {
    # A place in an array.
    "static/js/callcenter/settings.js: lines[place] = `${username}:${uid}`;",
    # A field of our own form.
    (
        "static/js/addresses/note_draft.js: if (!this.held.has(name) && value !== this.known.get(name)) "
        "changed[name] = value;"
    ),
    (
        "static/js/addresses/note_draft.js: for (const name of this.held.keys()) "
        "typed[name] = fields.read(this.form, name);"
    ),
}


def test_no_script_lets_what_came_from_outside_choose_where_it_is_written() -> None:
    found = [f"{place(path)}: {line}" for path in own("js") for line in pollutable(path.read_text("utf-8"))]
    assert sorted(found) == sorted(COMPUTED)


def test_every_static_file_that_a_template_names_is_there() -> None:
    names = {name for path in templates() for name in static_names(path.read_text("utf-8"))}
    assert names, "the templates name no static file at all"
    assert not [name for name in sorted(names) if not (ROOT / "static" / name).is_file()]


def test_every_list_that_is_empty_offers_a_next_step() -> None:
    lists = [(place(path), text) for path in templates() for text in empty_lists(path.read_text("utf-8"))]
    assert len(lists) > 20
    assert not [found for found in lists if "href=" not in found[1] and "<button" not in found[1]]


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text("utf-8")))
    files = [*templates(), *own("js"), *python_files("app")]
    missing = {
        (place(path), name) for path in files for name in icon_names(path.read_text("utf-8")) if name not in known
    }
    assert not missing, "add the names to scripts/vendored/icons.txt, then: make vendor"


@pytest.mark.parametrize("vendor", VENDORED, ids=place)
def test_every_vendored_package_comes_with_its_licence(vendor: Path) -> None:
    folders = sorted(path for path in vendor.iterdir() if path.is_dir())
    assert folders
    assert not [place(path) for path in folders if not (path / "LICENSE").is_file()]


@pytest.mark.parametrize("vendor", VENDORED, ids=place)
def test_every_vendored_file_is_in_the_table(vendor: Path) -> None:
    table = (vendor / "README.md").read_text("utf-8")
    files = [path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()]
    assert not [name for name in files if name not in table and not name.endswith(("LICENSE", "README.md"))]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def own(kind: str) -> list[Path]:
    return sorted(path for path in (ROOT / "static").rglob(f"*.{kind}") if not path.is_relative_to(VENDOR))


def assert_nothing(files: Iterable[Path], search: Callable[[str], list[str]]) -> None:
    found = [f"{place(path)}: {what}" for path in files for what in search(path.read_text("utf-8"))]
    assert not found, "\n".join(found)


TAG = re.compile(
    r"<[a-zA-Z](?:[^<>\"'{]|\{\{.*?\}\}|\{%.*?%\}|\{(?![{%])|\"(?:\{\{.*?\}\}|[^\"])*\"|'(?:\{\{.*?\}\}|[^'])*')*>",
    re.DOTALL,
)


def tags(template: str) -> list[str]:
    """The opening tags of a template, without its comments."""
    return TAG.findall(re.sub(r"\{#.*?#\}|<!--.*?-->", "", template, flags=re.DOTALL))


def inline_code(template: str) -> list[str]:
    """Tags that the policy would refuse, or that run text as code. A block of JSON data is not run."""
    found = []
    for tag in tags(template):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", tag, flags=re.DOTALL)
        script = re.match(r"<script\b", tag) and not re.search(r"\ssrc=", tag) and "application/json" not in tag
        attribute = re.search(
            r"\s(style|on[a-z]+|hx-on[^=\s]*|hx-vars)\s*=|=\s*[\"']?\s*(javascript|js):", bare, re.IGNORECASE
        )
        if script or attribute or re.match(r"<style\b", tag):
            found.append(tag)
    return found


def unescaped(text: str) -> list[str]:
    """Lines that mark text as markup or switch escaping off, without a comment that says why that is safe."""
    marks = re.compile(r"\|\s*safe\b|\bMarkup\(|autoescape\s+false|\|\s*tojson\s*\|\s*safe")
    reason = re.compile(r"#.*\w{3,}")
    return [line.strip() for line in text.splitlines() if marks.search(line) and not reason.search(line)]


def remote_in_template(template: str) -> list[str]:
    """Tags that load from another host. A link that a person follows (<a href>) loads nothing."""
    remote = re.compile(r"\s(src|srcset|data|poster|action|href|hx-\w+)\s*=\s*[\"']?\s*(https?:|wss?:)?//")
    return [tag for tag in tags(template) if remote.search(tag) and not re.match(r"<a\s", tag)]


def remote_in_style(style: str) -> list[str]:
    return re.findall(r"@import[^;]*//[^;]*|url\(\s*[\"']?\s*(?:https?:)?//[^)]*\)", style)


def remote_in_script(script: str) -> list[str]:
    found = re.findall(r"[\"'`](?:https?:|wss?:)?//[^\"'`\s]+", script)
    return [text for text in found if not text[1:].startswith("http://www.w3.org/")]  # names of XML languages


def dangerous_script(script: str) -> list[str]:
    dangerous = re.compile(
        r"\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\([\"']style"
    )
    return [line.strip() for line in script.splitlines() if dangerous.search(line)]


def pollutable(script: str) -> list[str]:
    """Lines that reach for prototypes, copy whole objects into others, or write under a computed name."""
    reaching = re.compile(r"__proto__|\.prototype\b|setPrototypeOf|\bmerge\(|Object\.assign\((?!\w+, \{ )")
    computed = re.compile(r"[\w.)\]]\[(?![\"'`])[^\]]+\]\s*(?:\?\?|\|\||&&|[-+*])?=(?![=>])")
    destructured = re.compile(r"\b(?:const|let|var) \[")
    lines = [line.strip() for line in script.splitlines() if not line.strip().startswith("//")]
    return [line for line in lines if reaching.search(line) or computed.search(destructured.sub("(", line))]


@pytest.mark.parametrize(
    "script",
    [
        "kept[name] = value;",
        "kept[one.name] ??= {};",
        "Object.assign(kept, message);",
        "kept.__proto__ = told;",
        "Object.setPrototypeOf(kept, told);",
        "Call.prototype.told = told;",
    ],
)
def test_the_check_of_where_scripts_write_sees(script: str) -> None:
    assert pollutable(script) == [script]


def static_names(template: str) -> list[str]:
    return re.findall(r"url_for\(\s*[\"']static[\"']\s*,\s*filename\s*=\s*[\"']([^\"'{}]+)[\"']\s*\)", template)


def empty_lists(template: str) -> list[str]:
    """What stands in place of a list that has nothing: the call with its block, or the bare expression."""
    return re.findall(r"\{\{-?\s*ui\.empty\(.*?\}\}|\{%-?\s*call ui\.empty\(.*?\{%-?\s*endcall", template, re.DOTALL)


def icon_names(text: str) -> list[str]:
    """Icons named in plain: a call icon("…") in a template or script, icon="…" in Python, icons.svg#… in a link."""
    named = r"\bicon\(\s*[\"']([a-z0-9-]+)[\"']|\bicon\s*=\s*[\"']([a-z0-9-]+)[\"']|icons\.svg#([a-z0-9-]+)"
    return ["".join(groups) for groups in re.findall(named, text)]


# ------------------------------------------------------------------------------------ that these checks can fail


@pytest.mark.parametrize(
    "template",
    [
        "<script>alert(1)</script>",
        '<script type="module">import "x"</script>',
        "<style>p { color: red }</style>",
        '<p class="x" style="color:red">',
        "<button onclick=\"go('x > y')\">",
        '<a href="javascript:go()">',
        '<div hx-on:click="go()">',
        "<div hx-vals='js:{a: b()}'>",
        '{% if a > b %}<td {{ x }} style="width:{{ n }}%">{% endif %}',
    ],
)
def test_the_check_of_inline_code_sees(template: str) -> None:
    assert inline_code(f"<main>\n{template}\n</main>")


@pytest.mark.parametrize(
    "template",
    [
        '<script src="{{ url_for(\'static\', filename="js/a.js") }}" type="module"></script>',
        '<script type="application/json" id="calls">{{ calls|tojson }}</script>',
        '<p data-style="on" title="once = twice">style="is only text"</p>',
        '{# <script>in a comment</script> #}<a href="tel:+493023125000">',
        '<option {{ "selected" if value == "on" }}>',
    ],
)
def test_ordinary_tags_are_no_inline_code(template: str) -> None:
    assert not inline_code(template)


def test_the_check_of_escaping_sees() -> None:
    assert unescaped("<p>{{ note|safe }}</p>")
    assert unescaped("{% autoescape false %}")
    assert unescaped("return Markup(text)")
    assert not unescaped("return Markup(text)  # made by us from escaped parts")
    assert not unescaped("<p>{{ note }} is safe</p>")


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://cdn.example.test/x.js">',
        "<img src='//example.test/x.png'>",
        '<link rel="stylesheet" href="http://example.test/x.css">',
        '<form action="https://example.test/">',
    ],
)
def test_the_check_of_other_hosts_sees(tag: str) -> None:
    assert remote_in_template(tag)


def test_a_link_to_follow_loads_nothing() -> None:
    assert not remote_in_template('<a class="x" href="https://example.test/">')
    assert not remote_in_template('<img src="/static/img/icon.svg">')


def test_the_check_of_styles_and_scripts_sees_other_hosts() -> None:
    assert remote_in_style('@import "https://example.test/x.css";')
    assert remote_in_style("@font-face { src: url(https://example.test/x.woff2) }")
    assert not remote_in_style(
        "a { background: url(\"data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg'\") }"
    )
    assert remote_in_script('fetch("https://example.test/")')
    assert remote_in_script('import { io } from "//example.test/io.js"')
    assert not remote_in_script('document.createElementNS("http://www.w3.org/2000/svg", "svg")  // drawn here')


def test_the_check_of_scripts_sees_markup_and_code_from_text() -> None:
    for line in ("card.innerHTML = name", "eval(text)", "row.insertAdjacentHTML('x', y)", 'a.setAttribute("style", b)'):
        assert dangerous_script(f"let a;\n{line};\n")
    assert not dangerous_script("card.textContent = name; medieval(1)")


def test_the_checks_of_names_find_them() -> None:
    assert static_names("<img src=\"{{ url_for('static', filename='img/a.svg') }}\">") == ["img/a.svg"]
    assert icon_names('{{ ui.icon("phone", "big") }} <use href="/x/icons.svg#bell">') == ["phone", "bell"]
    assert icon_names('Module(name="x", icon="phone-call")') == ["phone-call"]
