"""What ``make bench`` runs: the way of a call from the webhook to the browser, beside a bare pipeline."""

from __future__ import annotations
