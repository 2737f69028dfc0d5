"""Shorter ways for what templates do hundreds of times a page: calling macros and functions, looking into what they are
given, escaping it, and making addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from flask import Flask, request
from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined] # of two, the one that works here

#: Addresses that are kept: there are fewer endpoints that need no values.
MOST_ADDRESSES = 1024
_PLAIN = frozenset((FunctionType, MethodType, BuiltinFunctionType))
#: What Jinja marks functions with that want to be given the context.
_MARK = "jinja_pass_arg"
#: What ``.name`` of a dictionary means in a template even where it has such a key.
_OF_DICTIONARIES = frozenset(dir(dict))


def written(value: Any) -> str:
    """What ``{{ value }}`` writes: ``markupsafe.escape`` without making a Markup of it, which takes five times as long.

    A page writes thousands of values, and what is written is only put together.
    """
    kind = type(value)
    if kind is str:
        return escape_text(value)
    return value if kind is Markup else escape(value)


class _QuickGenerator(CodeGenerator):
    """Has templates write by ``written`` where they escape."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"environment.written({finalize.src or ''}")


class QuickEnvironment(Environment):
    """Writes values at once, and finds ``.key`` of a dictionary, where Jinja first has Python raise that it has no such
    attribute.
    """

    code_generator_class = _QuickGenerator
    written = staticmethod(written)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What it is; Jinja's undefined where there is none."""
        if type(obj) is dict and attribute not in _OF_DICTIONARIES:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)


class QuickContext(Context):
    """Calls what is called most at once, where Jinja looks at four attributes first; everything else as Jinja does."""

    def call(self, called: Any, /, *args: Any, _loop_vars: Any = None, _block_vars: Any = None, **named: Any) -> Any:
        """What it returns. Raises what it raises."""
        kind = type(called)
        if kind is Macro:
            return called(self.eval_ctx, *args, **named)
        if kind in _PLAIN and not hasattr(called, _MARK):
            try:
                return called(*args, **named)
            except StopIteration:
                return self.environment.undefined("what was called has nothing more to give")
        return super().call(called, *args, _loop_vars=_loop_vars, _block_vars=_block_vars, **named)


def install(app: Flask, static_address: Callable[[str, str], str]) -> None:
    """Have all templates go these ways. ``static_address`` makes the address of a file, below what the app stands."""

    @lru_cache(maxsize=MOST_ADDRESSES)
    def of_endpoint(endpoint: str, _root: str) -> str:
        return app.url_for(endpoint)

    def url_for(endpoint: str, **values: Any) -> str:
        """``flask.url_for``. What needs no values is the same below one root, whoever asks."""
        root = _root()
        if root is not None and not endpoint.startswith("."):
            if not values:
                return of_endpoint(endpoint, root)
            if endpoint == "static" and len(values) == 1 and "filename" in values:
                return static_address(values["filename"], root)
        return app.url_for(endpoint, **values)

    app.jinja_env.context_class = QuickContext
    app.jinja_env.globals.update(url_for=url_for, icons_file=lambda: url_for("static", filename="vendor/icons.svg"))


def _root() -> str | None:
    """Below what the app stands in this request; None outside of one, where addresses are made otherwise."""
    try:
        return request.root_path
    except RuntimeError:
        return None
