"""What the nodes of a prompt are for: the inputs that their results end in."""

from __future__ import annotations

from collections import defaultdict

from flowbind.comfyui.schema.live_inputs import input_named
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.prompt import Prompt, is_link

_MOST = 100
"""How many nodes are looked at: what is farther than that is no help."""


class Roles:
    """The links of a prompt, seen from where they begin."""

    def __init__(self, prompt: Prompt, catalog: Catalog) -> None:
        self._prompt = prompt
        self._catalog = catalog
        self._fed: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for node in prompt.nodes.values():
            for name, value in node.inputs.items():
                if is_link(value):
                    self._fed[value[0]].append((node.id, name))

    def role(self, node_id: str) -> str:
        """Return the one input that a node's results are for ("positive"), "" where there are none or several.

        A node takes them further where its input is only called by their type ("conditioning").
        """
        found: set[str] = set()
        seen, waiting = {node_id}, [node_id]
        while waiting and len(found) < 2 and len(seen) < _MOST:
            for consumer, name in self._fed[waiting.pop()]:
                if not self._is_named_by_type(consumer, name):
                    found.add(name.rpartition(".")[2])
                elif consumer not in seen:
                    seen.add(consumer)
                    waiting.append(consumer)
        return found.pop() if len(found) == 1 else ""

    def _is_named_by_type(self, node_id: str, name: str) -> bool:
        node = self._prompt.nodes[node_id]
        node_class = self._catalog.get(node.class_type)
        spec = input_named(node_class, name, node.inputs) if node_class else None
        own = name.rpartition(".")[2].rstrip("_0123456789").lower()
        return spec is None or own in (spec.type.lower(), spec.type.lower() + "s", "input", "value")
