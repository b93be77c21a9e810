"""Whether a server runs a prompt: all of it, a part, or nothing, by the rules of its own validation."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowbind.comfyui.schema.live_inputs import live_inputs
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.prompt import Prompt, PromptNode, is_link
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer

_CONNECT = "Connect it in the editor and save again."
_NOTHING = "; as it is, the server runs nothing"
_MOST_SHOWN = 8
_CUT = "Take one of these connections out in the editor and save again."


@dataclass(frozen=True)
class _Fault:
    """Why the server does not run a node, nor what needs it."""

    node: PromptNode
    code: str
    cause: str
    cure: str


def check_runs(prompt: Prompt, catalog: Catalog, report: Report) -> None:
    """Tell of the parts of a prompt that a server leaves out; refuse one of which it runs nothing, and never will.

    What only lacks a connection is not refused: the editor posts that, too, and unfinished workflows are kept.
    """
    ends = [n.id for n in prompt.nodes.values() if n.class_type in catalog and catalog[n.class_type].is_output]
    if not prompt.nodes:
        report.error("FB306", "No node of the workflow runs.", "Add nodes in the editor and save again.")
        return
    if not ends:
        report.error(
            "FB306",
            "No node of the workflow saves or shows a result, so a server runs none of them.",
            'Add a node such as "Save Image" in the editor and save again.',
        )
        return
    faults, sources = _validate(prompt, catalog, ends)
    runs = not _running(sources, {fault.node.id for fault in faults}).isdisjoint(ends)
    for fault in faults:
        is_unfinished = fault.code == "FB308"
        tell = report.warning if runs or is_unfinished else report.error
        left_out = "; the server leaves out all that needs this node" if runs else _NOTHING if is_unfinished else ""
        keys = prompt.by_path[fault.node.path].keys if fault.node.path in prompt.by_path else ()
        tell(
            fault.code,
            f"{fault.cause}{left_out}.",
            fault.cure,
            pointer=json_pointer(keys),
            node_label=fault.node.title or None,
        )


def _validate(prompt: Prompt, catalog: Catalog, ends: Sequence[str]) -> tuple[list[_Fault], Mapping[str, list[str]]]:
    """Return the faults of the nodes that results need, and by node the nodes that it needs itself."""
    faults: list[_Fault] = []
    sources: dict[str, list[str]] = {}
    todo = list(reversed(ends))
    while todo:
        node_id = todo.pop()
        if node_id in sources:
            continue
        node = prompt.nodes[node_id]
        needed = [value[0] for value in node.inputs.values() if is_link(value) and value[0] in prompt.nodes]
        sources[node_id] = list(dict.fromkeys(needed))
        faults += _faults(node, prompt, catalog)
        todo += reversed(sources[node_id])
    if circle := _circle(sources):
        shown = [f'"{prompt.nodes[node_id].title}" ({node_id})' for node_id in circle]
        if len(shown) > _MOST_SHOWN:
            shown[_MOST_SHOWN - 1 : -1] = ["..."]
        path = " -> ".join(shown)
        faults.append(_Fault(prompt.nodes[circle[0]], "FB302", f"The node needs its own result: {path}", _CUT))
    return faults, sources


def _faults(node: PromptNode, prompt: Prompt, catalog: Catalog) -> Iterator[_Fault]:
    if node.class_type not in catalog:
        return
    # The server looks at no other inputs.
    for item in live_inputs(catalog[node.class_type], node.inputs).values():
        if item.name not in node.inputs:
            if item.required:
                yield _Fault(node, "FB308", f'Nothing feeds the input "{item.name}", which a run needs', _CONNECT)
            continue
        value = node.inputs[item.name]
        if not isinstance(value, list):
            continue
        if not is_link(value):
            yield _Fault(
                node, "FB302", f'The input "{item.name}" has a list, which is neither value nor link', _CONNECT
            )
            continue
        source, place = value
        if source not in prompt.nodes:
            yield _Fault(
                node, "FB302", f'The input "{item.name}" is fed by node {source}, which is not there', _CONNECT
            )
        elif (feeding := prompt.nodes[source]).class_type in catalog:
            number = len(catalog[feeding.class_type].outputs)
            if not 0 <= place < number:
                has = f'by output {place} of "{feeding.title}", which has {number}'
                yield _Fault(node, "FB302", f'The input "{item.name}" is fed {has}', _CONNECT)


def _running(sources: Mapping[str, list[str]], faulty: Container[str]) -> set[str]:
    """Return the nodes that a server runs: neither they nor what they need have a fault, or need each other."""
    needing: dict[str, list[str]] = {}
    for node_id, needed in sources.items():
        for source in needed:
            needing.setdefault(source, []).append(node_id)
    waiting = {node_id: len(needed) for node_id, needed in sources.items()}
    running: set[str] = set()
    todo = [node_id for node_id, number in waiting.items() if not number]
    while todo:
        if (node_id := todo.pop()) in faulty:
            continue
        running.add(node_id)
        for following in needing.get(node_id, ()):
            waiting[following] -= 1
            if not waiting[following]:
                todo.append(following)
    return running


def _circle(sources: Mapping[str, list[str]]) -> list[str]:
    """Return nodes that need each other in a circle, its first one at the end again; none where there is no circle."""
    done: set[str] = set()
    for start in sources:
        path: dict[str, Iterator[str]] = {}
        node_id = start
        while node_id not in done:
            path.setdefault(node_id, iter(sources[node_id]))
            following = next(path[node_id], None)
            if following is None:
                done.add(node_id)
                del path[node_id]
                if path:
                    node_id = next(reversed(path))
            elif following in path:
                ids = list(path)
                return [*ids[ids.index(following) :], following]
            elif following not in done:
                node_id = following
    return []
