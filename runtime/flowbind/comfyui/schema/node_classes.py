"""What ComfyUI's `/object_info` says of a node class: its inputs in order, its outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flowbind.comfyui.schema.shapes import at, items, mapping, text

COMBO = "COMBO"
DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
AUTOGROW = "COMFY_AUTOGROW_V3"
MATCH_TYPE = "COMFY_MATCHTYPE_V3"
DYNAMIC_GROUP = "COMFY_DYNAMICGROUP_V3"


@dataclass(frozen=True)
class NodeInput:
    """One input of a node class.

    `type` is as the server says it ("INT", "MODEL", "FLOAT,INT"); that of a list of choices is `COMBO`. `options` are
    the further facts (default, min, max, tooltip and so on), without the choices. Inputs inside of another, as the
    option of a dynamic combo has them, have names with dots: "model.max_tokens".
    """

    name: str
    type: str
    required: bool
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    choices: tuple[Any, ...] | None = None

    @property
    def label(self) -> str:
        """What the editor calls it."""
        return text(self.options.get("display_name")) or self.name

    @cached_property
    def brings(self) -> Mapping[str, tuple[NodeInput, ...]]:
        """The inputs that each key of a dynamic combo brings with it, by the key; of another input, none.

        The editor calls them by their own names, whatever the server says.
        """
        if self.type != DYNAMIC_COMBO:
            return {}
        told = [option for option in items(self.options.get("options")) if isinstance(option, Mapping)]
        inside = ((option.get("key"), inputs_in(option.get("inputs"), prefix=f"{self.name}.")) for option in told)
        return {
            key: tuple(inner.called(inner.name.removeprefix(f"{self.name}.")) for inner in inputs)
            for key, inputs in inside
            if isinstance(key, str)
        }

    def called(self, label: str) -> NodeInput:
        """Return the same input as the editor calls it elsewhere."""
        return replace(self, options={**self.options, "display_name": label})

    @property
    def tooltip(self) -> str:
        """What the editor tells of it."""
        return text(self.options.get("tooltip"))


@dataclass(frozen=True)
class NodeOutput:
    """One output of a node class, by its place; `match` is the group of inputs whose type it has."""

    name: str
    type: str
    is_list: bool
    match: str = ""


@dataclass(frozen=True)
class NodeClass:
    """A node class of a server.

    `inputs` are those that the editor shows, the required ones first, in the server's order; `hidden` ones the server
    fills. `module` is where the class comes from: "nodes", "comfy_extras.nodes_mask", "custom_nodes.a-pack".
    """

    name: str
    display_name: str
    module: str
    inputs: tuple[NodeInput, ...]
    outputs: tuple[NodeOutput, ...]
    is_output: bool
    is_api: bool
    is_deprecated: bool
    is_experimental: bool
    # What others make of the class, once for all workflows: by who made it.
    kept: dict[str, Any] = field(default_factory=dict[str, Any], hash=False, compare=False, repr=False)

    @cached_property
    def by_name(self) -> Mapping[str, NodeInput]:
        """The inputs by name, those inside of others left out."""
        return {i.name: i for i in self.inputs}


class NodeClasses(Mapping[str, NodeClass]):
    """The node classes in a server's answer to `/object_info` by name, each read on first use; all else is left out."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.told = {name: told for name, told in document.items() if is_node_class(told)}
        self._read: dict[str, NodeClass] = {}

    def __getitem__(self, name: str) -> NodeClass:
        if name not in self._read:
            self._read[name] = node_class(name, self.told[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self.told

    def __iter__(self) -> Iterator[str]:
        return iter(self.told)

    def __len__(self) -> int:
        return len(self.told)


def is_node_class(told: Any) -> bool:
    """Tell whether a value is what `/object_info` says of a node class."""
    return isinstance(told, Mapping) and isinstance(told.get("input"), Mapping) and isinstance(told.get("output"), list)


def node_class(name: str, told: Mapping[str, Any]) -> NodeClass:
    """Return a node class by what the server tells of it; parts of another shape than usual are left out."""
    titles, types, lists, matches = (
        items(told.get(key)) for key in ("output_name", "output", "output_is_list", "output_matchtypes")
    )
    return NodeClass(
        name=name,
        display_name=text(told.get("display_name")) or name,
        module=text(told.get("python_module")),
        inputs=inputs_in(told.get("input"), told.get("input_order")),
        outputs=tuple(
            NodeOutput(
                text(at(titles, place)) or type_name(kind),
                type_name(kind),
                at(lists, place) is True,
                text(at(matches, place)),
            )
            for place, kind in enumerate(types)
        ),
        is_output=told.get("output_node") is True,
        is_api=told.get("api_node") is True,
        is_deprecated=told.get("deprecated") is True,
        is_experimental=told.get("experimental") is True,
    )


def inputs_in(told: Any, order: Any = None, prefix: str = "") -> tuple[NodeInput, ...]:
    """Return the inputs of a class, or of an option of a dynamic combo, in the order in which the editor shows them."""
    sections, orders = mapping(told), mapping(order)
    found: list[NodeInput] = []
    for section, required in (("required", True), ("optional", False)):
        named = mapping(sections.get(section))
        # Those that the order forgets come last.
        ordered = [name for name in items(orders.get(section)) if isinstance(name, str) and name in named]
        for name in dict.fromkeys([*ordered, *named]):
            if made := _input(prefix + name, named[name], required):
                found.append(made)
    return tuple(found)


def type_name(told: Any) -> str:
    """Return the type of an input or output: a list of choices is a combo."""
    return told if isinstance(told, str) else COMBO if isinstance(told, list) else "*"


def types_in(type_name: str) -> Iterator[str]:
    """Yield the members of a type, which may be a union: "FLOAT,INT"."""
    yield from (name.strip().upper() for name in type_name.split(","))


def _input(name: str, told: Any, required: bool) -> NodeInput | None:
    if not isinstance(told, list) or not told:
        return None
    options = dict(mapping(told[1])) if len(told) > 1 else {}
    kind, choices = type_name(told[0]), told[0] if isinstance(told[0], list) else None
    if kind == COMBO and choices is None:
        choices = items(options.pop("options", None))
    return NodeInput(name, kind, required, options, None if choices is None else tuple(choices))
