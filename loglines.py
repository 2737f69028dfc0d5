"""What a log line looks like: as text or as JSON, with what it belongs to, and without a telephone number in full.

It lies beside ``config`` and needs nothing of the application: gunicorn writes its own lines so before a worker has
made the network cooperative, which must come before anything else is loaded.
"""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["request", "run"]
#: What goes on here: a request or a run in the background, and its id.
CURRENT: ContextVar[tuple[Kind, str] | None] = ContextVar("log_id", default=None)
#: So many digits in a row, in text that came from elsewhere, may be a telephone number.
_NUMBER = re.compile(r"(?<![\w.])(?P<begin>\+?[0-9]{4})(?P<rest>[0-9]{3,})(?!\w)", re.ASCII)


def shortened(text: str) -> str:
    """Text without a telephone number in full: four digits of each long row of digits stay."""
    return _NUMBER.sub(r"\g<begin>…", text)


class _Lines(logging.Formatter):
    """What both forms have in common: texts from elsewhere shortened, and the id."""

    def _message(self, record: logging.LogRecord) -> str:
        # Ids of rows are numbers, and stay; a text may hold what somebody sent.
        given = record.args
        try:
            if isinstance(given, tuple) and given:
                return str(record.msg) % tuple(_shown(one) for one in given)
            return shortened(record.getMessage()) if given else record.getMessage()
        except (TypeError, ValueError):
            # A line that does not fit its words is still worth having.
            return f"{record.msg} {given!r}" if not given else str(record.msg)

    def _trace(self, record: logging.LogRecord) -> str:
        """The traceback; an exception's own words may quote what somebody sent."""
        return shortened(self.formatException(record.exc_info)) if record.exc_info and record.exc_info[0] else ""


class TextLines(_Lines):
    """One line for people: time, level, logger, the id in brackets, the message."""

    def format(self, record: logging.LogRecord) -> str:
        """See Formatter."""
        found = CURRENT.get()
        belongs = f" [{found[1]}]" if found else ""
        line = f"{_time(record)} {record.levelname} {record.name}{belongs}: {self._message(record)}"
        trace = self._trace(record)
        return f"{line}\n{trace}" if trace else line


class JsonLines(_Lines):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, ``process``; ``request`` or ``run``,
    and ``trace`` after a failure.
    """  # fmt: skip

    def format(self, record: logging.LogRecord) -> str:
        """See Formatter."""
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self._message(record),
            "process": record.process,
        }
        found = CURRENT.get()
        if found:
            line[found[0]] = found[1]
        trace = self._trace(record)
        if trace:
            line["trace"] = trace
        return json.dumps(line, ensure_ascii=False)


def _shown(value: Any) -> Any:
    if isinstance(value, int | float):
        return value
    return shortened(str(value))


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def configuration(log_format: str, level: str) -> dict[str, Any]:
    """For ``logging.config.dictConfig``: everything, the server's own lines too, in one form to standard error."""
    form = JsonLines if log_format == "json" else TextLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": f"{form.__module__}.{form.__qualname__}"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "lines"},
        },
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": level, "handlers": [], "propagate": True},
            # Off: its lines hold what follows the question mark, and secrets in paths; ours do not (app.access).
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }
