"""What a careless program prints and writes of InvokeAI: all that it can get hold of.

It runs by itself, in a folder of its own, with the server's address and what is secret in its environment.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine
from typing import Any
from urllib.parse import quote

from generated import Poster, TextToImageSd15
from tests.behaviour.careless import log_everything, tell, told

from flowbind.errors import FlowbindError
from flowbind.invokeai import AsyncInvokeAI, InvokeAI

URL, DEAD_URL, TLS_URL = os.environ["URL"], os.environ["DEAD_URL"], os.environ["TLS_URL"]
SECRETS: dict[str, str] = json.loads(os.environ["SECRETS"])
ACCOUNT: dict[str, Any] = {"email": "a@example.org", "password": SECRETS["password"]}
SOURCE = f"https://user:{SECRETS['source']}@models.example/a.safetensors?token={SECRETS['source']}"


def ask_all(server: InvokeAI) -> None:
    """Ask for what has something to hide."""
    poster = Poster(series="plain")
    told(lambda: server)
    told(lambda: server.submit(poster))
    told(lambda: server.run(poster, timeout=20))
    told(lambda: server.queue.retry(1))
    told(lambda: server.run(TextToImageSd15(model="nothing"), timeout=20))
    told(lambda: server.models.install(SOURCE, access_token=SECRETS["access_token"]))
    told(server.models.installs)
    told(lambda: server.models.log_in_to_hugging_face(SECRETS["hugging_face"]))
    told(lambda: server.request("GET", "/redirect"))
    told(lambda: server.request("GET", "/nowhere", headers={"authorization": f"Bearer {SECRETS['own_header']}"}))
    told(lambda: server.images.save("a.png", "."))
    told(lambda: server.boards)
    told(lambda: server.account)


async def ask_some() -> None:
    """Ask the same way in an event loop."""
    async with AsyncInvokeAI(URL, **ACCOUNT) as server:
        asked: list[Coroutine[Any, Any, Any]] = [
            server.run(Poster(), timeout=20),
            server.models.install(SOURCE, access_token=SECRETS["access_token"]),
            server.request("GET", "/redirect"),
        ]
        for ask in asked:
            try:
                tell(await ask)
            except FlowbindError as error:
                tell(error)
        tell(server)
    for url in (DEAD_URL, TLS_URL):
        async with AsyncInvokeAI(url, **ACCOUNT, check="off") as server:
            try:
                await server.submit(Poster())
            except FlowbindError as error:
                tell(error)


def main() -> None:
    """Do all that may go wrong."""
    log_everything()
    with InvokeAI(URL, **ACCOUNT) as server:
        ask_all(server)
    # A login that is refused, half an account, and both kinds of logins at once.
    with InvokeAI(URL, email="a@example.org", password=SECRETS["wrong_password"]) as server:
        told(lambda: server.submit(Poster()))
    told(lambda: InvokeAI(URL, password=SECRETS["password"]))
    login, quoted = f"studio:{SECRETS['of_proxy']}@", f"studio:{quote(SECRETS['of_proxy'], safe='')}@"
    told(lambda: InvokeAI(URL.replace("//", f"//{quoted}"), **ACCOUNT))
    told(lambda: InvokeAI(URL.replace("//", f"//{login}")))
    told(lambda: InvokeAI(f"http//{login}studio.example"))
    told(lambda: InvokeAI(f"http://{login}studio.example:nine"))
    for url in (URL, DEAD_URL, TLS_URL):
        with InvokeAI(url.replace("//", f"//{quoted}"), check="off") as server:
            tell(server)
            told(lambda: server.submit(Poster()))
            told(lambda: server.request("GET", "/redirect"))
    for url in (DEAD_URL, TLS_URL):
        with InvokeAI(url, **ACCOUNT, check="off") as server:
            told(lambda: server.submit(Poster()))
    told(lambda: InvokeAI(TLS_URL, cert=os.environ["LOCKED_KEY"]).version())
    asyncio.run(ask_some())


main()
