"""Submitting with either client: what a check of drift says is the same for both."""

from __future__ import annotations

import asyncio
from typing import Any

from flowbind.drift_check import CheckMode
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.workflow import Workflow


def submit(kind: str, url: str, check: CheckMode, *workflows: Workflow[Any]) -> None:
    """Submit instances, one after the other, with one client."""
    if kind == "sync":
        with InvokeAI(url, check=check) as client:
            for workflow in workflows:
                client.submit(workflow)
        return

    async def submit_all() -> None:
        async with AsyncInvokeAI(url, check=check) as client:
            for workflow in workflows:
                await client.submit(workflow)

    asyncio.run(submit_all())
