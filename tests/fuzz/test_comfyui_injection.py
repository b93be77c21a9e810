"""Hostile text in every place of ComfyUI's exports, declarations and node classes, through the real commands."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from flowbind import inputs
from flowbind.comfyui.preview import preview
from flowbind.errors import InputError
from flowbind_generator.comfyui.prompt import is_link
from flowbind_generator.comfyui.texts import dynamic_prompt
from flowbind_generator.toml import quoted

from .checking import check
from .comfyui_documents import Renames, addresses, bases, broken, hostile, renames, small_document, texts
from .drawn import Drawn, drawings, path_of
from .hostile_documents import Chance, as_png
from .projects import HostileProject

BATCH = 10
EXAMPLES = max(80, settings().max_examples) // BATCH
"""Projects: 80 cases by default, as many as the profile says where it says more."""
counts: Counter[str] = Counter()
"""What was tried, for the table of `make fuzz`."""


class ComfyUIProject(HostileProject):
    """Exports of ComfyUI."""

    looks = (
        ("inspect", "--format", "text"),
        ("inspect", "--all"),
        ("inspect", "--all", "--format", "json"),
        ("inspect", "--declare"),
        ("payload",),
        ("generate",),
    )

    def as_png(self, text: bytes) -> bytes:
        """Return a picture with an export in it."""
        return as_png(text, b"workflow" if b'"links"' in text else b"prompt")

    def assert_values(self, package: ModuleType, source: str, entry: Mapping[str, Any]) -> bool:
        """Check that a class holds what its export says; return whether a request could be built."""
        made = getattr(package, entry["class_name"])
        assert made.__flowbind__.source == f"workflows/{source}"
        graph = json.loads((self.output / f"{entry['module']}.graph.json").read_bytes())
        told = set(texts(self.exports[source])) | set(texts(self.document))
        # Braces around one choice are gone when it is posted.
        told |= {dynamic_prompt(text) or text for text in told}
        for node in graph.values():
            assert node["class_type"] in self.document
            literals = [value for value in node["inputs"].values() if not is_link(value)]
            # The editor makes texts of numbers where a text belongs.
            made_up = {text for text in texts(literals) if text not in told and not _NUMBER.fullmatch(text)}
            assert made_up <= _WRAPPED
        if "nodes" in self.exports[source]:
            stored = json.loads((self.output / f"{entry['module']}.workflow.json").read_bytes())
            assert stored == self.exports[source]
        for info in inputs(made):
            own = graph[info.node]["inputs"].get(info.field)
            assert not (isinstance(info.default, str) and isinstance(own, str)) or info.default == own
        required = [info for info in inputs(made) if info.required]
        expanding = {(slot.node, slot.field) for slot in made.__flowbind__.slots if slot.kind in ("text", "pattern")}
        try:
            posted, _ = preview(made(**{info.attribute: "a" for info in required}))
        except InputError:
            return False
        for node, name in {*expanding, *((info.node, info.field) for info in required)}:
            for document in (posted, graph):
                document[node]["inputs"].pop(name, None)
        assert posted == graph
        return True

    def relabelled(self, export: Any) -> Any:
        """Return an export in which texts stand in each other's places."""
        nodes = export.get("nodes") if isinstance(export, dict) else None
        for node in nodes if isinstance(nodes, list) else ():
            if isinstance(node, dict):
                node["title"] = f"in: {node.get('type')}"
        return export


_WRAPPED = {"__value__", "__type__"}
_NUMBER = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?|true|false")


def project_of(drawn: Drawn) -> ComfyUIProject:
    """Return a project with hostile exports, of which some are declared or broken, and the node classes for them."""
    # So many places with a very long text are a document that is too long itself.
    chance = (drawn._replace(long=None) if drawn.own_document else drawn).chance
    random = chance.random
    numbers = [random.randrange(len(bases())) for _ in range(BATCH)]
    document, names = small_document([bases()[number] for number in numbers]), {}
    if drawn.own_document:
        names = renames(document, [bases()[number] for number in numbers], chance)
        document = hostile(document, names, chance)
    exports: dict[str, Any] = {}
    side_files: dict[str, str] = {}
    for number in numbers:
        path = path_of(chance, len(exports), exports)
        exports[path] = hostile(bases()[number], names, chance)
        if random.random() < 0.1:
            exports[path] = broken(exports[path], chance)
        if random.random() < 0.2:
            side_files[str(Path(path).with_name(f"{Path(path).stem}.flowbind.toml"))] = _declared(number, names, chance)
    pictures = frozenset(path for path in exports if path.lower().endswith(".png"))
    return ComfyUIProject(exports, pictures, document, side_files)


def _declared(base: int, names: Renames, chance: Chance) -> str:
    """Return the text of a declaration; few of its words are hostile: one of them refuses the workflow."""
    lines = ["[inputs]"]
    few = Chance(chance.texts, chance.random, 0.03)
    for number, address in enumerate(chance.random.sample(addresses(base), min(4, len(addresses(base))))):
        node, _, name = address.partition(".")
        renamed = f"{names.get(node, node)}.{'.'.join(names.get(part, part) for part in name.split('.'))}"
        lines.append(f"{quoted(few.text(f'a{number}'))} = {quoted(few.text(renamed))}")
    return few.text("\n".join(lines) + "\n")


@settings(max_examples=EXAMPLES, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
@given(drawings())
def test_hostile_texts_stay_texts(drawn: Drawn) -> None:
    with TemporaryDirectory(prefix="flowbind-fuzz-") as folder:
        check(project_of(drawn), Path(folder).resolve(), counts)
