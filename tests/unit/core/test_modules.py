from __future__ import annotations

from typing import Any

import pytest

from app.core.front_controller import FrontController
from app.core.kernel import ModuleSetup
from app.core.modules import Action, Module, ModuleError, PersonalSetting, discover, in_order


def _nothing(_setup: ModuleSetup) -> None:
    """A module that registers nothing."""


def _module(name: str, *requires: str, actions: tuple[Action, ...] = ()) -> Module:
    return Module(name, name, "", "apps", _nothing, requires=requires, actions=actions)


def test_what_is_required_is_set_up_first() -> None:
    found = {"a": _module("a", "c"), "b": _module("b", "a"), "c": _module("c")}
    assert [module.name for module in in_order(found)] == ["c", "a", "b"]


def test_a_missing_requirement_is_named() -> None:
    with pytest.raises(ModuleError, match="a requires b"):
        in_order({"a": _module("a", "b")})


def test_a_circle_is_refused() -> None:
    with pytest.raises(ModuleError, match="circle"):
        in_order({"a": _module("a", "b"), "b": _module("b", "a")})


def test_the_installed_modules_are_found() -> None:
    assert [module.name for module in discover()] == ["addresses", "callcenter"]


def test_a_switch_takes_only_true_and_false_and_a_choice_only_its_keys() -> None:
    switch = PersonalSetting("a", "A", True)
    assert switch.accepts(False)
    assert not switch.accepts("yes")
    choice = PersonalSetting("b", "B", "x", choices=(("x", "X"),))
    assert choice.accepts("x")
    assert not choice.accepts("y")


class _Kernel:
    def __init__(self, *actions: Action) -> None:
        self.modules = {"m": _module("m", actions=actions)}


def _controller(*actions: Action) -> tuple[FrontController, list[str]]:
    seen: list[str] = []

    def wsgi(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        return [b""]

    return FrontController(wsgi, _Kernel(*actions)), seen  # type: ignore[arg-type] # only .modules is read


HOOK = Action("m", "call", "/m/hook/{provider}", frozenset({"POST"}), unauthenticated_post=True)
EDIT = Action("m", "edit", "/m/{id}", keep=("note",))


def _call(controller: FrontController, path: str, query: str, method: str = "GET") -> dict[str, Any]:
    answer: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        answer.update(status=status, headers=dict(headers))

    list(controller({"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method}, start))
    return answer


@pytest.mark.parametrize("path", ["/", "/index.php"])
@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
def test_the_webhook_is_rewritten_whatever_the_method(path: str, method: str) -> None:
    controller, seen = _controller(HOOK)
    _call(controller, path, "module=m&action=call&provider=placetel", method)
    assert seen == ["/m/hook/placetel"]


def test_an_old_link_is_redirected_and_keeps_what_it_may() -> None:
    controller, seen = _controller(EDIT)
    answer = _call(controller, "/index.php", "module=M&action=Edit&id=7&note=1&other=2")
    assert answer["status"] == "302 Found"
    assert answer["headers"]["Location"] == "/m/7?note=1"
    assert not seen


def test_a_post_to_an_old_link_reaches_nothing() -> None:
    controller, seen = _controller(EDIT)
    _call(controller, "/index.php", "module=m&action=edit&id=7", "POST")
    assert seen == ["/unknown-action"]


@pytest.mark.parametrize(
    "query", ["module=x&action=y", "module=m", "module=m&action=edit", "module=m&action=edit&id=../x"]
)
def test_what_nobody_declares_is_a_friendly_unknown(query: str) -> None:
    controller, seen = _controller(EDIT)
    _call(controller, "/", query)
    assert seen == ["/unknown-action"]


def test_other_addresses_pass_untouched() -> None:
    controller, seen = _controller(EDIT)
    _call(controller, "/addresses/", "module=m&action=edit&id=1")
    _call(controller, "/", "")
    assert seen == ["/addresses/", "/"]


def test_an_action_that_takes_a_post_must_say_that_it_is_unauthenticated() -> None:
    with pytest.raises(ModuleError, match="POST"):
        _controller(Action("m", "x", "/x", frozenset({"POST"})))


def test_one_old_name_belongs_to_one_module() -> None:
    with pytest.raises(ModuleError, match="twice"):
        _controller(EDIT, EDIT)
