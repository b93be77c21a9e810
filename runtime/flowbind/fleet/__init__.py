"""Many servers as one: instances run wherever there is room, and their outcomes come in order."""

from __future__ import annotations

from flowbind.fleet.fleet import Fleet
from flowbind.fleet.tally import ServerMetrics, WorkflowMetrics

__all__ = ["Fleet", "ServerMetrics", "WorkflowMetrics"]
