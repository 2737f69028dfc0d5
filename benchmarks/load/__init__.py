"""What ``make bench-load`` runs: many connected users, more and more webhooks, and a long time of both."""

from __future__ import annotations
