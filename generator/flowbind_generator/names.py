"""Python names from labels: valid, stable, told apart, in any language."""

from __future__ import annotations

import keyword
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Builtins that annotations of generated classes use: an attribute of that name would shadow them in the class body.
ANNOTATION_BUILTINS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})


@dataclass(frozen=True)
class Candidate:
    """What an input or output could be called, best first, and what tells it apart from its namesakes."""

    key: str
    names: Sequence[str]
    owners: Sequence[str]


def snake_case(text: str) -> str:
    """Return text as a lower-case identifier without outer underscores, or "" when nothing of it can be one."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    kept = "".join(c if ("_" + c).isidentifier() else "_" for c in text)
    words = [w for w in kept.split("_") if w]
    return unicodedata.normalize("NFKC", "_".join(words))


def identifier(text: str, prefix: str) -> str:
    """Return text in snake case; `prefix` goes before a name that may not start an identifier."""
    name = snake_case(text)
    return name if not name or name.isidentifier() else f"{prefix}_{name}"


def pascal_case(name: str) -> str:
    """Return a snake-case name as a class name."""
    # A capital may be several letters, which Python would join again.
    return unicodedata.normalize("NFKC", "".join(word[:1].upper() + word[1:] for word in name.split("_")))


def unreserved(name: str, reserved: Iterable[str]) -> str:
    """Return the name with a trailing underscore where Python or the base class needs it."""
    taken = set(reserved)
    while keyword.iskeyword(name) or name in ANNOTATION_BUILTINS or name in taken:
        name += "_"
    return name


def attribute_names(
    candidates: Sequence[Candidate], *, reserved: Iterable[str], pinned: Mapping[str, str], prefix: str
) -> dict[str, str]:
    """Give every candidate its own attribute name, by key.

    A pinned name is kept. Namesakes are told apart by their owners' names (node label, then node title), then by
    ordinals in the given order.
    """
    reserved = frozenset(reserved)
    names = {c.key: pinned[c.key] for c in candidates if c.key in pinned}
    taken = set(names.values())
    base = {c.key: _first(c.names, prefix) for c in candidates if c.key not in names}
    clashes = Counter(base.values())
    for candidate in candidates:
        if candidate.key in names:
            continue
        name = base[candidate.key]
        if clashes[name] > 1 or unreserved(name, reserved) in taken:
            name = _told_apart(candidate, name, [c for c in candidates if base.get(c.key) == name], prefix)
        name = unreserved(name, reserved)
        ordinal, wanted = 2, name
        while name in taken:
            name, ordinal = unreserved(f"{wanted}_{ordinal}", reserved), ordinal + 1
        names[candidate.key] = name
        taken.add(name)
    return names


def _first(texts: Sequence[str], prefix: str) -> str:
    return next((name for text in texts if (name := identifier(text, prefix))), prefix)


def _told_apart(candidate: Candidate, name: str, namesakes: Sequence[Candidate], prefix: str) -> str:
    """Return the name qualified by the first owner that differs from those of its namesakes, else the name itself."""
    for level, owner in enumerate(candidate.owners):
        qualifier = identifier(owner, prefix)
        same = sum(1 for other in namesakes if level < len(other.owners) and other.owners[level] == owner)
        if qualifier and same <= 1:
            return qualifier if qualifier == name or qualifier.endswith("_" + name) else f"{qualifier}_{name}"
    return name
