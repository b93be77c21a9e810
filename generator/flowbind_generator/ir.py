"""What is rendered: finished names, types, docs and defaults. Templates only write it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from flowbind_generator.imports import Imports
from flowbind_generator.limits import Limits

Cardinality = Literal["single", "list", "single_or_list"]
OutputKind = Literal["image", "video", "audio", "model_3d", "file", "text", "scalar", "value"]


@dataclass(frozen=True)
class Slot:
    """A place in the graph whose value may change; `kind` says how a Python value becomes JSON."""

    attribute: str | None
    node_id: str
    field_name: str
    kind: str


@dataclass(frozen=True)
class RandomRange:
    """What `RANDOM` draws from: numbers from `minimum` to `maximum`, with a `step` the multiples of it only."""

    minimum: float
    maximum: float
    step: float | None


@dataclass(frozen=True)
class Input:
    """One attribute of the generated class.

    `annotation`, `default_code` and `accepts` are Python source; `default` is the JSON value that an unset post sends.
    `models` are the models that it takes, by what is known of them; `accepts` says the same to the runtime. The form
    offers `ui_minimum` to `ui_maximum`, which binds nobody. `random` is what `RANDOM` draws from, where the input takes
    it: where the form has a button that does so. `also` are further (node id, field name) that take the value, too,
    `saved` the keys that lead to it in the stored workflow, where a run writes it there.
    """

    attribute: str
    index: int | None
    label: str
    node_id: str
    node_type: str
    field_name: str
    field_type: str
    cardinality: Cardinality
    kind: str
    annotation: str
    required: bool
    default: Any
    default_code: str | None
    doc: str
    json_pointer: str
    jsonpath: str
    choices: tuple[Any, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    models: Mapping[str, Sequence[str]] | None = field(default=None, hash=False)
    accepts: str | None = None
    ui_minimum: float | None = None
    ui_maximum: float | None = None
    random: RandomRange | None = None
    also: tuple[tuple[str, str], ...] = ()
    saved: tuple[tuple[str | int, ...], ...] = ()

    @property
    def connected(self) -> bool:
        """Whether another node feeds it, so that it takes no value."""
        return self.kind == "fed"

    def as_json(self) -> dict[str, Any]:
        """Return the input in the vocabulary of `flowbind inspect --format json`."""
        return {
            "index": self.index,
            "attribute": self.attribute,
            "label": self.label,
            "node_id": self.node_id,
            "field_name": self.field_name,
            "node_type": self.node_type,
            "field_type": self.field_type,
            "cardinality": self.cardinality,
            "python_type": self.annotation,
            "required": self.required,
            "connected": self.connected,
            "default": self.default,
            "choices": list(self.choices) if self.choices is not None else None,
            **vars(self.limits),
            "ui_minimum": self.ui_minimum,
            "ui_maximum": self.ui_maximum,
            "random": None if self.random is None else asdict(self.random),
            "models": None if self.models is None else {key: list(names) for key, names in self.models.items()},
            "json_pointer": self.json_pointer,
            "jsonpath": self.jsonpath,
            **({"also": [list(place) for place in self.also]} if self.also else {}),
        }


@dataclass(frozen=True)
class Output:
    """One attribute of the generated outputs class: what a node leaves behind.

    `many` where it is a list, `repeated` where the node runs more than once, `optional` where it may not run. `key` is
    the name of one value among those that the field holds.
    """

    attribute: str
    node_id: str
    node_type: str
    field_name: str
    kind: OutputKind
    many: bool
    annotation: str
    doc: str
    repeated: bool = False
    optional: bool = False
    key: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the output in the vocabulary of `flowbind inspect --format json`."""
        return {
            "attribute": self.attribute,
            "node_id": self.node_id,
            "node_type": self.node_type,
            "kind": self.kind,
            "many": self.many,
        }


@dataclass(frozen=True)
class Batch:
    """A list input of which each run takes one item.

    `targets` are the (node id, field name) that take it. Batches of one `group` advance together; those of none are
    combined with all others; `group_attribute` is the input that chooses it, if there is one. `generator` gives the
    items where the list is not set.
    """

    attribute: str
    node_id: str
    group: str | None
    group_attribute: str | None
    targets: tuple[tuple[str, str], ...]
    generator: Mapping[str, Any] | None


@dataclass(frozen=True)
class Module:
    """One generated module.

    `graph` is what is posted, `values` the values in it by node id and field name, `edges` what connects its nodes, as
    JSON. `workflow` is what is stored with each picture, where anything is, `references` are the slots outside the
    inputs that are looked up on the server. `source_digest` is that of the export as JSON, `file_digest` that of its
    bytes; `workflow_id` is what a server's library calls it, where it came from one.
    `node_types` are what the graph uses of each, `named` the models, pictures, videos and boards that it names.
    `field_types` are the schemas of the objects that inputs take, by class. `declaration` is the digest of what the
    project declares public, where it does.
    """

    engine: str
    source: str
    name: str
    class_name: str
    doc: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    references: tuple[Slot, ...]
    batches: tuple[Batch, ...]
    imports: Imports
    field_types: Mapping[str, Mapping[str, Any]]
    base_class: str
    source_digest: str
    workflow_id: str | None
    file_digest: str
    node_types: Mapping[str, Mapping[str, Any]]
    named: Sequence[Mapping[str, Any]]
    declaration: str | None
    values: Mapping[str, Mapping[str, Any]] = field(repr=False)
    edges: Sequence[Any] = field(repr=False)
    graph: Mapping[str, Any] = field(repr=False)
    workflow: Mapping[str, Any] | None = field(repr=False)

    @property
    def outputs_class(self) -> str:
        """The name of the class that holds the outputs."""
        return f"{self.class_name}Outputs"

    @property
    def graph_file(self) -> str:
        """The file beside the module that holds the graph."""
        return f"{self.name}.graph.json"

    @property
    def workflow_file(self) -> str:
        """The file beside the module that holds the workflow stored with each picture."""
        return f"{self.name}.workflow.json"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files of the module."""
        return (f"{self.name}.py", self.graph_file, *(() if self.workflow is None else (self.workflow_file,)))
