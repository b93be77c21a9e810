"""Saved values that the editor does not keep: none of them goes without a word."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.draft import DraftInput
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.places import Place, place_of
from flowbind_generator.invokeai.values import old_model


def tell_lost(place: Place, report: Report) -> list[str]:
    """Report the saved value of an input if it is lost; return what the docstring says of it."""
    if not place.entry.lost or place.field.type.name == "BoardField":
        return []
    old = old_model(place.entry.saved)
    model = old or _model(place.entry.saved)
    if old:
        report.warning(
            "FB205",
            f'"{place.label}" holds the model "{old[0]}" in the shape of a release before 4.0.',
            "Give the model when you run the workflow, or pick it in the editor and export again.",
            **place.whereabouts,
        )
    else:
        held = f' (model "{model[0]}", base {model[1]})' if model else ""
        report.warning(
            "FB207",
            f'The saved value of "{place.label}"{held} is not understood and counts as unset.',
            "Set the value in the editor and export again.",
            **place.whereabouts,
        )
    if model is None:
        return []
    name, base = model
    return [f'The workflow was saved with the model "{name}" (base {base}): pass its name if your server has it.']


def tell_others_lost(loaded: Loaded, catalog: Catalog, inputs: Collection[DraftInput], report: Report) -> None:
    """Report the lost values of what is no input and is fed by no edge."""
    known = {(d.input.node_id, d.input.field_name) for d in inputs} | loaded.wired
    for node in loaded.workflow.nodes:
        for name, entry in node.inputs.items():
            if entry.lost and (node.id, name) not in known:
                place = place_of(loaded, node, name, catalog, None)
                if place:
                    tell_lost(place, report)


def _model(saved: Any) -> tuple[str, str] | None:
    """Return (name, base) of a model of a kind that this release does not know."""
    if not isinstance(saved, Mapping):
        return None
    name, base = saved.get("name"), saved.get("base")
    return (name, base) if isinstance(name, str) and name and isinstance(base, str) else None
