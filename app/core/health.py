"""The state of the installation in lights and sentences, told by core and by active modules.

A check looks at what is here: it makes no request to others and takes milliseconds, since the page asks all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flask_babel import gettext as _

if TYPE_CHECKING:
    from app.core.modules import Text

log = logging.getLogger(__name__)
Level = Literal["ok", "warning", "error"]
#: The worse, the further behind.
LEVELS: tuple[Level, ...] = ("ok", "warning", "error")


@dataclass(frozen=True, slots=True)
class Light:
    """One thing that was looked at: its level, and a whole sentence with the next step where there is one."""

    level: Level
    sentence: str
    path: str | None = None
    """Of the page where something can be done about it."""


Check = Callable[[], Iterable[Light]]


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together on the page."""

    title: Text
    check: Check
    active: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Told:
    """A section as it was found."""

    title: str
    lights: tuple[Light, ...]

    @property
    def level(self) -> Level:
        """The worst of its lights."""
        return worst(light.level for light in self.lights)


class Health:
    """All checks, in the order in which they were added."""

    def __init__(self) -> None:
        self._sections: list[Section] = []

    def add(self, section: Section) -> None:
        """Register a section."""
        self._sections.append(section)

    def look(self) -> list[Told]:
        """Ask every active section, the worst light of each first. A check that fails is a light of its own."""
        return [Told(str(one.title), _lights(one)) for one in self._sections if one.active()]


def worst(levels: Iterable[Level]) -> Level:
    """The worst level; ``ok`` of none."""
    return max(levels, key=LEVELS.index, default="ok")


def _lights(section: Section) -> tuple[Light, ...]:
    try:
        lights = list(section.check())
    except Exception as error:
        # The page is for the hour when something is broken: one check less must not cost the others.
        log.exception("a health check failed")
        lights = [Light("error", _("This could not be checked (%(error)s).", error=type(error).__name__))]
    return tuple(sorted(lights, key=lambda light: -LEVELS.index(light.level)))
