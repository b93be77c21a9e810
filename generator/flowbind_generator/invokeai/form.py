"""The public inputs of a workflow: the form's node-fields in preorder, else the exposed fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.document import FieldId, Workflow
from flowbind_generator.numbers import is_number
from flowbind_generator.pointers import json_pointer

_MEND = "Open the workflow in the editor, mend the form, and export again."
_NUMBER_COMPONENTS = ("number-input", "slider", "number-input-and-slider")


@dataclass(frozen=True)
class FormField:
    """One public input: its index, where it lives, and how the author set up its widget."""

    index: int
    id: FieldId
    path: tuple[str | int, ...]
    settings: Mapping[str, Any]

    @property
    def options(self) -> tuple[str, ...] | None:
        """The values of a string's dropdown."""
        if self.settings.get("component") != "dropdown":
            return None
        return tuple(dict.fromkeys(str(o["value"]) for o in self.settings["options"])) or None

    @property
    def shuffles(self) -> bool:
        """Whether the widget has a button that draws a random number."""
        return bool(self.settings.get("showShuffle"))


def form_fields(workflow: Workflow, report: Report) -> list[FormField]:
    """Return the public inputs in order.

    A dangling or repeated element uses an index and yields no field, so that later indices stay as they are.
    """
    found: list[FormField] = []
    seen: set[FieldId] = set()
    for index, (named, path, settings) in enumerate(_elements(workflow, report)):
        field_id = _renamed(workflow, named)
        node = workflow.node(field_id.node_id)
        if node is None or field_id.field_name not in node.inputs:
            report.warning(
                "FB201",
                f"Form input {index} points to {field_id.node_id}.{field_id.field_name}, which does not exist.",
                _MEND,
                pointer=json_pointer(path),
            )
        elif field_id in seen:
            report.warning(
                "FB202",
                f'Form input {index} repeats the input "{field_id.field_name}".',
                _MEND,
                pointer=json_pointer(path),
                node_label=node.label or None,
            )
        else:
            seen.add(field_id)
            found.append(FormField(index, field_id, path, settings))
    return found


def _renamed(workflow: Workflow, field_id: FieldId) -> FieldId:
    """Follow the one input that the editor renames in forms: `collection` of `image_collection` became `images`."""
    node = workflow.node(field_id.node_id)
    if node and node.type == "image_collection" and field_id.field_name == "collection" and "images" in node.inputs:
        return FieldId(field_id.node_id, "images")
    return field_id


_Element = tuple[FieldId, tuple[str | int, ...], Mapping[str, Any]]


def _elements(workflow: Workflow, report: Report) -> Iterator[_Element]:
    form = workflow.form
    if form is not None and not _is_valid(form):
        report.warning(
            "FB203",
            "The form is broken, so the editor ignores it; the exposed fields are used.",
            _MEND,
            pointer="/form",
        )
        form = None
    if form is not None and (form["elements"].get(form["rootElementId"].strip()) or {}).get("type") != "container":
        report.error(
            "FB203",
            f"The form's root {form['rootElementId']!r} is no container of the form.",
            _MEND,
            pointer="/form/rootElementId",
        )
        return
    if form is not None:
        yield from _shown(form, report)
    # A form of which nothing is left counts as empty.
    if form is None or not _children(mended_form(form)["elements"][form["rootElementId"].strip()]):
        for i, field_id in enumerate(workflow.exposed_fields):
            yield field_id, ("exposedFields", i), {}


def _shown(form: Mapping[str, Any], report: Report) -> Iterator[_Element]:
    """Yield the node-fields of a form in preorder; the report has what is wrong with its tree."""
    elements: Mapping[str, Any] = form["elements"]
    problems: dict[str, list[str]] = {}
    seen: set[str] = set()
    for key, parent in _visits(form):
        element = elements.get(key)
        if element is None or key in seen:
            problems.setdefault("missing" if element is None else "in it twice", []).append(key)
            continue
        seen.add(key)
        if (element.get("parentId") or "").strip() != (parent or ""):
            problems.setdefault("not where they say they are", []).append(key)
        if element["type"] == "node-field":
            where = element["data"]["fieldIdentifier"]
            field_id = FieldId(where["nodeId"].strip(), where["fieldName"].strip())
            yield field_id, ("form", "elements", key), element["data"].get("settings") or {}
    if lost := [key for key in elements if key not in seen]:
        problems["in no container, and left out"] = lost
    for problem, found in problems.items():
        keys = list(dict.fromkeys(found))
        named = ", ".join(map(repr, keys[:3])) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
        report.warning(
            "FB203", f"The form is broken: elements that are {problem}: {named}.", _MEND, pointer="/form/elements"
        )


def _visits(form: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield each element that the tree names, in preorder, with the container that names it."""
    seen: set[str] = set()
    todo: list[tuple[str, str | None]] = [(form["rootElementId"].strip(), None)]
    while todo:
        key, parent = todo.pop()
        yield key, parent
        if key not in seen:
            seen.add(key)
            todo.extend((child, key) for child in reversed(_children(form["elements"].get(key) or {})))


def _children(element: Mapping[str, Any]) -> list[str]:
    return [child.strip() for child in element["data"]["children"]] if element.get("type") == "container" else []


def mended_form(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a form of which the editor shows the same and which it opens: its tree is whole."""
    if not _is_valid(form):
        return form  # the editor puts an empty one in its place
    elements: Mapping[str, Any] = form["elements"]
    parents: dict[str, str | None] = {}
    for key, parent in _visits(form):
        if key in elements:
            parents.setdefault(key, parent)
    kept: dict[str, Any] = {}
    for key, parent in parents.items():
        element = {k: v for k, v in elements[key].items() if k != "parentId"}
        kept[key] = element | ({} if parent is None else {"parentId": parent})
        if element["type"] == "container":
            children = dict.fromkeys(child for child in _children(element) if parents.get(child) == key)
            kept[key]["data"] = {**element["data"], "children": list(children)}
    return {**form, "elements": kept}


def _is_valid(form: Any) -> bool:
    if not isinstance(form, Mapping) or not _is_text(form.get("rootElementId")):
        return False
    elements = form.get("elements")
    return isinstance(elements, Mapping) and all(_is_valid_element(e) for e in elements.values())


def _is_valid_element(element: Any) -> bool:
    if not isinstance(element, Mapping) or not _is_text(element.get("id")):
        return False
    if "parentId" in element and not _is_text(element["parentId"]):
        return False
    kind, data = element.get("type"), element.get("data")
    if kind == "divider":
        return data is None
    if not isinstance(data, Mapping):
        return False
    if kind == "container":
        children = data.get("children")
        return data.get("layout") in ("row", "column") and isinstance(children, list) and all(map(_is_text, children))
    if kind in ("heading", "text"):
        return isinstance(data.get("content"), str)
    where = data.get("fieldIdentifier")
    return (
        kind == "node-field"
        and isinstance(where, Mapping)
        and _is_text(where.get("nodeId"))
        and _is_text(where.get("fieldName"))
        and isinstance(data.get("showDescription", True), bool)
        and _are_valid_settings(data.get("settings", {}))
    )


def _are_valid_settings(settings: Any) -> bool:
    if not isinstance(settings, Mapping) or None in (settings.get("type", ""), settings.get("component", "")):
        return False
    kind, component = settings.get("type"), settings.get("component")
    if kind in (None, "float-field-config", "integer-field-config") and (
        component in (None, *_NUMBER_COMPONENTS)
        and isinstance(settings.get("showShuffle", False), bool)
        and all(is_number(settings[k]) for k in ("min", "max") if k in settings)
    ):
        return True
    if kind not in (None, "string-field-config"):
        return False
    options = settings.get("options")
    has_options = isinstance(options, list) and all(
        isinstance(o, Mapping) and isinstance(o.get("label"), str) and isinstance(o.get("value"), str) for o in options
    )
    return component in (None, "input", "textarea") or (component == "dropdown" and has_options)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
