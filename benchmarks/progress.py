"""What a measurement says while it runs."""

from __future__ import annotations

import sys
import time

_begun = time.monotonic()


def say(text: str) -> None:
    """A line with the seconds since the program began, for whoever watches it; the results are not mixed with it."""
    print(f"{seconds():6.0f} s  {text}", file=sys.stderr, flush=True)


def seconds() -> float:
    """Since the program began."""
    return time.monotonic() - _begun
