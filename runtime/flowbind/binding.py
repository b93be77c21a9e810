"""How a generated class is tied to its workflow: slots, outputs, and the files beside the module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowbind.digest import text_sha256
from flowbind.errors import InterfaceError

INTERFACE = 3
"""The runtime interface that this release offers to generated code, and that it generates for."""
OLDEST_INTERFACE = 2
"""The oldest interface that generated code may need: what was added since, it does without."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an input lives in the graph.

    `kind` says how a Python value becomes JSON, `accepts` which models the server's document says it takes. A slot
    without an attribute is a model, image or board that the workflow names and that is looked up before a run. `random`
    is what `RANDOM` draws from: the lowest number, the highest, and the step between them (None: there is none). `also`
    are further (node id, field) that take the same value, `saved` the keys that lead to it in the stored workflow.
    """

    attribute: str | None
    node: str
    field: str
    kind: str
    index: int | None = None
    label: str = ""
    accepts: Any = None
    random: tuple[float, float, float | None] | None = None
    also: tuple[tuple[str, str], ...] = ()
    saved: tuple[tuple[str | int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class OutputSlot:
    """Which node's output an attribute of the outputs holds.

    `many` where iteration or a collection gives a list, `repeated` where it is iteration. `optional` where the node may
    not run. `key` is the name of one value among those that the field holds.
    """

    attribute: str
    node: str
    field: str
    kind: str
    many: bool = False
    repeated: bool = False
    optional: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A list input of which each run takes one item.

    `targets` are the (node id, field) in the graph that take it. Batches of one `group` advance together; one of none
    is combined with every other. `group_attribute` is the input that chooses the group. `generator` is what the
    workflow has in place of a list, as long as the input is not set.
    """

    attribute: str
    node: str
    group: str | None
    group_attribute: str | None
    targets: tuple[tuple[str, str], ...]
    generator: Mapping[str, Any] | None


@dataclass(frozen=True)
class Binding:
    """What a generated class is made from.

    `graph` and `workflow` are pairs of file name and SHA-256; the files stand beside the generated module.
    """

    interface: int
    source: str
    graph: tuple[str, str]
    workflow: tuple[str, str] | None
    slots: tuple[Slot, ...]
    outputs_class: type[Any]
    outputs: tuple[OutputSlot, ...]
    batches: tuple[Batch, ...] = ()
    loaded: dict[str, bytes] = field(default_factory=dict[str, bytes], repr=False, compare=False)
    cache: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    def __post_init__(self) -> None:
        if not OLDEST_INTERFACE <= self.interface <= INTERFACE:
            older, cure = (
                ("older", "run `flowbind generate` again")
                if self.interface < OLDEST_INTERFACE
                else ("newer", "install the flowbind release that generated it")
            )
            raise InterfaceError(
                f"The class generated from {self.source} needs runtime interface {self.interface}; this flowbind "
                f"offers {INTERFACE}. The generated code is {older} than flowbind: {cure}."
            )

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what `make` gives, made on first use and kept."""
        if key not in self.cache:
            self.cache[key] = make()
        return self.cache[key]

    def read(self, module: str, sidecar: tuple[str, str]) -> bytes:
        """Return a file that belongs to the class, checked against its digest."""
        name, digest = sidecar
        if name in self.loaded:
            return self.loaded[name]
        place = getattr(sys.modules.get(module), "__file__", None)
        if place is None:
            raise InterfaceError(f"{name}, which belongs to the class generated from {self.source}, cannot be found.")
        path = Path(place).with_name(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InterfaceError(
                f"{name} is missing beside the module generated from {self.source} ({error.strerror}): "
                "run `flowbind generate`, and ship the .json files with the package."
            ) from None
        if text_sha256(data) != digest:
            raise InterfaceError(
                f"{name} is not what the module generated from {self.source} belongs to: run `flowbind generate`."
            )
        return data
