"""Nodes that no conversion can do without: classes that the server lacks, and the group nodes of old editors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.prompt import Keys
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer

_GROUP_PREFIXES = ("workflow>", "workflow/")
_OWN_PACK = "comfy-core"
_LISTS = ("inputs", "outputs", "widgets_values", "widgets_values_named")
_MOST_OF_A_NODE = 2_000


def package_of(facts: Any) -> str | None:
    """Return the package that a node's class comes from, by its `properties` or `_meta`; None for the server's own."""
    told: Mapping[str, Any] = facts if isinstance(facts, Mapping) else {}
    names = (told.get(key) for key in ("cnr_id", "aux_id"))
    return next((name for name in names if isinstance(name, str) and name and name != _OWN_PACK), None)


def refuse_class(
    class_type: str, package: str | None, catalog: Catalog, report: Report, keys: Keys, title: str | None
) -> None:
    """Refuse a node whose class the server lacks; `keys` lead to the class's name, `title` is the node's."""
    server = f"ComfyUI {catalog.app_version}" if catalog.app_version else "The server"
    cure = (
        f'Install the node package "{package}" on your server, then pin that server\'s own node classes with '
        "`flowbind spec pull URL`."
        if package
        else "Replace the node in the editor by one that the server has and save again, or pin the node classes of "
        "the server that has it with `flowbind spec pull URL`."
    )
    of_package = f' (of the package "{package}")' if package else ""
    report.error(
        "FB301",
        f'{server} has no node class "{class_type}"{of_package}.',
        cure,
        pointer=json_pointer(keys),
        node_label=title or None,
    )


def is_group_node(class_type: str) -> bool:
    """Tell whether a class is one that an old editor made of a group of nodes."""
    return class_type.startswith(_GROUP_PREFIXES)


def refuse_group_nodes(document: Mapping[str, Any], report: Report, root: Keys = ()) -> None:
    """Refuse the group nodes of a saved workflow, those in its subgraphs as well; `root` leads to it in its file."""
    for keys, node in _nodes(document):
        class_type = node.get("type")
        if isinstance(class_type, str) and is_group_node(class_type):
            title = node.get("title")
            refuse_group_node(class_type, report, (*root, *keys, "type"), title if isinstance(title, str) else None)


def refuse_large_nodes(document: Mapping[str, Any], report: Report, root: Keys = ()) -> None:
    """Refuse nodes with more values or inputs than any has: what each of them does to the others would take hours."""
    for keys, node in _nodes(document):
        held = [*((key, node.get(key)) for key in _LISTS), ("properties/proxyWidgets", _proxies(node))]
        for name, values in held:
            if isinstance(values, list | Mapping) and len(values) > _MOST_OF_A_NODE:
                report.error(
                    "FB104",
                    f"The node has {len(values):,} entries in {name}; flowbind reads {_MOST_OF_A_NODE:,}.",
                    "Check that it is the workflow's own file, or part the node.",
                    pointer=json_pointer((*root, *keys)),
                )


def _proxies(node: Mapping[str, Any]) -> Any:
    properties = node.get("properties")
    return properties.get("proxyWidgets") if isinstance(properties, Mapping) else None


def refuse_group_node(class_type: str, report: Report, keys: Keys, title: str | None) -> None:
    """Refuse one group node; `keys` lead to its class."""
    name = class_type.removeprefix(_GROUP_PREFIXES[0]).removeprefix(_GROUP_PREFIXES[1])
    report.error(
        "FB313",
        f'"{name}" is a group node, which ComfyUI has replaced by subgraphs.',
        "Open the workflow in a current ComfyUI, convert the group node to nodes or to a subgraph, and save again.",
        pointer=json_pointer(keys),
        node_label=title or None,
    )


def _nodes(document: Mapping[str, Any]) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    definitions = document.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, Mapping) else None
    inner = enumerate(subgraphs) if isinstance(subgraphs, list) else ()
    graphs: list[tuple[Keys, Any]] = [((), document), *((("definitions", "subgraphs", i), graph) for i, graph in inner)]
    for keys, graph in graphs:
        nodes = graph.get("nodes") if isinstance(graph, Mapping) else None
        for place, node in enumerate(nodes if isinstance(nodes, list) else ()):
            if isinstance(node, Mapping):
                yield (*keys, "nodes", place), node
