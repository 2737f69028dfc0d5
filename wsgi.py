"""The WSGI entry point: ``gunicorn -c gunicorn.conf.py wsgi:app`` and ``FLASK_APP=wsgi flask …``."""

from __future__ import annotations

import sys

from app import create_app
from config import Config, ConfigError

try:
    config = Config.from_env()
except ConfigError as error:
    sys.exit("The configuration cannot be used:\n" + "\n".join(f"  - {text}" for text in error.problems))

app = create_app(config)
