"""The steps of an account, taken over connections of httpx: sync and async, one login at a time."""

from __future__ import annotations

import threading
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any

import httpx

from flowbind.invokeai.access.account import Account, Alone, Seen, Send, Together
from flowbind.transport.http import ADVICE, AT_LOGIN, Requests
from flowbind.transport.logs import hide_secrets
from flowbind.transport.sending import Sender
from flowbind.transport.steps import Call, Work

if TYPE_CHECKING:
    import asyncio


class Login(Sender):
    """Sends requests with the token of an account, and logs in where there is none or it is refused."""

    def __init__(self, account: Account, requests: Requests) -> None:
        self._account = account
        self._requests = requests
        self._lock = threading.Lock()
        self._async_lock: asyncio.Lock | None = None
        hide_secrets()

    def send(self, request: httpx.Request, transport: httpx.BaseTransport) -> httpx.Response:
        """Return the answer to a request, of which only the head was read; blocks until that is there."""
        steps = self._account.steps(self._requests.path(request))
        answer: Any = None
        response: httpx.Response | None = None
        with ExitStack() as held:
            try:
                while True:
                    match step := steps.send(answer):
                        case Send():
                            response = super().send(_signed(request, step), transport)
                            answer = Seen(response.status_code, response.headers)
                        case Call():
                            said = super().send(self._for(step, request), transport)
                            answer = self._requests.reply(step, said, said.read())
                        case Work():
                            answer = step.do()
                        case Alone():
                            held.enter_context(self._lock)
                        case Together():
                            held.close()
            except StopIteration as end:
                return _advised(response, end.value)
            finally:
                steps.close()

    async def send_async(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """Return the answer to a request, of which only the head was read."""
        import asyncio

        self._async_lock = self._async_lock or asyncio.Lock()
        steps = self._account.steps(self._requests.path(request))
        answer: Any = None
        response: httpx.Response | None = None
        async with AsyncExitStack() as held:
            try:
                while True:
                    match step := steps.send(answer):
                        case Send():
                            response = await super().send_async(_signed(request, step), transport)
                            answer = Seen(response.status_code, response.headers)
                        case Call():
                            said = await super().send_async(self._for(step, request), transport)
                            answer = self._requests.reply(step, said, await said.aread())
                        case Work():
                            answer = await asyncio.to_thread(step.do)
                        case Alone():
                            await held.enter_async_context(self._async_lock)
                        case Together():
                            await held.aclose()
            except StopIteration as end:
                return _advised(response, end.value)
            finally:
                steps.close()

    def _for(self, call: Call, cause: httpx.Request) -> httpx.Request:
        """Return the request of a call with the time-outs of the one that it is made for."""
        request = self._requests.of(call)
        request.extensions |= {"timeout": cause.extensions["timeout"], AT_LOGIN: True}
        return request


def _signed(request: httpx.Request, step: Send) -> httpx.Request:
    if step.token:
        request.headers["authorization"] = f"Bearer {step.token.reveal()}"
    return request


def _advised(response: httpx.Response | None, advice: str) -> httpx.Response:
    assert response is not None
    if advice:
        response.extensions[ADVICE] = advice
    return response
