"""What happens to a run, told while it happens: the values that `job.events()` yields."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flowbind.files import whole_file

if TYPE_CHECKING:
    from flowbind.errors import RunError
    from flowbind.result import NodeOutputs, Result

ResultT = TypeVar("ResultT", bound="Result[Any]")


@dataclass(frozen=True)
class Preview:
    """A rough picture of what a node is working on.

    `width` and `height` are what the server says, in pixels; `media_type` is that of the bytes, mostly image/jpeg.
    """

    width: int
    height: int
    media_type: str
    encoded: str = field(repr=False)

    def bytes(self) -> bytes:
        """Return the picture's bytes; raises `ValueError` where the server sent none that can be read."""
        try:
            return base64.b64decode(self.encoded, validate=True)
        except ValueError:
            raise ValueError("The server's preview is no base64 text.") from None

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, whole or not at all; return its path. Raises `OSError`, and as `bytes` does."""
        content, target = self.bytes(), Path(path)
        with whole_file(target) as part:
            part.write_bytes(content)
        return target


@dataclass(frozen=True)
class _OfRun:
    """Whom an event concerns: the queue item, and the number of the run among those submitted together, from 1.

    `item_id` is what the server calls the run: a number on InvokeAI, the id of the prompt on ComfyUI.
    """

    item_id: int | str
    run: int


@dataclass(frozen=True)
class Queued(_OfRun):
    """The server has the run in its queue."""


@dataclass(frozen=True)
class Started(_OfRun):
    """The run is the one that the server works on."""


@dataclass(frozen=True)
class Progress(_OfRun):
    """A node goes on; only told with the extra `events`.

    `node` is the node's label, else its type. `percentage` is from 0 to 100, None where the node does not count; `step`
    counts how often it has changed, 0 at the beginning. `preview` is None where there is none, or where the event lies
    far back when it is read.
    """

    node: str
    node_id: str
    message: str
    percentage: float | None
    step: int
    preview: Preview | None


@dataclass(frozen=True)
class NodeFinished(_OfRun):
    """A node has given something: `output` has an attribute for each of its outputs.

    A node that an iterate node repeats finishes once for each item.
    """

    node: str
    node_id: str
    output: NodeOutputs


@dataclass(frozen=True)
class Finished(_OfRun, Generic[ResultT]):
    """The run ended well."""

    result: ResultT


@dataclass(frozen=True)
class Failed(_OfRun):
    """The run did not end well: `error` is what `job.wait()` raises, canceled and deleted runs among it."""

    error: RunError


Event = Queued | Started | Progress | NodeFinished | Finished[ResultT] | Failed
"""Any of them. Each run ends with `Finished` or `Failed`, and nothing comes after."""
