"""The workflows that a server keeps: listed, found by id or name, saved, changed, deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from flowbind.errors import NotFound, NotTheApi, Refused, UnexpectedReply, WorkflowNotFound
from flowbind.invokeai.library.pages import SHARING, WORKFLOWS, Search, gathered
from flowbind.invokeai.library.saveable import Export, saveable
from flowbind.outside import one_line, printable
from flowbind.transport.steps import Emit, Operation, Stream, Work
from flowbind.transport.wire import get, quoted, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import LibraryEntry, LibraryWorkflow
    from flowbind.invokeai.runs.recovery import Supports

Wanted: TypeAlias = "LibraryEntry | LibraryWorkflow | str"
"""A workflow of the library: what was listed or got, or its id or name."""

# Ids are UUIDs, those of the workflows that InvokeAI brings along begin with "default_"; no path is misled by them.
_ID = re.compile(r"[A-Za-z0-9_-]+")


def entries(search: Search, supports: Supports) -> Stream[LibraryEntry]:
    """Yield what the server tells of its workflows, page after page."""
    pages = yield from search.pages(supports)
    while page := (yield from pages.next()):
        for entry in page:
            yield Emit(entry)


def found(wanted: Wanted, supports: Supports) -> Operation[LibraryWorkflow]:
    """Return a workflow with its nodes; raises `WorkflowNotFound` for a name of none or several."""
    if not isinstance(wanted, str):
        return (yield from by_id(wanted.workflow_id))
    if _ID.fullmatch(wanted):
        try:
            return (yield from by_id(wanted))
        except NotFound:
            pass
    return (yield from by_id((yield from _id_of(wanted, supports))))


def by_id(workflow_id: str) -> Operation[LibraryWorkflow]:
    """Return a workflow with its nodes; raises `NotFound` for an id of none."""
    from flowbind.invokeai._rest import LibraryWorkflow

    return read(LibraryWorkflow, (yield from get(_path(workflow_id))))


def save(export: Export, name: str | None) -> Operation[LibraryWorkflow]:
    """Add an export to the library, as the page's Save As does; raises `InvalidExport` for what is none."""
    return (yield from _sent("POST", WORKFLOWS, {"workflow": (yield Work(partial(saveable, export, name)))}))


def update(wanted: Wanted, export: Export, supports: Supports) -> Operation[LibraryWorkflow]:
    """Put an export in the place of a workflow; raises `Refused` for one of InvokeAI's own."""
    workflow = yield Work(partial(saveable, export, None))
    workflow_id = yield from _changeable(wanted, supports)
    return (yield from _sent("PATCH", _path(workflow_id), {"workflow": {**workflow, "id": workflow_id}}))


def delete(wanted: Wanted, supports: Supports) -> Operation[None]:
    """Delete a workflow; raises `Refused` for one of InvokeAI's own."""
    workflow_id = yield from _changeable(wanted, supports)
    yield from send("DELETE", _path(workflow_id))


def share(wanted: Wanted, *, is_public: bool, supports: Supports) -> Operation[LibraryWorkflow]:
    """Show a workflow to all accounts, or to its owner alone."""
    yield from SHARING.required(supports)
    workflow_id = yield from _changeable(wanted, supports)
    return (yield from _sent("PATCH", f"{_path(workflow_id)}/is_public", {"is_public": is_public}))


def all_tags(supports: Supports) -> Operation[tuple[str, ...]]:
    """Return the tags of all workflows, each once, in order."""
    try:
        listed = yield from get(f"{WORKFLOWS}tags")
    except (NotFound, NotTheApi):
        # A release before 6.10; where it is something else, the list fails as well.
        entries = yield from gathered(Search(), supports)
        listed = sorted({tag.strip() for entry in entries for tag in entry.tags.split(",")} - {""})
    if not isinstance(listed, list):
        raise UnexpectedReply("The server's list of tags is none.")
    return tuple(map(str, listed))


def _sent(method: str, path: str, body: Any) -> Operation[LibraryWorkflow]:
    from flowbind.invokeai._rest import LibraryWorkflow

    return read(LibraryWorkflow, (yield from send(method, path, body)))


def _changeable(wanted: Wanted, supports: Supports) -> Operation[str]:
    """Return the id of a workflow that may be changed: of InvokeAI's own, the server says that it did, or fails."""
    workflow = yield from found(wanted, supports)
    meta = workflow.workflow.get("meta")
    if isinstance(meta, dict) and meta.get("category") == "default":
        raise Refused(
            f'"{one_line(workflow.name, 120)}" comes with InvokeAI and cannot be changed or deleted; nothing was done. '
            "Save a copy of it under another name, and change that."
        )
    return workflow.workflow_id


def _id_of(name: str, supports: Supports) -> Operation[str]:
    """Return the id of the workflow of a name; one's own, and InvokeAI's, go before what others share."""
    told = printable(name)
    matches = yield from _named(name, None, supports)
    if not matches and (yield from SHARING.is_there(supports)):
        matches = yield from _named(name, True, supports)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise WorkflowNotFound(
            f'{len(matches)} workflows of the library are called "{told}"; pass an id: {one_line(", ".join(matches))}.'
        )
    from difflib import get_close_matches

    names = sorted({entry.name for entry in (yield from gathered(Search(), supports))})
    near = get_close_matches(name, names, n=3) or names[:3]
    hint = f"Nearest: {', '.join(one_line(name, 120) for name in near)}." if near else "The library is empty."
    raise WorkflowNotFound(
        f'The server\'s library has no workflow "{told}", by id or by name. {hint} '
        "Give one of those, or log in as an account that may see it."
    )


def _named(name: str, is_public: bool | None, supports: Supports) -> Operation[Sequence[str]]:
    # The server finds whatever holds the text, in whatever case.
    listed = yield from gathered(Search(text=name, is_public=is_public), supports)
    return [entry.workflow_id for entry in listed if entry.name == name]


def _path(workflow_id: str) -> str:
    return f"{WORKFLOWS}i/{quoted(workflow_id)}"
