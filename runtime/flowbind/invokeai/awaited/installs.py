"""Installs of models, async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.invokeai.models.index import ModelIndex
from flowbind.invokeai.models.installed import InstalledModel
from flowbind.invokeai.models.installing import Installing, Progress
from flowbind.invokeai.runs.recovery import Supports

if TYPE_CHECKING:
    from flowbind.invokeai._rest import InstallRecord
    from flowbind.invokeai.runs.tracked import AsyncServer


class AsyncInstallJob(Installing):
    """An install of a model."""

    def __init__(
        self,
        server: AsyncServer,
        known: InstallRecord | InstalledModel,
        models: ModelIndex,
        supports: Supports,
        exist_ok: bool = False,
    ) -> None:
        super().__init__(known, models, supports, exist_ok)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Progress | None = None) -> InstalledModel:
        """Wait until the install has ended and return the model.

        `timeout` is in seconds; None waits as long as the server answers and knows the install, a paused one for ever.
        `progress` is called with the status, the bytes done and the bytes in all (0: unknown) whenever they are seen to
        change. Raises `flowbind.errors.InstallFailed` where there is no model, `InstallTimeout` when it still goes on,
        and a `ServerError` when the server stays away. Source: `GET /api/v2/models/install/{id}`.
        """
        return await self._server.perform(self._end(timeout, progress))

    async def refresh(self) -> str:
        """Ask the server for the status and return it.

        Raises `flowbind.errors.InstallFailed` where the server no longer knows the install, and any `ServerError`.
        Source: `GET /api/v2/models/install/{id}`.
        """
        return await self._server.perform(self._read())

    async def cancel(self) -> str:
        """Cancel the install and return its status; one that has ended stays as it is.

        What is already downloaded is deleted; an install that has come to the model itself may still end well. Raises
        `flowbind.errors.InstallFailed` where the server no longer knows it, and any `ServerError`. Source: `DELETE
        /api/v2/models/install/{id}`.
        """
        return await self._server.perform(self._cancel())

    async def pause(self) -> str:
        """Pause the download and return the status; one that has ended stays as it is.

        Raises `flowbind.errors.NotTheApi` before InvokeAI 6.12, `InstallFailed` where the server no longer knows the
        install, and any `ServerError`. Source: `POST /api/v2/models/install/{id}/pause`.
        """
        return await self._server.perform(self._order("pause"))

    async def resume(self) -> str:
        """Go on with a download that was paused and return the status.

        Raises `flowbind.errors.NotTheApi` before InvokeAI 6.12, `InstallFailed` where the server no longer knows the
        install, and any `ServerError`. Source: `POST /api/v2/models/install/{id}/resume`.
        """
        return await self._server.perform(self._order("resume"))
