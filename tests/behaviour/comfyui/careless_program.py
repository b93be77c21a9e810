"""What a careless program prints and writes of ComfyUI: all that it can get hold of.

It runs by itself, in a folder of its own, with the server's address and what is secret in its environment.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any
from urllib.parse import quote

from generated import ComfyTextToImage
from tests.behaviour.careless import log_everything, tell, told

from flowbind.comfyui import AsyncComfyUI, ComfyUI
from flowbind.errors import FlowbindError

URL, DEAD_URL = os.environ["URL"], os.environ["DEAD_URL"]
SECRETS: dict[str, str] = json.loads(os.environ["SECRETS"])
LOGIN = f"studio:{quote(SECRETS['of_proxy'], safe='')}@"
KEY: dict[str, Any] = {"api_key": SECRETS["token"]}
PICTURE = ComfyTextToImage()


def with_login(url: str) -> str:
    """Return an address with the login of a proxy in it."""
    return url.replace("//", f"//{LOGIN}")


def ask_all(server: ComfyUI) -> None:
    """Ask for what has something to hide."""
    told(lambda: server)
    told(lambda: server.submit(PICTURE))
    told(lambda: server.submit(PICTURE, only=["none"]))
    told(lambda: server.run(PICTURE, timeout=20))
    told(lambda: server.submit_many([PICTURE, PICTURE]))
    told(lambda: list(server.run_many([PICTURE, PICTURE], timeout=20)))
    for event in server.submit(PICTURE).events(20):
        tell(event)
    told(lambda: server.submit(PICTURE).cancel())
    told(lambda: server.request("GET", "/nowhere", headers={"authorization": f"Bearer {SECRETS['own_header']}"}))
    told(lambda: server.files.upload(b"a", name="a.txt"))
    told(lambda: server.files.save("a.txt", "."))
    told(lambda: server.files)
    told(lambda: server.queue)
    told(lambda: server.history)
    told(lambda: server.models)


async def ask_some() -> None:
    """Ask the same way in an event loop."""
    for url in (URL, DEAD_URL):
        async with AsyncComfyUI(with_login(url), **KEY, check="off") as server:
            try:
                job = await server.submit(PICTURE)
                tell(job)
                async for event in job.events(20):
                    tell(event)
                tell(await job.wait(20))
            except FlowbindError as error:
                tell(error)
            tell(server)


def main() -> None:
    """Do all that may go wrong."""
    log_everything()
    with ComfyUI(with_login(URL), **KEY) as server:
        ask_all(server)
    told(lambda: ComfyUI(f"http//{LOGIN}studio.example", **KEY))
    told(lambda: ComfyUI(f"http://{LOGIN}studio.example:nine", **KEY))
    for events in (True, False):
        with ComfyUI(with_login(DEAD_URL), **KEY, check="off", events=events) as server:
            told(lambda: server.submit(PICTURE))
    asyncio.run(ask_some())


main()
