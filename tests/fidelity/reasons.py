"""Why the page blocks or refuses a file, and what flowbind has to say of the same place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.errors import InputError
from flowbind.invokeai.runs.preview import preview
from flowbind_generator.diagnostics import Diagnostic
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.node_types import InputField, NodeType

from .building import Built
from .compare import JUNK, Place
from .page import BATCH_TYPES
from .shared import Record
from .tables import LENIENT

_UNFED = ": parameters.invoke.missingInputForField"
_NO_NODE, _NO_FIELD, _NOTHING = "Missing node template", "Missing field template", "No nodes in graph"
_BATCH = ("Some batch nodes have empty collections", "Batch node not connected:", "Collection size mismatch on Batch")

# What the page says when it refuses a file, by the first place that it names: flowbind's code.
_LOAD_CODES = (
    (r"meta\.version", "FB103"),
    (r"form", "FB203"),
    (r"(edges|nodes)\[\d+\]\.type", "FB105"),
    (r".*", "FB104"),
)


def unlike_the_page(record: Record, built: Built, catalog: Catalog) -> Iterator[str]:
    """Yield what the page says of a file and flowbind does not, and what flowbind alone refuses it for."""
    if record["status"] == "load_failed":
        yield from _load_reasons(record, built)
        return
    nodes = _Nodes(record["workflow"], catalog)
    counts: Counter[str] = Counter(record["reasons"])
    for reason, count in counts.items():
        if _stopped_early(built) and not reason.startswith((_NO_NODE, *_BATCH)):
            continue  # flowbind reads no further: what it refuses for is compared below
        said = _said(reason, built, nodes)
        if said < count:
            yield f"the page says {reason!r} {count} times, flowbind {said} times"
    for error in built.errors:
        if _is_taken_for_junk(error, record, nodes):
            continue
        if (word := _reason_of(error, nodes)) not in counts and not (word is None and cannot_run_as_a_batch(record)):
            yield f"flowbind refuses for {error.code} {error.message}, the page does not"


def _load_reasons(record: Record, built: Built) -> Iterator[str]:
    """A file that the page refuses to load: refused for the same place, or read with a warning of it."""
    (message,) = record["messages"]
    if "Unable to get workflow schema version" in message:
        code, place = "FB106", "/meta/version"
    else:
        named = re.search(r' at "([^"]+)"', message) or re.search(r'Invalid input "([^"]+)"', message)
        assert named, message
        code = next(code for pattern, code in _LOAD_CODES if re.fullmatch(pattern, named[1]))
        place = "/" + re.sub(r"\[(\d+)\]", r".\1", named[1]).replace(".", "/")
    severity = "warning" if record["name"] in LENIENT else "error"
    if not any((d.code, d.severity) == (code, severity) and _is_about(d, place) for d in built.report):
        yield f"the page says {message[:100]!r}; flowbind has no {severity} {code} about {place}"


def _is_about(finding: Diagnostic, place: str) -> bool:
    """Tell whether a finding points to a place, into it, or to what it is in; a place may be its last part alone."""
    found = finding.pointer or ""
    return bool(found) and (f"{place}/" in f"{found}/" or place.startswith(f"{found}/"))


class _Nodes:
    """The nodes of a file, with their types."""

    def __init__(self, workflow: Mapping[str, Any], catalog: Catalog) -> None:
        self._nodes: list[Any] = workflow["nodes"]
        self._catalog = catalog

    def typed(self) -> Iterator[tuple[Any, NodeType]]:
        """Yield each node of a known type."""
        for node in self._nodes:
            node_type = self._catalog.get(node["data"].get("type", "")) if node["type"] == "invocation" else None
            if node_type:
                yield node, node_type

    def called(self, reason: str) -> Iterator[tuple[Place, InputField]]:
        """Yield the inputs that a reason `node -> input` may mean: the page names them by label, else by title."""
        for node, node_type in self.typed():
            for name, field in node_type.inputs.items():
                if reason == self.reason(node, node_type, name, field):
                    yield (node["id"].strip(), name), field

    def reason(self, node: Any, node_type: NodeType, name: str, field: InputField) -> str:
        """Return what the page says when an input has no value."""
        label = (node["data"].get("inputs") or {}).get(name, {}).get("label")
        title = field.title or re.sub(r"(?<=[a-z])(?=\d)", " ", name.replace("_", " ")).title()
        said = f"{node['data'].get('label') or node_type.title} -> {label or title}{_UNFED}"
        return " ".join(said.split())  # they were read from the screen

    def at(self, pointer: str | None) -> tuple[Any, NodeType, str] | None:
        """Return node, type and field name that a pointer leads to."""
        found = re.fullmatch(r"/nodes/(\d+)/data/inputs/([^/]+)", pointer or "")
        node = self._nodes[int(found[1])] if found else None
        node_type = self._catalog.get(node["data"]["type"]) if node else None
        return (node, node_type, found[2]) if found and node and node_type else None

    def unknown_inputs(self) -> int:
        """Return how many inputs the file has that their node types lack."""
        return sum(not t.accepts(name) for node, t in self.typed() for name in node["data"]["inputs"])


def _said(reason: str, built: Built, nodes: _Nodes) -> int:
    """Return how often flowbind says what the page says."""
    if reason == _NO_NODE:
        return len({d.pointer for d in built.errors if d.code == "FB301"})
    if reason == _NOTHING:
        return sum(d.code == "FB306" for d in built.errors)
    if reason.startswith(_BATCH):
        return int(_says_of_batches(built))
    if reason == _NO_FIELD:
        # The server takes the graph without them, so flowbind warns and goes on (contract, 2.1).
        return nodes.unknown_inputs() if any(d.code == "FB303" for d in built.report) else 0
    assert reason.endswith(_UNFED), reason
    return sum(_is_asked_for(place, field, built, nodes) for place, field in nodes.called(reason))


def _stopped_early(built: Built) -> bool:
    """Tell whether the file was refused before its inputs were looked at."""
    return bool({d.code for d in built.errors} & {"FB301", "FB305"})


def _is_asked_for(place: Place, field: InputField, built: Built, nodes: _Nodes) -> bool:
    """Tell whether flowbind wants a value for an input: as an error, or as an attribute that has to be set."""
    for finding in built.errors:
        if finding.code == "FB308" and (found := nodes.at(finding.pointer)) and (found[0]["id"], found[2]) == place:
            return True
    if built.module is None:
        return field.connects != "connection"  # the class that is not made would ask for it
    item = built.input_at(*place)
    return item is not None and item.required


def _says_of_batches(built: Built) -> bool:
    """Tell whether flowbind says that a batch cannot run: by a finding, a list that must be given, or at submit."""
    if any(d.code == "FB305" for d in built.report):
        return True
    if built.module is None:
        return False
    if any(i.required and i.node_type in BATCH_TYPES for i in built.module.inputs):
        return True
    try:
        preview(built.made())
    except InputError:
        return True
    return False


def _reason_of(error: Diagnostic, nodes: _Nodes) -> str | None:
    """Return how the page says what a file is refused for; None where it has several ways."""
    match error.code:
        case "FB301":
            return _NO_NODE
        case "FB306":
            return _NOTHING
        case "FB308" if found := nodes.at(error.pointer):
            node, node_type, name = found
            return nodes.reason(node, node_type, name, node_type.inputs[name])
        case _:
            return None


def _is_taken_for_junk(error: Diagnostic, record: Record, nodes: _Nodes) -> bool:
    """Tell whether flowbind misses a value where the page takes an object for one (contract, C1; decision 6)."""
    found = nodes.at(error.pointer)
    if error.code != "FB308" or not found:
        return False
    posted = record["unvalidated_enqueue_body"]["batch"]["graph"]["nodes"]
    return bool(posted[found[0]["id"]].get(found[2]) == JUNK)


def cannot_run_as_a_batch(record: Record) -> bool:
    """Tell whether the page blocks a file for its batch nodes."""
    return any(reason.startswith(_BATCH) for reason in record.get("reasons") or ())
