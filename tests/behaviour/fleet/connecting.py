"""Clients for fleets in tests: functions that workers in other processes import, too."""

from __future__ import annotations

from typing import Any

from flowbind.families import client_of
from flowbind.transport import patience


def without_check(url: str) -> Any:
    """Return a client that compares no class with its server: stand-ins have no document."""
    return client_of(url, check="off")


def impatient(url: str) -> Any:
    """Return the same, in a process that does not look for long for a run whose server died while it took it."""
    patience._AWAY = 1.0
    return without_check(url)
