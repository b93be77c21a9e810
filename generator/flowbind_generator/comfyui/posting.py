"""What each node of a loaded workflow posts, and which control of the editor each value comes from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeAlias

from flowbind.comfyui.schema.controls import UNSET
from flowbind.comfyui.schema.shapes import mapping, text
from flowbind_generator.comfyui.graph import ENTRY
from flowbind_generator.comfyui.instances import Instance
from flowbind_generator.comfyui.live_nodes import Control, LiveNode, Slot
from flowbind_generator.comfyui.loading import Loaded
from flowbind_generator.comfyui.prompt import Expands, Place, PromptNode, is_link
from flowbind_generator.comfyui.resolving import Circular, Output, Promoted, Resolver, Scope, Source
from flowbind_generator.comfyui.texts import SAVING, dynamic_prompt, replaced

MOST_INPUTS, DEEPEST = 500_000, 100

Held: TypeAlias = tuple[Scope, LiveNode]
"""A node in the place where it is shown."""


class Unrunnable(Exception):
    """A workflow that no editor could post: a subgraph contains itself, or there are too many nodes."""

    def __init__(self, node: LiveNode, *, is_endless: bool) -> None:
        super().__init__(node.id)
        self.node, self.is_endless = node, is_endless


class Posting:
    """What is posted of a workflow: `nodes` by id. Raises `Unrunnable`.

    `unknown` are nodes that would be posted, but the server has no such class; `lost` are inputs whose link leads
    nowhere.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.nodes: dict[str, PromptNode] = {}
        self.unknown: list[Held] = []
        self.lost: list[tuple[LiveNode, Slot]] = []
        self.scopes: dict[tuple[int, str], Scope] = {}
        self._resolver = Resolver(self.scopes)
        self.prompt_ids: dict[tuple[int, str], str] = {}
        self._targets: dict[tuple[int, int], list[Place]] = {}
        self._sent: dict[tuple[int, int], Any] = {}
        self._expanding: dict[tuple[int, int], Expands] = {}
        self.shown = list(self._walk(Scope(loaded.root)))
        posted: list[dict[str, Any]] = []
        for scope, node in self.shown:
            if self._is_posted(scope, node):
                posted.append(self._post(scope, node))
        for inputs in posted:
            for name in [name for name, value in inputs.items() if is_link(value) and value[0] not in self.nodes]:
                del inputs[name]

    def targets(self, scope: Scope, control: Control) -> tuple[Place, ...]:
        """Return the inputs of the prompt that get the value of a control."""
        return tuple(self._targets.get((id(scope), id(control)), ()))

    def value(self, scope: Scope, control: Control) -> Any:
        """Return the value of a control as it is posted; of a text that is expanded at each run, as it is saved."""
        return self._sent.get((id(scope), id(control)), control.value)

    def expands(self, scope: Scope, control: Control) -> Expands | None:
        """Return how the editor makes another text of a control's at each run, None where it does not."""
        return self._expanding.get((id(scope), id(control)))

    def _walk(self, root: Scope) -> Iterator[Held]:
        count = 0
        open_ = [(root, iter(root.graph.nodes.values()))]
        while open_:
            scope, rest = open_[-1]
            node = next(rest, None)
            if node is None:
                open_.pop()
                continue
            count += 1 + len(node.slots) + len(node.controls)
            if count > MOST_INPUTS or scope.depth > DEEPEST:
                raise Unrunnable(node, is_endless=False)
            yield scope, node
            if isinstance(node, Instance):
                if scope.is_inside(node):
                    raise Unrunnable(node, is_endless=True)
                inner = self.scopes[id(scope), node.id] = Scope(node.inside, scope, node)
                open_.append((inner, iter(node.inside.nodes.values())))

    def _is_posted(self, scope: Scope, node: LiveNode) -> bool:
        if node.is_virtual or not node.is_active:
            return False
        # As in the editor, only an instance in the workflow itself mutes what is inside.
        while scope.outer is not None and scope.host is not None:
            if scope.outer.outer is None and not scope.host.is_active:
                return False
            scope = scope.outer
        if node.node_class is None:
            self.unknown.append((scope, node))
            return False
        return True

    def _post(self, scope: Scope, node: LiveNode) -> dict[str, Any]:
        known = scope.prompt_path + node.id
        inputs: dict[str, Any] = {}
        sources = self._sources(scope, node)
        for control in node.controls:
            plan = control.plan
            if not plan.posted:
                continue
            value = self._control_value(scope, node, control, sources)
            if value is UNSET:
                continue
            inputs[plan.name] = _wrapped(value, is_curve=plan.kind == "curve")
            if sources.get(plan.name) is None:
                owner = control if control.feeder is None else control.feeder.controls[0]
                self._give(scope, owner, known, plan.name)
        for name, source in sources.items():
            if isinstance(source, Output):
                inputs[name] = [source.node_id, source.slot]
            elif source is not None:
                inputs.pop(name, None)
                if source.control.value is not UNSET:
                    inputs[name] = _wrapped(source.control.value)
                self._give(source.scope, source.control, known, name)
        class_name = node.node_class.name if node.node_class else node.type
        title = node.title or (node.node_class.display_name if node.node_class else "")
        self.nodes[known] = PromptNode(known, scope.path + node.file_id, class_name, title, inputs)
        self.prompt_ids[id(scope), node.id] = known
        return inputs

    def _sources(self, scope: Scope, node: LiveNode) -> dict[str, Source]:
        found: dict[str, Source] = {}
        for place, slot in enumerate(node.slots):
            if slot.link is None:
                continue
            link = scope.graph.links.get(slot.link)
            if link is None or (link.origin not in scope.graph.nodes and (link.origin != ENTRY or scope.host is None)):
                self.lost.append((node, slot))
            try:
                found[slot.name] = self._resolver.source(scope, node, place)
            except Circular:
                self.lost.append((node, slot))
        return found

    def _give(self, scope: Scope, owner: Control, known: str, name: str) -> None:
        self._targets.setdefault((id(scope), id(owner)), []).append(Place(known, name))

    def _control_value(self, scope: Scope, node: LiveNode, control: Control, sources: dict[str, Source]) -> Any:
        plan, value = control.plan, control.value
        if plan.posts is not UNSET:
            return plan.posts
        if plan.kind == "index":
            return _choice_index(node, sources)
        if plan.kind == "branches":
            return [slot.label or slot.name.partition(".")[2] for slot in node.slots if _is_branch(slot)]
        if isinstance(value, str) and plan.input is not None:
            if plan.input.options.get("dynamicPrompts") is True and "." not in plan.name:
                made = dynamic_prompt(value)
                if made is None:
                    self._expanding[id(scope), id(control)] = "text"
                    return value
                self._sent[id(scope), id(control)] = made
                return made
            if plan.name == "filename_prefix" and node.type in SAVING:
                made, is_named = replaced(value, self._find)
                if is_named:
                    self._expanding[id(scope), id(control)] = "pattern"
                return made
        return value

    def _find(self, name: str, control: str) -> Any:
        by_search, by_title = self._named
        node = (by_search.get(name) or by_title.get(name)) if name else None
        found = None if node is None else node.control(control)
        return None if found is None else "" if found.value in (None, UNSET) else found.value

    @cached_property
    def _named(self) -> tuple[dict[str, LiveNode], dict[str, LiveNode]]:
        by_search: dict[str, LiveNode] = {}
        by_title: dict[str, LiveNode] = {}
        for _, node in self.shown:
            by_search.setdefault(_search_name(node), node)
            by_title.setdefault(node.title or _class_title(node), node)
        return by_search, by_title


def _search_name(node: LiveNode) -> str:
    # The editor gives each node its class's name for this, but for those in whose texts it looks for such names.
    given = node.type if node.node_class and node.type not in SAVING else ""
    return text(mapping(node.saved.get("properties")).get("Node name for S&R", given))


def _class_title(node: LiveNode) -> str:
    return node.node_class.display_name if node.node_class else ""


def _is_branch(slot: Slot) -> bool:
    return slot.name.startswith("autogrow.") and slot.link is not None


def _choice_index(node: LiveNode, sources: dict[str, Source]) -> int:
    choice, *rest = node.controls
    source = sources.get(choice.plan.name)
    chosen = source.control.value if isinstance(source, Promoted) else choice.value
    options = [control.value for control in rest if control.plan.kind == "option"]
    return options.index(chosen) if chosen in options else -1


def _wrapped(value: Any, *, is_curve: bool = False) -> Any:
    # A list alone would be a link.
    if is_curve and value is not None:
        return {"__type__": "CURVE", "__value__": value}
    return {"__value__": value} if isinstance(value, list) else value
