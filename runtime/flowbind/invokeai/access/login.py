"""The steps of an account, taken over connections of httpx: sync and async, one login at a time."""

from __future__ import annotations

import threading
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any

import httpx

from flowbind.invokeai._bounds import bound
from flowbind.invokeai._http import ADVICE, Requests, reply_of
from flowbind.invokeai._steps import Call, Work
from flowbind.invokeai.access.account import Account, Alone, Seen, Send, Together
from flowbind.invokeai.access.logs import hide_secrets

if TYPE_CHECKING:
    import asyncio


class Login:
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
                            response = _send(_signed(request, step), transport)
                            answer = Seen(response.status_code, response.headers)
                        case Call():
                            said = _send(self._for(step, request), transport)
                            answer = reply_of(step, said, said.read())
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
                            response = await _send_async(_signed(request, step), transport)
                            answer = Seen(response.status_code, response.headers)
                        case Call():
                            said = await _send_async(self._for(step, request), transport)
                            answer = reply_of(step, said, await said.aread())
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
        request.extensions["timeout"] = cause.extensions["timeout"]
        return request


def _send(request: httpx.Request, transport: httpx.BaseTransport) -> httpx.Response:
    try:
        response = transport.handle_request(request)
    except httpx.RequestError as error:
        error.request = request
        raise
    response.request = request
    try:
        bound(response)
        if response.status_code == 401:
            # Another request may follow, over the same connection.
            response.read()
    except BaseException:
        response.close()
        raise
    return response


async def _send_async(request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
    try:
        response = await transport.handle_async_request(request)
    except httpx.RequestError as error:
        error.request = request
        raise
    response.request = request
    try:
        bound(response)
        if response.status_code == 401:
            await response.aread()
    except BaseException:
        await response.aclose()
        raise
    return response


def _signed(request: httpx.Request, step: Send) -> httpx.Request:
    if step.token:
        request.headers["authorization"] = f"Bearer {step.token.reveal()}"
    return request


def _advised(response: httpx.Response | None, advice: str) -> httpx.Response:
    assert response is not None
    if advice:
        response.extensions[ADVICE] = advice
    return response
