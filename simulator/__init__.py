"""A simulated Placetel: telephones, Web API v2 and Notify, for development, demonstrations and tests.

A program of its own (`python -m simulator`). It shares no code with the application, so that a mistake in
reading Placetel's documents is not made on both sides at once.
"""

from __future__ import annotations
