"""Local files of instances as their contents, for workers on other machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowbind.errors import InputError
from flowbind.workflow import Workflow, named

MOST_BYTES = 64 * 2**20
"""As much as the files of one instance may have: all that is ahead is in memory at once."""


def with_contents(workflow: Workflow[Any]) -> Workflow[Any]:
    """Return an instance with bytes in the place of local files; the same one where it has none.

    Raises `InputError` for files that cannot be read, or are too large to travel.
    """
    changed: dict[str, Any] = {}
    left = MOST_BYTES
    for name in type(workflow).model_fields:
        value = getattr(workflow, name)
        listed = value if isinstance(value, list) else [value]
        if not any(isinstance(item, Path) for item in listed):
            continue
        contents = []
        for item in listed:
            if isinstance(item, Path):
                contents.append(_read(workflow, name, item, left))
                left -= len(contents[-1])
            else:
                contents.append(item)
        changed[name] = contents if isinstance(value, list) else contents[0]
    return workflow.model_copy(update=changed) if changed else workflow


def _read(workflow: Workflow[Any], name: str, path: Path, most: int) -> bytes:
    whose = named(type(workflow), name)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise InputError([f"{whose} is {str(path)!r}, which cannot be read ({error.strerror})."]) from None
    if len(content) > most:
        raise InputError(
            [
                f"{whose} is {str(path)!r}: the files of one instance have more than {MOST_BYTES // 2**20} MiB, too "
                "much to travel to workers. Upload it to the servers, and give its name."
            ]
        )
    return content
