"""The steps of an account, taken by httpx: sync and async, one login at a time."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any

import httpx

from flowbind.invokeai._http import ADVICE, reply_of, request_of
from flowbind.invokeai._steps import Call, Work
from flowbind.invokeai.access.account import Account, Alone, Seen, Send, Together
from flowbind.invokeai.access.logs import hide_secrets

if TYPE_CHECKING:
    import asyncio


class Login(httpx.Auth):
    """Adds the token of an account to requests, and logs in where there is none or it is refused."""

    def __init__(self, account: Account, url: str) -> None:
        self._account = account
        self._url = url
        self._root = httpx.URL(url).path.rstrip("/")
        self._lock = threading.Lock()
        self._async_lock: asyncio.Lock | None = None
        hide_secrets()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Take the steps of a request, blocking."""
        steps = self._account.steps(self._path(request))
        answer: Any = None
        response: httpx.Response | None = None
        with ExitStack() as held:
            try:
                while True:
                    match step := steps.send(answer):
                        case Send():
                            response = yield _signed(request, step)
                            answer = Seen(response.status_code, response.headers)
                        case Call():
                            said = yield _as_request(step, self._url, request)
                            answer = reply_of(step, said, said.read())
                        case Work():
                            answer = step.do()
                        case Alone():
                            held.enter_context(self._lock)
                        case Together():
                            held.close()
            except StopIteration as end:
                _advise(response, end.value)
            finally:
                steps.close()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Take the steps of a request in an event loop."""
        import asyncio

        self._async_lock = self._async_lock or asyncio.Lock()
        steps = self._account.steps(self._path(request))
        answer: Any = None
        response: httpx.Response | None = None
        async with AsyncExitStack() as held:
            try:
                while True:
                    match step := steps.send(answer):
                        case Send():
                            response = yield _signed(request, step)
                            answer = Seen(response.status_code, response.headers)
                        case Call():
                            said = yield _as_request(step, self._url, request)
                            answer = reply_of(step, said, await said.aread())
                        case Work():
                            answer = await asyncio.to_thread(step.do)
                        case Alone():
                            await held.enter_async_context(self._async_lock)
                        case Together():
                            await held.aclose()
            except StopIteration as end:
                _advise(response, end.value)
            finally:
                steps.close()

    def _path(self, request: httpx.Request) -> str:
        return request.url.path.removeprefix(self._root)


def _signed(request: httpx.Request, step: Send) -> httpx.Request:
    if step.token:
        request.headers["authorization"] = f"Bearer {step.token.reveal()}"
    return request


def _as_request(call: Call, url: str, cause: httpx.Request) -> httpx.Request:
    """Return a call as a request with the time-outs of the one that it is made for."""
    return httpx.Request(**request_of(call, url), extensions=dict(cause.extensions))


def _advise(response: httpx.Response | None, advice: str) -> None:
    if response is not None and advice:
        response.extensions[ADVICE] = advice
