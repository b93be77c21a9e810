"""The models of a server, async."""

from __future__ import annotations

import builtins

from flowbind.comfyui import model_files
from flowbind.transport.part import AsyncPerformer, Part


class AsyncModels(Part[AsyncPerformer]):
    """The models of a server: files in folders."""

    async def folders(self) -> builtins.list[str]:
        """Return the names of the folders, such as "checkpoints" and "loras".

        Raises a `flowbind.errors.ServerError`. Source: `GET /models`.
        """
        return await self._server.perform(model_files.folders())

    async def list(self, folder: str) -> builtins.list[str]:
        """Return the files of a folder, as nodes call them; "unet" and "clip" are what those folders are called now.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a folder that the server does not have. Source: `GET
        /models/{folder}`.
        """
        return await self._server.perform(model_files.listed(folder))

    async def embeddings(self) -> builtins.list[str]:
        """Return the embeddings, as the texts of prompts call them.

        Raises a `flowbind.errors.ServerError`. Source: `GET /embeddings`.
        """
        return await self._server.perform(model_files.embeddings())
