"""The route, and the shape of what it answers."""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from time import time
from typing import Any

from .gpus import gpus
from .machine import machine
from .newest import Newest

PATH = "/flowbind/metrics"
VERSION = 1
"""That of the shape; a release that only adds to it keeps the number."""
_UNKNOWN: dict[str, dict[str, Any]] = {"cpu": {}, "ram": {}, "process": {}}


def serve(routes: Any) -> None:
    """Add the route to those of ComfyUI's server."""
    if any(getattr(route, "path", None) == PATH for route in routes):
        # With a second one the server would not start.
        logging.warning("%s is served by another copy of comfyui_metrics; this one is not needed.", PATH)
        return
    web = import_module("aiohttp.web")
    newest_machine, newest_gpus = Newest(machine), Newest(gpus)

    async def metrics(_: object) -> Any:
        of_machine, of_gpus = await asyncio.gather(newest_machine.get(), newest_gpus.get())
        return web.json_response({"version": VERSION, "time": time(), **(of_machine or _UNKNOWN), "gpus": of_gpus})

    routes.get(PATH)(metrics)
