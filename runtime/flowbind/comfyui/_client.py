"""What both clients of ComfyUI are made of, apart from how they wait for the server."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack

from flowbind.comfyui.events.hearing import PromptChannels
from flowbind.transport.client import Client
from flowbind.transport.connection import Connection
from flowbind.transport.secret import Secret
from flowbind.transport.tls import Certificate, Verify

if TYPE_CHECKING:
    from flowbind.listening.listener import Line

DEFAULT_URL = "http://127.0.0.1:8188"
URL, CA_FILE, API_KEY = "COMFYUI_URL", "COMFYUI_CA_FILE", "COMFYUI_API_KEY"
Previews = Literal["none", "auto", "latent2rgb", "taesd"]
"""How the server makes previews, as its option `--preview-method` has it."""


class Options(TypedDict, total=False):
    """The options of both clients, see `ComfyUI`."""

    url: str
    verify: Verify
    cert: Certificate
    timeout: float
    events: bool
    previews: Previews | None
    api_key: str | None


class ComfyUIClient(Client):
    """Who asks the server, and what is known of it."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        verify: Verify = True,
        cert: Certificate | None = None,
        timeout: float = 60.0,
        events: bool = True,
        previews: Previews | None = None,
        api_key: str | None = None,
    ) -> None:
        super().__init__(Connection.of("ComfyUI", url, timeout, verify, cert), PromptChannels(), events=events)
        self._client_id = str(uuid.uuid4())
        self._previews = previews
        self._api_key = Secret(api_key) if api_key else None

    @classmethod
    def from_env(cls, **options: Unpack[Options]) -> Self:
        """Make a client with what the environment says; options given here take its place.

        COMFYUI_URL is the address (else the default), COMFYUI_CA_FILE is a file of authorities to trust (`verify`),
        COMFYUI_API_KEY pays for nodes that run at partners of ComfyUI (`api_key`). Raises `ValueError` for what is no
        address.
        """
        given: dict[str, Any] = {
            name: os.environ[variable]
            for name, variable in (("url", URL), ("verify", CA_FILE), ("api_key", API_KEY))
            if os.environ.get(variable)
        }
        return cls(**{**given, **options})

    def _line(self) -> Line:
        from flowbind.comfyui.events.frames import Conversation, socket_url
        from flowbind.listening.listener import Line

        return Line(socket_url(self.url, self._client_id), Conversation, pings=20.0)
