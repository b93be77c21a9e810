"""Sending one request over a transport of httpx, and reading the head of its answer."""

from __future__ import annotations

import httpx

from flowbind.transport.bounds import bound


class Sender:
    """Sends requests as they are; who has to log in to a server overrides it."""

    def send(self, request: httpx.Request, transport: httpx.BaseTransport) -> httpx.Response:
        """Return the answer to a request, of which only the head was read; blocks until that is there."""
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

    async def send_async(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """Return the answer to a request, of which only the head was read."""
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
