"""Python names from labels: valid, stable, told apart, in any language."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

# Builtins that annotations of generated classes use: an attribute of that name would shadow them in the class body.
ANNOTATION_BUILTINS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})
CLASS_PATH = re.compile(r"((?:[^\W\d]\w*\.)*[^\W\d]\w*)[:.]([^\W\d]\w*)")
"""Where a class is, as the settings have it; the dot before its name may be a colon."""
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""What Windows has in every folder, so that no file can be called like it, whatever its ending."""
# Python takes these in names, but nobody sees or types them: selectors after emoji (1️⃣, ❤️), joiners, fillers.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


@dataclass(frozen=True)
class Candidate:
    """What an input or output could be called, best first, and what tells it apart from its namesakes."""

    key: str
    names: Sequence[str]
    owners: Sequence[str]


def snake_case(text: str) -> str:
    """Return text as a lower-case identifier without outer underscores, or "" when nothing of it can be one."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower())
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


@cache
def members(base: type) -> frozenset[str]:
    """Return the names that a base class needs; pydantic warns of those of its metaclass (`mro`, `register`), too."""
    return frozenset({*dir(base), *dir(type(base))})


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
    owners = Counter((base[c.key], *owner) for c in candidates if c.key in base for owner in enumerate(c.owners))
    ordinals: Counter[str] = Counter()
    for candidate in candidates:
        if candidate.key in names:
            continue
        wanted = base[candidate.key]
        if clashes[wanted] > 1 or unreserved(wanted, reserved) in taken:
            wanted = _told_apart(candidate, wanted, owners, prefix)
        name = unreserved(wanted, reserved)
        while name in taken:
            ordinals[wanted] += 1
            name = unreserved(f"{wanted}_{ordinals[wanted] + 1}", reserved)
        names[candidate.key] = name
        taken.add(name)
    return names


def _first(texts: Sequence[str], prefix: str) -> str:
    return next((name for text in texts if (name := identifier(text, prefix))), prefix)


def _told_apart(candidate: Candidate, name: str, owners: Mapping[tuple[str, int, str], int], prefix: str) -> str:
    """Return the name qualified by the first owner that its namesakes do not share, else the name itself.

    `owners` counts by name, level and owner.
    """
    for level, owner in enumerate(candidate.owners):
        qualifier = identifier(owner, prefix)
        if qualifier and owners[name, level, owner] <= 1:
            return qualifier if qualifier == name or qualifier.endswith("_" + name) else f"{qualifier}_{name}"
    return name
