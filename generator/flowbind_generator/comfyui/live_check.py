"""What a running server lacks of what workflows name: models of its lists, and files that were uploaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from flowbind.comfyui.files import StoredFile
from flowbind.comfyui.schema.live_inputs import input_named
from flowbind.comfyui.schema.node_classes import NodeClasses, NodeInput
from flowbind.comfyui.schema.served import ServedClasses
from flowbind.findings import Finding, finding
from flowbind_generator.comfyui.fetch import fetch, has_file
from flowbind_generator.manifest import is_comparable
from flowbind_generator.server_rules import IMAGE_MISSING, MODEL_MISSING, UPLOAD_MISSING, VIDEO_MISSING

Named = Mapping[str, Any]
# By the kind of what is named: the rule, and what messages call it.
_FILES = {
    "image": (IMAGE_MISSING, "image"),
    "video": (VIDEO_MISSING, "video"),
    "audio": (UPLOAD_MISSING, "sound"),
    "model_3d": (UPLOAD_MISSING, "3D model"),
    "file": (UPLOAD_MISSING, "file"),
}
_MOST_ALIKE = 3


@contextmanager
def live(url: str) -> Iterator[LiveComfyUI]:
    """Yield a running server; raises `Refused` where it does not answer as it should."""
    document, release = fetch(url)
    yield LiveComfyUI(url, NodeClasses(document), release)


class LiveComfyUI:
    """A running server with its node classes, whose lists say which models it has."""

    def __init__(self, url: str, classes: NodeClasses, release: str | None) -> None:
        self.served = ServedClasses(classes, release)
        self._url = url
        self._classes = classes
        self._files: dict[StoredFile, bool] = {}

    def lacks(self, workflows: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
        """Return what the server lacks of what workflows name, by their manifest entries."""
        return [
            found
            for source, entry in workflows.items()
            if is_comparable(entry)
            for named in entry["named"]
            if (found := self._finding(source, entry, named))
        ]

    def _finding(self, source: str, entry: Mapping[str, Any], named: Named) -> Finding | None:
        """Return what is wrong with one thing that a workflow names, None where the server has it, or does not say."""
        node_type, name, value = named["node_type"], named["field_name"], named["value"]
        listed = self._input(entry, node_type, name)
        # A class or input that is gone is drift. What the browser asks elsewhere for is in no list.
        if listed is None or listed.choices is None or listed.options.get("remote") or value in listed.choices:
            return None
        where = {
            "source": source,
            "class_name": entry["class_name"],
            "attribute": _attribute(entry["inputs"], named["node_id"], name),
            "place": f"{node_type}.{name}",
            "old": value,
        }
        if named["kind"] not in _FILES:
            cause = f'The server has no "{value}" in the list of {node_type}.{name}.{_hint(value, listed.choices)}'
            cure = "Install it on the server, or set the input to one that the server has."
            return finding(MODEL_MISSING, None, cause, cure, **where)
        # Its list has the files of one folder only.
        if self._has_file(value):
            return None
        rule, word = _FILES[named["kind"]]
        cause = f'The server has no {word} "{value}" among the files for its runs.'
        cure = "Set the input to a file of yours, or to one that the server has."
        return finding(rule, None, cause, cure, **where)

    def _input(self, entry: Mapping[str, Any], node_type: str, name: str) -> NodeInput | None:
        used = entry["node_types"].get(node_type, {}).get("inputs", {}).get(name, {})
        node_class = self._classes.get(node_type)
        return None if node_class is None else input_named(node_class, name, used.get("under", {}))

    def _has_file(self, name: str) -> bool:
        try:
            file = StoredFile.parse(name)
        except ValueError:
            return False
        if file not in self._files:
            self._files[file] = has_file(self._url, file)
        return self._files[file]


def _attribute(inputs: Sequence[Mapping[str, Any]], node_id: str, name: str) -> str | None:
    """Return the attribute whose value an input of the prompt gets."""
    place = [node_id, name]
    given = (item for item in inputs if place in ([item["node_id"], item["field_name"]], *item.get("also", ())))
    return next((item["attribute"] for item in given), None)


def _hint(value: str, choices: Sequence[Any]) -> str:
    """Return a sentence with some of the names that a list has, those like a value first."""
    names = sorted(choice for choice in choices if isinstance(choice, str))
    if not names:
        return " It is empty."
    by_stem = {_stem(name): name for name in names}
    alike = [by_stem[stem] for stem in get_close_matches(_stem(value), by_stem, n=_MOST_ALIKE, cutoff=0.5)] or names[
        :_MOST_ALIKE
    ]
    return f" It has {', '.join(alike)}{' and others' if len(names) > len(alike) else ''}."


def _stem(name: str) -> str:
    """Return what tells names of files apart: folders and endings make others look alike."""
    return name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0].lower()
