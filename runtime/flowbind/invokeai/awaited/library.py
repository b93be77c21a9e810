"""The workflows that a server keeps, async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from flowbind.invokeai.awaited.handle import AsyncHandle
from flowbind.invokeai.library import workflows
from flowbind.invokeai.library.pages import Search

if TYPE_CHECKING:
    from flowbind.findings import Finding
    from flowbind.invokeai._rest import LibraryEntry, LibraryWorkflow
    from flowbind.invokeai.library.saveable import Export
    from flowbind.invokeai.library.workflows import Wanted
    from flowbind.workflow import Workflow


class AsyncLibrary(AsyncHandle):
    """The workflows that a server keeps."""

    def list(
        self,
        search: str = "",
        *,
        categories: Sequence[str] = (),
        tags: Sequence[str] = (),
        is_public: bool | None = None,
        order: str = "name",
        descending: bool = False,
    ) -> AsyncIterator[LibraryEntry]:
        """Return an iterator of the workflows that this account may see, without their nodes; read in pages of 50.

        `search` is part of a name, description or tag. `categories` are "user" and "default" (those that come with
        InvokeAI), `tags` of which a workflow has one. `is_public` is True for those that accounts share, which are not
        listed otherwise, except to administrators. `order` is "name", "created_at", "updated_at" or "opened_at".
        Raises `flowbind.errors.NotTheApi` for tags before 5.8 and `is_public` before 6.13, and any `ServerError`.
        Source: `GET /api/v1/workflows/`.
        """
        search_for = Search(search, categories, tags, is_public, order, descending)
        return self._server.stream(workflows.entries(search_for, self._supports))

    async def get(self, workflow: Wanted) -> LibraryWorkflow:
        """Return a workflow by its id or name; its `workflow` is what the page's Download gives.

        Of one name, one's own workflow goes before those that others share. Raises `flowbind.errors.WorkflowNotFound`
        for a name that none or several have, `Forbidden` for what is private to another account, and any
        `ServerError`. Source: `GET /api/v1/workflows/i/{workflow_id}`, `GET /api/v1/workflows/`.
        """
        return await self._server.perform(workflows.found(workflow, self._supports))

    async def save(self, export: Export, name: str | None = None) -> LibraryWorkflow:
        """Add a workflow: the path of an export, its JSON text, or what is in it; each time as a new one.

        Raises `flowbind.errors.InvalidExport` for what is no workflow or lacks what the server wants, `OSError` for a
        file that cannot be read, and any `ServerError`. Source: `POST /api/v1/workflows/`.
        """
        return await self._server.perform(workflows.save(export, name))

    async def update(self, workflow: Wanted, export: Export) -> LibraryWorkflow:
        """Put another export, its name included, in the place of a workflow given by id or name.

        Raises what `get` and `save` raise, and `flowbind.errors.Refused` for one that comes with InvokeAI.
        Source: `PATCH /api/v1/workflows/i/{workflow_id}`.
        """
        return await self._server.perform(workflows.update(workflow, export, self._supports))

    async def delete(self, workflow: Wanted) -> None:
        """Delete a workflow given by id or name.

        Raises what `get` raises, and `flowbind.errors.Refused` for one that comes with InvokeAI.
        Source: `DELETE /api/v1/workflows/i/{workflow_id}`.
        """
        await self._server.perform(workflows.delete(workflow, self._supports))

    async def share(self, workflow: Wanted) -> LibraryWorkflow:
        """Show a workflow to all accounts (6.13 and later); the server gives it the tag "shared".

        Raises what `delete` raises, and `flowbind.errors.NotTheApi` before 6.13.
        Source: `PATCH /api/v1/workflows/i/{workflow_id}/is_public`.
        """
        return await self._server.perform(workflows.share(workflow, is_public=True, supports=self._supports))

    async def unshare(self, workflow: Wanted) -> LibraryWorkflow:
        """Show a workflow to its owner and to administrators alone (6.13 and later).

        Raises what `share` raises. Source: `PATCH /api/v1/workflows/i/{workflow_id}/is_public`.
        """
        return await self._server.perform(workflows.share(workflow, is_public=False, supports=self._supports))

    async def tags(self) -> tuple[str, ...]:
        """Return the tags of all workflows, each once, in order.

        Raises any `flowbind.errors.ServerError`. Source: `GET /api/v1/workflows/tags`, before 6.10 the whole list.
        """
        return await self._server.perform(workflows.all_tags(self._supports))

    async def check(
        self, workflow: type[Workflow[Any]], copy: Wanted | None = None, *, spec: str | None = None
    ) -> Sequence[Finding]:
        """Tell what the server's copy of a workflow would change for users of its class, the gravest first.

        The copy is found by the id that the class's export has, else by its name; `copy` is another, by id or name.
        It is read with the OpenAPI document of the class's project, or `spec`, a file or URL. Rules and severities are
        those of `flowbind check --workflow`. Needs the extra `flowbind[generator]`. Raises
        `flowbind.errors.WorkflowNotFound` for a class whose workflow is not there, `InterfaceError` for a class without
        its manifest, and what `get` raises. Source: `GET /api/v1/workflows/i/{workflow_id}`, `GET /api/v1/workflows/`.
        """
        from flowbind.invokeai.library.check import compared

        return await self._server.perform(compared(workflow, copy, spec, self._supports))
