"""The entry point of the bare pipeline: ``gunicorn -c benchmarks/bare_gunicorn.py benchmarks.bare_wsgi:app``."""

from __future__ import annotations

from benchmarks.bare import make_app
from config import Config

app = make_app(Config.from_env())
