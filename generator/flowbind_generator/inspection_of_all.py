"""`flowbind inspect --all`: all of an export that may become public, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from flowbind_generator.choosable import Choosable
from flowbind_generator.diagnostics import Diagnostic
from flowbind_generator.inspection import table
from flowbind_generator.ir import Module
from flowbind_generator.reports.json_report import dumped


def as_text(found: Choosable, module: Module | None) -> str:
    """Return all that can be chosen as two tables; `module` has what is public now, where it could be built."""
    attributes = _attributes(found, module)
    literals = [
        (one.address, one.type, json.dumps(one.value, ensure_ascii=False), attributes.get(one.address, ""), one.title)
        for one in found.literals
    ]
    endings = [(one.address, one.kind, attributes.get(one.address, ""), one.title) for one in found.endings]
    lines = list(table(("input", "type", "value", "attribute", "node"), literals, whole=1))
    if endings:
        lines += ["", *table(("output", "kind", "attribute", "node"), endings)]
    return "\n".join(lines)


def as_json(workflow: str, found: Choosable | None, module: Module | None, diagnostics: Sequence[Diagnostic]) -> str:
    """Return all that can be chosen as JSON; `attribute` is null for what is not public."""
    found = found or Choosable(())
    attributes = _attributes(found, module)
    return dumped(
        {
            "workflow": workflow,
            "literals": [
                {
                    "address": one.address,
                    "type": one.type,
                    "value": one.value,
                    "node_title": one.title,
                    "attribute": attributes.get(one.address),
                }
                for one in found.literals
            ],
            "outputs": [
                {
                    "address": one.address,
                    "kind": one.kind,
                    "node_title": one.title,
                    "attribute": attributes.get(one.address),
                }
                for one in found.endings
            ],
            "diagnostics": [d.as_json() for d in diagnostics],
        }
    )


def _attributes(found: Choosable, module: Module | None) -> Mapping[str, str]:
    """Return the attributes of what is public now, by address."""
    if module is None:
        return {}
    places = {
        place: i.attribute for i in module.inputs if not i.connected for place in ((i.node_id, i.field_name), *i.also)
    }
    shown = {o.node_id: o.attribute for o in module.outputs}
    public = {
        literal.address: next((places[place] for place in literal.places if place in places), None)
        for literal in found.literals
    } | {ending.address: shown.get(ending.node_id) for ending in found.endings}
    return {address: attribute for address, attribute in public.items() if attribute is not None}
