"""The inputs that a project declares: attributes, and the slots that take their values."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.knobs import knob_of
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.prompt import Place, Prompt, Widget
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report
from flowbind_generator.quoting import literal


def picks(prompt: Prompt, catalog: Catalog, declaration: Declaration, report: Report) -> list[Pick]:
    """Return the declared inputs in their order; a slot that is not there refuses the workflow."""
    found: list[Pick] = []
    for attribute, slots in declaration.inputs.items():
        widgets = [w for slot in slots if (w := _taken(prompt, attribute, slot, declaration, report))]
        targets = tuple(place for widget in widgets for place in widget.targets)
        if widgets and (knob := knob_of(widgets[0], prompt, catalog, targets)):
            found.append(Pick(knob, attribute, declared=True))
    return found


def _taken(prompt: Prompt, attribute: str, slot: str, declaration: Declaration, report: Report) -> Widget | None:
    """Return the widget of a slot whose value a run takes."""
    node_id, _, name = slot.partition(".")
    found = list(_meant(prompt, node_id, name))
    if taken := next((widget for widget in found if widget.targets), None):
        return taken
    if found:
        message = "takes no value from outside: another node feeds it, or its node is bypassed or muted"
    else:
        message = f"is not there{_near(prompt, node_id, slot)}"
    report.error(
        "FB215",
        f"{literal(slot)}, which {declaration.place} declares as {attribute}, {message}.",
        "Run `flowbind inspect --all` to see what the workflow has, and mend the declaration.",
    )
    return None


def _meant(prompt: Prompt, node_id: str, name: str) -> Iterator[Widget]:
    """Yield the widgets that a slot may mean: nodes are named as in the file, or as in what is posted."""
    posted = Place(node_id, name)
    yield from (w for w in prompt.widgets if w.path == node_id and w.name == name)
    yield from (w for w in prompt.widgets if posted in w.targets)
    node = prompt.nodes.get(node_id)
    yield from (w for w in prompt.widgets if node and w.path == node.path and w.name == name)


def _near(prompt: Prompt, node_id: str, slot: str) -> str:
    known = [f"{w.path}.{w.name}" for w in prompt.widgets if w.targets]
    own = [name for name in known if name.startswith(f"{node_id}.")]
    near = get_close_matches(slot, own or known, n=3, cutoff=0.3)
    return f"; did you mean {' or '.join(map(literal, near))}?" if near else ""
