"""Nodes that a partner of ComfyUI's runs on machines of its own, for money."""

from __future__ import annotations

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.diagnostics import Report


def tell_partners(prompt: Prompt, catalog: Catalog, report: Report) -> str:
    """Report the nodes that cost money, and return what the class's docstring says of them, "" where there are none."""
    found: dict[str, str] = {}
    for node in prompt.nodes.values():
        node_class = catalog.get(node.class_type)
        if node_class is None or not node_class.is_api:
            continue
        found[node.class_type] = node_class.display_name
        report.info(
            "FB211",
            f'"{node_class.display_name}" ({node_class.name}) is run by a partner of ComfyUI\'s: each run costs money.',
            "A run needs the key of an account at comfy.org.",
            node_label=node.title or None,
        )
    if not found:
        return ""
    names = ", ".join(dict.fromkeys(found.values()))
    return f"Each run costs money and needs the key of an account at comfy.org, for: {names}."
