"""ComfyUI's exports and its servers' node classes with hostile texts, renamed so that most of them still make sense."""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.fidelity.prompts import ARE_HERE, all_pairs

from flowbind_generator.comfyui.engine import choosable, draft, shipped_catalog, shipped_document
from flowbind_generator.diagnostics import Report

from .hostile_documents import MOST_BYTES, Chance

GOLDEN = Path(__file__).resolve().parents[1] / "golden/comfyui/workflows"
_MOST_PAIRS = 80
# What the editor or the server gives a meaning of its own, wherever it stands.
_MEANT = frozenset({
    "INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "COLOR", "CURVE", "BOUNDING_BOX", "fixed", "randomize", "increment",
    "decrement", "PrimitiveNode", "Reroute", "Note", "MarkdownNote", "default", "options", "min", "max", "step",
    "tooltip", "template", "input", "name", "names", "type", "key", "inputs", "value", "values", "text", "title", "id",
    "required", "optional", "hidden", "prefix", "output", "display", "round", "link", "links", "nodes", "mode", "class",
})  # fmt: skip
# Keys beside which a text says how to read the file.
_WORDS = frozenset({"type", "class_type", "output", "widgetType", "display", "cnr_id", "ver", "allowed_types"})
_ADDRESS = re.compile(r"-?\d+(:-?\d+)*|COMFY_.*|.*,.*")
Renames = Mapping[str, str]
JSON: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 2**63, 10**30, 0.5, 1e308, "", "1", "-10", "*", "seed", [], {}, [[]],
    [None], {"a": {}}, ["1", 0], [1, 2, 0, 3, 0, "INT"], {"name": None}, {"__value__": []},
    "COMFY_DYNAMICCOMBO_V3", {"min": "x"},
)  # fmt: skip


@cache
def bases() -> tuple[dict[str, Any], ...]:
    """Return exports that can be generated: flowbind's own, and small ones of the editor's gallery where they are."""
    found: list[Any] = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.glob("*.json"))]
    for pair in all_pairs() if ARE_HERE else ():
        if len(found) >= _MOST_PAIRS:
            break
        found += [pair[kind] for kind in ("ui", "api") if len(json.dumps(pair[kind])) <= MOST_BYTES]
    known = shipped_catalog()
    return tuple(found for found in found if draft(json.dumps(found).encode(), known, Report("a.json")))


@cache
def addresses(base: int) -> tuple[str, ...]:
    """Return the addresses of what can be declared an input of an export."""
    found = choosable(json.dumps(bases()[base]).encode(), shipped_catalog(), Report("a.json"))
    assert found is not None
    return tuple(literal.address for literal in found.literals)


def small_document(exports: Sequence[Any]) -> dict[str, Any]:
    """Return what a server says of the node classes of some exports, and of no other."""
    classes = json.loads(gzip.decompress(shipped_document()))
    used = {text for export in exports for text in texts(export)} | {"SaveImage"}
    return {name: told for name, told in classes.items() if name in used}


def texts(value: Any) -> Iterator[str]:
    """Yield all texts of a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def renames(document: Mapping[str, Any], exports: Sequence[Any], chance: Chance) -> dict[str, str]:
    """Return new names for node classes, their inputs, types and choices, for subgraphs, and for nodes of prompts."""
    names: dict[str, None] = dict.fromkeys(document)
    for told in document.values():
        names |= dict.fromkeys(_names(told["input"]))
        names |= dict.fromkeys(kind for kind in told["output"] if isinstance(kind, str))
    for export in exports:
        names |= dict.fromkeys(sub["id"] for sub in (export.get("definitions") or {}).get("subgraphs") or ())
        names |= {} if "nodes" in export else dict.fromkeys(export)
    found: dict[str, str] = {}
    for name in names:
        if name not in _MEANT and not name.startswith("COMFY_"):
            found[name] = chance.once(name, {*_MEANT, *names, *found.values()} - {name})
    return found


def _names(value: Any) -> Iterator[str]:
    """Yield the names of inputs, and their types and choices."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, list):
                yield key
                yield from (one for one in inner if isinstance(one, str))
            elif key == "key" and isinstance(inner, str):
                yield inner
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner) if not isinstance(inner, str) else [inner]


def hostile(value: Any, names: Renames, chance: Chance, key: str = "") -> Any:
    """Return an export, or what a server says, with other names and with hostile texts."""
    if isinstance(value, dict):
        return {names.get(k) or _dotted(k, names) or k: hostile(v, names, chance, k) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v, names, chance, key) for v in value]
    if not isinstance(value, str):
        return value
    if (new := names.get(value) or _dotted(value, names)) is not None:
        return new
    kept = value in _MEANT or key in _WORDS or _ADDRESS.fullmatch(value)
    return value if kept and not chance.seldom() else chance.text(value)


def _dotted(text: str, names: Renames) -> str | None:
    """Return the new name of an input inside of another, None for any other text."""
    first, dot, rest = text.partition(".")
    return ".".join(names.get(part, part) for part in text.split(".")) if dot and rest and first in names else None


def broken(value: Any, chance: Chance) -> Any:
    """Return a JSON value in which a few places hold something else."""
    made = json.loads(json.dumps(value))
    random = chance.random
    for _ in range(random.randint(1, 4)):
        around: Any = made
        while isinstance(around, dict | list) and around:
            key = random.choice(list(around)) if isinstance(around, dict) else random.randrange(len(around))
            inner = around[key]
            if not isinstance(inner, dict | list) or not inner or random.random() < 0.15:
                around[key] = copy.deepcopy(random.choice((*JSON, chance.text("x"))))
                break
            around = inner
    return made
