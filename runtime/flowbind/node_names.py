"""Which node of a workflow people mean: by its id, its label or its type."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from flowbind.errors import NoOutput


def node_meant(workflow: str, key: str, labels: Mapping[str, str], types: Mapping[str, str]) -> str:
    """Return the id of a node; `labels` and `types` are by id. Raises `NoOutput` where there is none, or several."""
    if key in types:
        return key
    for called in (labels, types):
        found = [node for node, name in called.items() if name == key]
        if len(found) == 1:
            return found[0]
        if found:
            raise NoOutput(f'{workflow}: {len(found)} nodes are called "{key}"; use an id: {", ".join(found)}.')
    known = dict.fromkeys([*labels.values(), *types.values()])
    near = get_close_matches(key, known, n=3) or list(known)
    raise NoOutput(f'{workflow} has no node "{key}"; there are {", ".join(near)}.')
