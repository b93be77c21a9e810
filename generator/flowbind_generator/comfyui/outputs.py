"""What a workflow leaves behind, and what its outputs are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowbind.comfyui.schema.node_classes import NodeClass
from flowbind_generator.comfyui.prompt import EditorNode, Prompt, PromptNode
from flowbind_generator.comfyui.shown import saves, shown_by
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report
from flowbind_generator.docs import wrapped
from flowbind_generator.draft import DraftOutput
from flowbind_generator.ir import Output
from flowbind_generator.names import Candidate
from flowbind_generator.pointers import json_pointer

MARKER = "out:"
"""What the title of a node begins with that its author wants as an output: "out:cover"."""


def draft_outputs(
    prompt: Prompt, catalog: Mapping[str, NodeClass], declaration: Declaration | None, report: Report
) -> list[DraftOutput]:
    """Return the outputs of a workflow, by the first of these that names any.

    The declaration; what the author chose for App mode; nodes whose titles have the marker; all nodes that save
    something; all that show something. `field_name` is the key under which nodes of that kind name what they show
    ("images", "audio", "text", "3d"); "files" stands for all keys.
    """
    shown = _Shown(prompt, catalog, report)
    if not shown.all:
        report.error(
            "FB306",
            "No node of the workflow saves or shows anything.",
            "Add a node that does, such as Save Image, and save the workflow again.",
        )
        return []
    if declaration is not None and declaration.outputs is not None:
        return shown.declared(declaration.outputs, declaration.place)
    return shown.chosen() or shown.marked() or [shown.draft(node) for node in shown.kept()]


class _Shown:
    """The nodes of a prompt that show something."""

    def __init__(self, prompt: Prompt, catalog: Mapping[str, NodeClass], report: Report) -> None:
        self._prompt = prompt
        self._catalog = catalog
        self._report = report
        self.all = [n for n in prompt.nodes.values() if (c := catalog.get(n.class_type)) and c.is_output]
        self._by_address: dict[str, list[PromptNode]] = {}
        for node in self.all:
            # A subgraph stands for what is inside.
            steps = node.path.split(":")
            for address in {":".join(steps[:count]) for count in range(1, len(steps) + 1)} | {node.id}:
                self._by_address.setdefault(address, []).append(node)

    def declared(self, outputs: Mapping[str, str], place: str) -> list[DraftOutput]:
        """Return the outputs that a project declares, by attribute."""
        found: dict[str, DraftOutput] = {}
        for attribute, address in outputs.items():
            nodes = self._meant(address)
            if len(nodes) == 1 and nodes[0].id not in found:
                found[nodes[0].id] = self.draft(nodes[0], attribute)
                continue
            if len(nodes) == 1:
                self._report.warning(
                    "FB202",
                    f'The output `{attribute}`, declared in {place}, repeats the node "{address}".',
                    "Take one of the two out.",
                )
                continue
            what = "several nodes" if nodes else "no node"
            self._report.error(
                "FB215",
                f'The output `{attribute}`, declared in {place}, names "{address}", which is {what} that a run shows.',
                "`flowbind inspect --all` lists the outputs there are.",
            )
        return list(found.values())

    def chosen(self) -> list[DraftOutput]:
        """Return the outputs that the author chose for App mode."""
        listed = self._prompt.linear.get("outputs")
        nodes: dict[str, PromptNode] = {}
        for place, address in enumerate(listed if isinstance(listed, list) else ()):
            # Of the shapes that the editor writes; what else stands there it drops, too.
            known = isinstance(address, str | int) and not isinstance(address, bool)
            meant = self._meant(str(address)) if known else []
            nodes |= {node.id: node for node in meant}
            if not meant:
                self._report.warning(
                    "FB201",
                    f"Output {place} of App mode points to {str(address)[:60]!r}, which is no node that a run shows.",
                    "Choose the outputs of App mode anew in the editor and save the workflow again.",
                    pointer=json_pointer((*self._prompt.root, "extra", "linearData", "outputs", place)),
                )
        return [self.draft(node) for node in nodes.values()]

    def marked(self) -> list[DraftOutput]:
        """Return the outputs whose nodes have the marker in their titles, called by what follows it."""
        found: dict[str, DraftOutput] = {}
        for editor_node in self._prompt.editor_nodes:
            name = marked_name(editor_node)
            if name is None:
                continue
            nodes = self._meant(editor_node.path)
            found |= {node.id: self.draft(node, name) for node in nodes if node.id not in found}
            if not nodes:
                self._report.warning(
                    "FB201",
                    "The node is marked as an output, but a run does not show it.",
                    "Mark one that saves or previews something, and that is neither muted nor bypassed.",
                    pointer=json_pointer(editor_node.keys),
                    node_label=editor_node.title,
                )
        return list(found.values())

    def kept(self) -> Sequence[PromptNode]:
        """Return the nodes that save what they show; where none does, all."""
        return [node for node in self.all if saves(self._catalog[node.class_type])] or self.all

    def draft(self, node: PromptNode, name: str = "") -> DraftOutput:
        """Return a node's output; `name` is what it is called before all else."""
        node_class = self._catalog[node.class_type]
        shown = shown_by(node_class)
        own_title = self._title(node)
        what = f"{shown.word}s {'saved' if saves(node_class) else 'shown'}"
        return DraftOutput(
            Candidate(
                f"{node.id}/{shown.key}",
                (name, own_title, shown.plural),
                owners=(own_title, node_class.display_name, f"node {node.id}"),
            ),
            Output(
                attribute="",
                node_id=node.id,
                node_type=node.class_type,
                field_name=shown.key,
                kind=shown.kind,
                many=True,
                annotation=f"list[{shown.annotation}]",
                doc=wrapped(f'The {what} by the node "{own_title or node_class.display_name}".'),
            ),
        )

    def _title(self, node: PromptNode) -> str:
        editor_node = self._prompt.by_path.get(node.path)
        if editor_node is None:
            return ""
        marked = marked_name(editor_node)
        return editor_node.title if marked is None else marked

    def _meant(self, address: str) -> list[PromptNode]:
        """Return the nodes that show something by their path in the file, or their id in the prompt.

        Of a subgraph, those inside are meant.
        """
        found = self._by_address.get(address, [])
        # The editor numbers some nodes anew: what is one's id may be another's path.
        return [node for node in found if node.path == address] or found


def marked_name(node: EditorNode) -> str | None:
    """Return what an author calls an output by the node's title, None where the title has no marker."""
    title = node.title.strip()
    return title[len(MARKER) :].strip() if title[: len(MARKER)].lower() == MARKER else None
