"""What a workflow uses of each node class, as the manifest keeps it: enough to compare it with any server later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flowbind.comfyui.schema.class_facts import about, input_facts, order_of
from flowbind.comfyui.schema.live_inputs import live_inputs
from flowbind.comfyui.schema.node_classes import DYNAMIC_COMBO, NodeClass, NodeInput
from flowbind.comfyui.schema.server_files import is_server_list, upload_kind
from flowbind.digest import json_sha256
from flowbind_generator.comfyui.prompt import Prompt, PromptNode, is_link
from flowbind_generator.comfyui.saved_places import classes_by_position
from flowbind_generator.draft import DraftInput
from flowbind_generator.input_use import InputUse

_DEEPEST = 8

Classes = Mapping[str, NodeClass]


def used_node_types(prompt: Prompt, classes: Classes, inputs: Iterable[DraftInput]) -> dict[str, dict[str, Any]]:
    """Return, by class, what the prompt uses of it: pack, inputs, outputs, and the digest of all that.

    `order` are the inputs that have values, as a saved file has them: where a server inserts one, the file gives the
    values behind it to the wrong ones. Files that have values by name, as prompts of the API, have none. Outputs go by
    their numbers, as links do. What is inside of another input is `under` the choices that bring it.
    """
    used = _Used(prompt, classes, inputs)
    return {name: used.record(classes[name]) for name in sorted(used.names)}


def named_things(prompt: Prompt, classes: Classes) -> list[dict[str, Any]]:
    """Return the server's own files that a run names which sets nothing: models, and what was uploaded."""
    return [
        {"kind": kind, "node_id": node.id, "node_type": node.class_type, "field_name": name, "value": value}
        for node, node_class in _known(prompt, classes)
        for name, found in live_inputs(node_class, node.inputs).items()
        if not is_link(given := node.inputs.get(name)) and (kind := _kind_of_file(node_class, found)) is not None
        for value in (given if isinstance(given, list) else [given])
        if isinstance(value, str) and value
    ]


def prompt_values(prompt: Prompt) -> dict[str, dict[str, Any]]:
    """Return what a prompt holds besides its links, by node id and input; `class_type` is among the inputs."""
    return {
        node.id: {
            **{name: value for name, value in node.inputs.items() if not is_link(value)},
            "class_type": node.class_type,
        }
        for node in prompt.nodes.values()
    }


def prompt_edges(prompt: Prompt) -> list[list[Any]]:
    """Return the links of a prompt: [node id, number of output, node id, input]."""
    return [
        [*value, node.id, name]
        for node in prompt.nodes.values()
        for name, value in node.inputs.items()
        if is_link(value)
    ]


class _Used:
    """The node classes of a prompt, and how its nodes use each input and output."""

    def __init__(self, prompt: Prompt, classes: Classes, inputs: Iterable[DraftInput]) -> None:
        self._prompt = prompt
        self._classes = classes
        self._by_position = classes_by_position(prompt.stored)
        self._attributes = dict(_places(inputs))
        self._uses: defaultdict[str, defaultdict[str, InputUse]] = defaultdict(lambda: defaultdict(InputUse))
        self._found: defaultdict[str, dict[str, NodeInput]] = defaultdict(dict)
        self._under: dict[tuple[str, str], dict[str, Any]] = {}
        self._outputs: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._chosen: defaultdict[str, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.names: set[str] = set()
        for node, node_class in _known(prompt, classes):
            self.names.add(node_class.name)
            self._add(node, node_class)

    def record(self, node_class: NodeClass) -> dict[str, Any]:
        """Return what the manifest says of one class."""
        facts: dict[str, Any] = {}
        uses: dict[str, Any] = {}
        for name, use in sorted(self._uses[node_class.name].items()):
            takes_values = use.is_attribute or use.is_literal
            found = input_facts(node_class, self._found[node_class.name][name], takes_values=takes_values)
            # What nobody touches matters as far as it has a default, or cannot do without a value.
            if takes_values or use.is_fed or not found.keys().isdisjoint({"default", "required"}):
                under = self._under.get((node_class.name, name))
                facts[name] = {**found, "under": under} if under else found
                uses[name] = use.as_json()
        outputs = {
            place: {**output, "feeds": sorted(output["feeds"])}
            for place, output in sorted(self._outputs[node_class.name].items())
        }
        told: dict[str, Any] = {**about(node_class), "shows": node_class.is_output}
        if node_class.name in self._by_position:
            told["order"] = order_of(node_class, self._chosen[node_class.name])
        given = {place: [output["type"], output["name"]] for place, output in outputs.items()}
        inputs = {name: {**found, **uses[name]} for name, found in facts.items()}
        return {**told, "digest": json_sha256([told, facts, given]), "inputs": inputs, "outputs": outputs}

    def _add(self, node: PromptNode, node_class: NodeClass) -> None:
        live = live_inputs(node_class, node.inputs)  # the server ignores others
        for name, found in live.items():
            use = self._uses[node_class.name][name]
            self._found[node_class.name].setdefault(name, found)
            if found.type == DYNAMIC_COMBO:
                self._chosen[node_class.name][name].append(node.inputs.get(name))
            if name not in node_class.by_name:
                self._under.setdefault((node_class.name, name), _choices_above(node, live, name))
            self._use(use, node, name)
            if is_link(node.inputs.get(name)):
                self._feed(node.inputs[name], f"{node_class.name}.{name}")

    def _use(self, use: InputUse, node: PromptNode, name: str) -> None:
        """Note how one node uses an input."""
        value = node.inputs.get(name)
        item = self._attributes.get((node.id, name))
        if is_link(value):
            use.is_fed = True
        elif item is not None:
            use.is_attribute = True
            use.is_unset |= name not in node.inputs
            if (item.input.node_type, item.input.field_name) != (node.class_type, name):
                # It takes the value of an attribute that stands elsewhere: this value, or any other.
                use.add(value)
                use.is_longer = True
        elif name in node.inputs:
            use.add(value)
        else:
            use.is_unset = True

    def _feed(self, link: Sequence[Any], end: str) -> None:
        source = self._prompt.nodes.get(link[0])
        node_class = self._classes.get(source.class_type) if source else None
        if node_class is None or not 0 <= link[1] < len(node_class.outputs):
            return
        output = node_class.outputs[link[1]]
        told = {"type": output.type, "name": output.name, "feeds": set[str]()}
        self._outputs[node_class.name].setdefault(str(link[1]), told)["feeds"].add(end)


def _known(prompt: Prompt, classes: Classes) -> Iterator[tuple[PromptNode, NodeClass]]:
    """Yield the nodes whose classes the server has; a workflow with others is refused elsewhere."""
    for node in prompt.nodes.values():
        if node.class_type in classes:
            yield node, classes[node.class_type]


def _places(inputs: Iterable[DraftInput]) -> Iterator[tuple[tuple[str, str], DraftInput]]:
    """Yield the places of the prompt that take the value of an attribute."""
    for item in inputs:
        if not item.input.connected:
            for place in ((item.input.node_id, item.input.field_name), *item.input.also):
                yield place, item


def _choices_above(node: PromptNode, live: Mapping[str, NodeInput], name: str) -> dict[str, Any]:
    """Return the choices of a node that bring an input of theirs with them, by the inputs that hold the choices."""
    steps = name.split(".", _DEEPEST)
    above = [".".join(steps[:count]) for count in range(1, len(steps))]
    return {
        outer: node.inputs[outer]
        for outer in above
        if outer in node.inputs and outer in live and live[outer].type == DYNAMIC_COMBO
    }


def _kind_of_file(node_class: NodeClass, found: NodeInput) -> str | None:
    """Return what kind of the server's files an input names, None for other inputs."""
    if kind := upload_kind(node_class, found):
        return kind
    return "model" if found.type == "COMBO" and is_server_list(node_class, found) else None
