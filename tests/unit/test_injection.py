"""Text from strangers never becomes code: any text in any place of an export gives a module that holds that text."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flowbind import inputs
from flowbind_generator.changes import changes
from flowbind_generator.diagnostics import Report
from flowbind_generator.format import format_sources
from flowbind_generator.generate import plan
from flowbind_generator.invokeai import engine
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import find_project
from flowbind_generator.render import render_module
from flowbind_generator.resolve import resolve
from flowbind_generator.verify import verify_module

from .exports import FILE, as_bytes, edge, form, node, picture, with_source, workflow, write
from .exports import given as entry

CATALOG = engine.shipped_catalog()
SENTINEL = "flowbind_pwned"
RUN = f"__import__('builtins').__dict__.__setitem__('{SENTINEL}', 1)"
PAYLOADS = [
    f'"""\n{RUN}\n"""',
    f'"""\n    {RUN}\n    """',
    f"'''\n{RUN}\n'''",
    f'"); {RUN} #',
    f"'); {RUN} #",
    f"\\'); {RUN} #",
    f'\\"""\n{RUN}\n#',
    'x"""',
    '"',
    '""',
    '"""',
    "\\",
    "\\\\\\",
    f"\n{RUN}\n",
    f"\r{RUN}\r",
    f"\u2028{RUN}\u2029",
    f"\x0c{RUN}\x0b",
    f"{{{{ {RUN} }}}}",
    f"{{% set x = {RUN} %}}",
    f"{{{RUN}}}",
    f"f'{{{RUN}}}'",
    "# type: ignore",
    "# fmt: off",
    "# ruff: noqa",
    "\\N{BULLET}\\x41\\u0041",
    "\x00",
    "\u202e\u2066gnp.exe",
    "../../evil",
    "/etc/passwd",
    "C:\\evil",
    "__flowbind__",
    "__init__",
    "model_config",
    "self",
    "Field",
    "Literal['a']",
]
TEXT = st.one_of(
    st.sampled_from(PAYLOADS),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.builds(str.__add__, st.sampled_from(PAYLOADS), st.text("\"'\\\n #{}%()", max_size=4)),
)


@pytest.fixture(autouse=True)
def nothing_ran() -> Iterator[None]:
    """Check that no text was run as code."""
    yield
    assert not hasattr(builtins, SENTINEL)


def hostile(texts: list[str]) -> dict[str, Any]:
    """Return a small workflow with a text in every place where a stranger could put one."""
    text = cycle(texts)
    ids = [f"{i}{next(text)}" for i in range(6)]  # ids differ and are not blank
    options = [{"label": next(text), "value": next(text)} for _ in range(2)]
    model = {k: f"x{next(text)}" for k in ("key", "hash", "name")} | {"base": "sd-1", "type": "main"}

    document = workflow(
        node(
            "0",
            "blank_image",
            {"width": entry(64, label=next(text), description=next(text))},
            label=next(text),
            visible=True,
        ),
        node("1", "string", {"value": entry(next(text), label=next(text), description=next(text))}, label=next(text)),
        node("2", "main_model_loader", {"model": entry(model, label=next(text))}, label=next(text)),
        node("3", "string_collection", {"collection": entry([next(text), next(text)], label=next(text))}),
        node("4", "image", {"image": entry({"image_name": f"x{next(text)}"}, label=next(text))}, label=next(text)),
        node("5", "core_metadata", {"extra": {next(text): [next(text)]}, f"x{next(text)}": next(text)}),
        edges=[edge("4.width", "0.height")],
        form=form(
            "0.width",
            ("1.value", {"type": "string-field-config", "component": "dropdown", "options": options}),
            "2.model",
            "3.collection",
            "4.image",
            "0.board",
        ),
        name=next(text),
        description=next(text),
        author=next(text),
        notes=next(text),
        tags=next(text),
        contact=next(text),
    )
    document["nodes"][0]["data"]["inputs"]["board"] = {"name": "board", "value": {"board_id": f"x{next(text)}"}}
    for item in document["nodes"]:
        item["id"] = item["data"]["id"] = ids[int(item["id"])]
        item["data"]["notes"] = next(text)
    for wire in document["edges"]:
        wire |= {"id": f"e{next(text)}", "source": ids[int(wire["source"])], "target": ids[int(wire["target"])]}
    for element in document["form"]["elements"].values():
        if element["type"] == "node-field":
            where = element["data"]["fieldIdentifier"]
            where["nodeId"] = ids[int(where["nodeId"])]
    return document


def module_of(document: dict[str, Any]) -> Module:
    report = Report(FILE)
    draft = engine.draft(as_bytes(document), CATALOG, report)
    assert draft is not None, list(map(str, report))
    return resolve(draft, source=FILE, name="a", class_name="A", pinned={})


def all_texts(test: Any) -> Any:
    for payload in PAYLOADS:
        test = example([payload])(test)
    return test


@all_texts
@given(st.lists(TEXT, min_size=1, max_size=6))
def test_any_text_in_any_place_is_data(texts: list[str]) -> None:
    document = hostile(texts)
    module = module_of(document)
    source = format_sources({"a.py": render_module(module)["a.py"]})["a.py"]
    verify_module(with_source(module, source), module)
    assert all(c.isprintable() or c == "\n" for c in source)
    made = class_of(module)
    assert not hasattr(builtins, SENTINEL)

    infos = {i.field: i for i in inputs(made)}
    saved = {n["data"]["type"]: n for n in document["nodes"]}
    assert set(infos) == {"width", "value", "model", "collection", "image", "board"}
    for info in infos.values():
        (shown,) = (n["data"]["inputs"][info.field] for n in document["nodes"] if info.field in n["data"]["inputs"])
        label = shown.get("label", "").strip()
        assert info.label == label if label else info.label
        assert info.attribute.isidentifier()
    value = saved["string"]["data"]["inputs"]["value"]["value"]
    model = saved["main_model_loader"]["data"]["inputs"]["model"]["value"]
    assert infos["value"].default == value
    assert infos["collection"].default == saved["string_collection"]["data"]["inputs"]["collection"]["value"]
    assert (infos["model"].default.key, infos["model"].default.name) == (model["key"], model["name"])
    graph = json.loads(made.__flowbind__.loaded[module.graph_file])
    assert graph == module.graph
    assert graph["nodes"][saved["string"]["id"].strip()]["value"] == value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@all_texts
@given(st.lists(TEXT, min_size=1, max_size=3))
def test_files_stay_in_their_folder(tmp_path: Path, texts: list[str]) -> None:
    write(tmp_path, b"[tool.flowbind]\n", "pyproject.toml")
    write(tmp_path, hostile(texts), "workflows/a.json")
    project = find_project(tmp_path)
    made = plan(project, {"invokeai": CATALOG}, Manifest())
    assert set(made.files) == {"__init__.py", "py.typed", "manifest.json", "a.py", "a.graph.json", "a.workflow.json"}
    assert all(
        (project.output / c.name).parent == project.output for c in changes(project.output, made.files, Manifest())
    )


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0:\n\r"), min_size=1, max_size=20).filter(
    lambda n: not n.startswith(".")
)


@example("x'); print(1) #")
@example('x"""')
@example("a\u202eb")
@given(NAMES)
def test_any_file_name_is_data(name: str) -> None:
    source = f"workflows/{name}.json"
    report = Report(source)
    draft = engine.draft(as_bytes(workflow(picture(width=1))), CATALOG, report)
    assert draft is not None
    module = resolve(draft, source=source, name="a", class_name="A", pinned={})
    text = render_module(module)["a.py"]
    verify_module(with_source(module, text), module)
    assert class_of(module).__flowbind__.source == source
    first = text.splitlines()[0]
    assert first.startswith("# Generated by flowbind from workflows/")
    assert first.endswith("run `flowbind generate`.")
