"""The file that declares what is public of an export, written so that a person can go on from there."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from os.path import lexists

from flowbind.files import whole_file
from flowbind.saved_nodes import Literal
from flowbind_generator.choosable import Choosable
from flowbind_generator.declaration import Declaration, declared_in_settings, side_file
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.ir import Input, Module
from flowbind_generator.names import Candidate, attribute_names
from flowbind_generator.project import Project
from flowbind_generator.quoting import comment
from flowbind_generator.toml import quoted

_LONGEST = 60
_PUBLIC, _OTHER = "public:", "other:"


def write_declaration(project: Project, module: Module, found: Choosable) -> str:
    """Write the file beside an export, and return its name; raises `Refused` where the project declares it already."""
    path = side_file(project, module.source)
    name = project.source(path)
    report = Report(module.source)
    if lexists(path):
        report.error("FB502", f"{name} is there already.", "Edit it, or move it away to have another one written.")
    elif places := declared_in_settings(project, module.source):
        cause = f"{places[0].place} declares already what is public here."
        report.error("FB213", cause, "Edit it, or take it out to have a file written.")
    if report.refused:
        raise Refused(report)
    with whole_file(path) as part:
        part.write_text(declaration_text(module, found), encoding="utf-8", newline="\n")
    return name


def declaration_text(module: Module, found: Choosable) -> str:
    """Return the text of such a file: what is public now, and all else as comments."""
    literals = {literal.address: literal for literal in found.literals}
    by_place: defaultdict[tuple[str, str], list[Literal]] = defaultdict(list)
    for literal in found.literals:
        for place in literal.places:
            by_place[place].append(literal)
    inputs = {i.attribute: _addresses(i, by_place) for i in module.inputs if not i.connected}
    taken = {address for addresses in inputs.values() for address in addresses}
    others = [literal for literal in found.literals if literal.address not in taken]
    endings = {ending.node_id: ending for ending in found.endings}
    outputs = {o.attribute: endings[o.node_id] for o in module.outputs if o.node_id in endings}
    shown = {ending.node_id for ending in outputs.values()}
    more = [ending for ending in found.endings if ending.node_id not in shown]
    input_keys = _keys(inputs, [(one.address, one.address.rpartition(".")[2], one.title) for one in others])
    output_keys = _keys(outputs, [(one.address, one.kind, one.title) for one in more])
    lines = [
        f"# What is public of {comment(module.source)}: as long as this file is there, nothing else is.",
        "# Each line is an attribute, and where its value goes; take out the # to have one, rename it as you like.",
        "",
        "[inputs]",
    ]
    for attribute, addresses in inputs.items():
        value = quoted(addresses[0]) if len(addresses) == 1 else f"[{', '.join(map(quoted, addresses))}]"
        lines.append(f"{input_keys[_PUBLIC + attribute]} = {value}{_about(literals.get(addresses[0]))}")
    lines += [f"# {input_keys[_OTHER + one.address]} = {quoted(one.address)}{_about(one)}" for one in others]
    lines += ["", "[outputs]"]
    for attribute, ending in outputs.items():
        lines.append(f"{output_keys[_PUBLIC + attribute]} = {quoted(ending.address)}{_note(ending.kind, ending.title)}")
    lines += [
        f"# {output_keys[_OTHER + one.address]} = {quoted(one.address)}{_note(one.kind, one.title)}" for one in more
    ]
    return "\n".join(lines) + "\n"


def as_side_file(declaration: Declaration) -> str:
    """Return a declaration of the settings as the file beside an export says it."""
    tables: dict[str, dict[str, str]] = {
        "inputs": {name: f"[{', '.join(map(quoted, slots))}]" for name, slots in declaration.inputs.items()},
        "outputs": {name: quoted(address) for name, address in (declaration.outputs or {}).items()},
    }
    lines = ['values = "names"'] if declaration.by_name else []
    for table, values in tables.items():
        if values:
            lines += [f"[{table}]", *(f"{_key(name)} = {value}" for name, value in values.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if name.isascii() else quoted(name)


def _addresses(item: Input, by_place: Mapping[tuple[str, str], list[Literal]]) -> list[str]:
    """Return the fewest literals that have an input's value, those first that hand it to more places."""
    all_places = ((item.node_id, item.field_name), *item.also)
    places = set(all_places)
    at_all = {literal.address: literal for place in all_places for literal in by_place.get(place, ())}
    fitting = [literal for literal in at_all.values() if places.issuperset(literal.places)]
    found: list[str] = []
    for literal in sorted(fitting, key=lambda one: -len(one.places)):
        if not places.isdisjoint(literal.places):
            found.append(literal.address)
            places -= set(literal.places)
    # What the file has no value of is named by where it is posted.
    return found + [f"{node_id}.{name}" for node_id, name in all_places if (node_id, name) in places]


def _keys(public: Iterable[str], others: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return the TOML keys of attributes, and of those that would be by address; no two are the same."""
    # Where Python needs the name, the attribute gets its underscore anew.
    own = {attribute: attribute.rstrip("_") or attribute for attribute in public}
    counts = Counter(own.values())
    kept = {attribute: key if counts[key] == 1 else attribute for attribute, key in own.items()}
    pinned = {f"{_PUBLIC}{attribute}": key for attribute, key in kept.items()}
    candidates = [Candidate(place, (key,), ()) for place, key in pinned.items()]
    candidates += [Candidate(f"{_OTHER}{key}", (name,), (title, f"node {key}")) for key, name, title in others]
    names = attribute_names(candidates, reserved=(), pinned=pinned, prefix="value")
    return {key: _key(name) for key, name in names.items()}


def _about(literal: Literal | None) -> str:
    if literal is None:
        return ""
    return _note(literal.type, literal.title, json.dumps(literal.value))


def _note(kind: str, title: str, value: str = "") -> str:
    now = f", now {_short(value)}" if value else ""
    return f"  # {comment(_short(kind))}{comment(now)}, of {comment(_short(title))}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
