# Made from ../awaited/models.py. Do not edit: run `make twins`.
"""The models of a server, sync."""

from __future__ import annotations

import builtins

from flowbind.comfyui import model_files
from flowbind.transport.part import Part, Performer


class Models(Part[Performer]):
    """The models of a server: files in folders."""

    def folders(self) -> builtins.list[str]:
        """Return the names of the folders, such as "checkpoints" and "loras".

        Raises a `flowbind.errors.ServerError`. Source: `GET /models`.
        """
        return self._server.perform(model_files.folders())

    def list(self, folder: str) -> builtins.list[str]:
        """Return the files of a folder, as nodes call them; "unet" and "clip" are what those folders are called now.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a folder that the server does not have. Source: `GET
        /models/{folder}`.
        """
        return self._server.perform(model_files.listed(folder))

    def embeddings(self) -> builtins.list[str]:
        """Return the embeddings, as the texts of prompts call them.

        Raises a `flowbind.errors.ServerError`. Source: `GET /embeddings`.
        """
        return self._server.perform(model_files.embeddings())
